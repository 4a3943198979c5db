import { describe, expect, test } from "vitest";
import { type Block, parseMessage, type Span } from "./markdown.ts";

/** A message as marked text: `<em>`, `<strong>`, `<code>`, `<pre>`, and links as `<a address>`. */
function show(text: string): string {
  return parseMessage(text).map(showBlock).join("");
}

function showBlock(block: Block): string {
  return block.type === "code" ? `<pre>${block.text}</pre>` : block.spans.map(showSpan).join("");
}

function showSpan(span: Span): string {
  switch (span.type) {
    case "text":
      return span.text;
    case "code":
      return `<code>${span.text}</code>`;
    case "link":
      return `<a ${span.href}>${span.text}</a>`;
    case "em":
    case "strong":
      return `<${span.type}>${span.spans.map(showSpan).join("")}</${span.type}>`;
  }
}

describe("emphasis and code", () => {
  test.each([
    ["run `npm test` now", "run <code>npm test</code> now"],
    ["`` a ` b ``", "<code>a ` b</code>"],
    ["```one line```", "<code>one line</code>"],
    ["`*x* https://a.example`", "<code>*x* https://a.example</code>"],
    ["*this* and _that_", "<em>this</em> and <em>that</em>"],
    ["**really**!", "<strong>really</strong>!"],
    ["***both***", "<strong><em>both</em></strong>"],
    ["**bold with *em* in it**", "<strong>bold with <em>em</em> in it</strong>"],
    ["*em with **bold***", "<em>em with <strong>bold</strong></em>"],
    ["(*in brackets*), “_quoted_”", "(<em>in brackets</em>), “<em>quoted</em>”"],
    [
      "*`code`* and **https://a.example/**",
      "<em><code>code</code></em> and <strong><a https://a.example/>https://a.example/</a></strong>",
    ],
    ["これは*強調*です", "これは<em>強調</em>です"],
    ["*two\nlines*", "<em>two\nlines</em>"],
    ["*🎉*", "<em>🎉</em>"],
  ])("%j", (text, shown) => {
    expect(show(text)).toBe(shown);
  });

  test.each([
    "2*3*4 = 24",
    "2 * 3 * 4",
    "a_variable_name and __init__",
    "¯\\_(ツ)_/¯",
    ">_< and >_<",
    "^_^ -_- *_* ;_;",
    "* one\n* two",
    "*a\n\nb*",
    "****",
    "**",
    "_ _",
    "\\*as it is\\*",
    "5 * 4 and *not closed",
    "it's ` alone",
    "``",
    "` `",
    "`a\n\nb`",
    "C:\\_files_\\*.txt",
    "```\nnothing closes this",
    "```\n\n```",
    "# no heading\n> no quote\n- no list",
    "[bank.example](javascript:alert(1))",
    "<b>no HTML</b> <img src=x onerror=alert(1)> &amp;",
  ])("%j is text", (text) => {
    expect(show(text)).toBe(text);
  });

  test("a block of code keeps its lines, its spaces and its markers", () => {
    expect(show("look:\n```ts\nconst a = *b*;\n\n\n  // `x` <b>\n```\nnice *one*")).toBe(
      "look:<pre>const a = *b*;\n\n\n  // `x` <b></pre>nice <em>one</em>",
    );
    expect(show("````\n```\ninside\n```\n````")).toBe("<pre>```\ninside\n```</pre>");
    expect(show("```\na\n```\n```\nb\n```")).toBe("<pre>a</pre><pre>b</pre>");
  });

  test("outside of code, empty lines are one at a time", () => {
    expect(show("a\n\n\n\nb")).toBe("a\n\nb");
    expect(show("\n")).toBe("\n");
  });
});

describe("links", () => {
  test.each([
    ["see example.com/x.", "see <a https://example.com/x>example.com/x</a>."],
    ["(www.example.org)", "(<a https://www.example.org/>www.example.org</a>)"],
    ["*example.com/a_b_c*", "<em><a https://example.com/a_b_c>example.com/a_b_c</a></em>"],
    ["[bank.example](https://evil.example/)", "[bank.example](<a https://evil.example/>https://evil.example/</a>)"],
    ["_https://a.example/x_", "<em><a https://a.example/x>https://a.example/x</a></em>"],
  ])("%s", (text, shown) => {
    expect(show(text)).toBe(shown);
  });
});

test.each(["*a ", "**a", "_*", "`", "``` ", "[", "*_**_*a", "```\n", "a.b/", "www.", "https://", "(", "*a* "])(
  "a message full of %j is parsed in no time, and loses nothing but markers",
  (piece) => {
    const text = piece.repeat(Math.ceil(16_000 / piece.length));
    const letters = (what: string): string => what.replace(/<[^>]*>|[*_`\s]/g, "");
    expect(letters(show(text)).length).toBeGreaterThanOrEqual(letters(text).length);
  },
);
