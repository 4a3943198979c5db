import { afterEach, describe, expect, test, vi } from "vitest";
import { copyText } from "./copy.ts";

// What a real browser does is in test/e2e/chat-page.browser.test.ts.

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A page whose browser copies what is selected where `lets` is true. Holds the clipboard's text, and what is left of the page. */
class Page {
  clipboard = "";
  readonly body: unknown[] = [];
  focused = 0;

  constructor({ lets, writeText }: { readonly lets: boolean; readonly writeText?: (text: string) => Promise<void> }) {
    const { body } = this;
    let selected = "";
    const focus = () => (this.focused += 1);
    class HTMLElement {
      readonly focus = focus;
    }
    const field = () => ({
      value: "",
      style: {},
      select(): void {
        selected = this.value;
      },
      remove(): void {
        body.splice(body.indexOf(this), 1);
      },
    });
    vi.stubGlobal("HTMLElement", HTMLElement);
    vi.stubGlobal("navigator", writeText === undefined ? {} : { clipboard: { writeText } });
    vi.stubGlobal("document", {
      activeElement: new HTMLElement(),
      body: { append: (element: unknown) => body.push(element) },
      createElement: field,
      execCommand: () => {
        if (lets) this.clipboard = selected;
        return lets;
      },
    });
  }
}

describe("on plain HTTP, where there is no navigator.clipboard", () => {
  test("a text is copied, the page is as before, and the focus is back", async () => {
    const page = new Page({ lets: true });
    await copyText("a link");
    expect([page.clipboard, page.body, page.focused]).toEqual(["a link", [], 1]);
  });

  test("a browser that does not let the page copy is an error, not silence", async () => {
    const page = new Page({ lets: false });
    await expect(copyText("a link")).rejects.toThrow("This browser does not let the page copy.");
    expect([page.clipboard, page.body, page.focused]).toEqual(["", [], 1]);
  });
});

test("with navigator.clipboard the text goes there; where that is refused, a selection is copied", async () => {
  const writeText = vi.fn<(text: string) => Promise<void>>().mockResolvedValue(undefined);
  const page = new Page({ lets: true, writeText });
  await copyText("one");
  expect([writeText.mock.calls, page.clipboard]).toEqual([[["one"]], ""]);
  writeText.mockRejectedValue(new DOMException("no", "NotAllowedError"));
  await copyText("two");
  expect(page.clipboard).toBe("two");
});
