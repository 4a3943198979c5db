import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ClientMessage } from "../../src/protocol/client/index.ts";
import { CODES } from "../../src/protocol/codes.ts";
import { RoomMessage } from "../../src/protocol/room/index.ts";
import { OLDER_PING, OLDER_PONG, PING, PONG, PROTOCOL_VERSION, SUBPROTOCOL } from "../../src/protocol/version.ts";

const page = readFileSync(new URL("../../PROTOCOL.md", import.meta.url), "utf8");

/** The page's JSON lines, each with the heading it stands under. */
function examples(): { readonly heading: string; readonly line: string }[] {
  const found: { heading: string; line: string }[] = [];
  let heading = "";
  let within = false;
  for (const line of page.split("\n")) {
    if (line.startsWith("```")) within = line === "```json";
    else if (within) found.push({ heading, line });
    else if (line.startsWith("#")) heading = line.replaceAll(/^#+ |`/g, "");
  }
  return found;
}

test("the code table of PROTOCOL.md is that of src/protocol/codes.ts", () => {
  const table = Object.entries(CODES).map(([code, row]) => {
    const close = "close" in row ? String(row.close) : "";
    return `| \`${code}\` | ${row.status} | ${close} | ${row.means} |`;
  });
  const written = /<!-- codes[^>]*-->\n(.*?)\n<!-- \/codes -->/s.exec(page)?.[1]?.split("\n");
  expect(written).toEqual(["| code | HTTP | close | meaning |", "| --- | --- | --- | --- |", ...table]);
});

describe("every example", () => {
  test("there are some of each message", () => {
    const types = new Set(examples().map(({ line }) => (JSON.parse(line) as { t: string }).t));
    expect([...types].sort()).toEqual([
      "ack",
      "done",
      "hello",
      "mark",
      "mutate",
      "ops",
      "presence",
      "refused",
      "snapshot",
      "welcome",
    ]);
  });

  test.each(examples().map(({ heading, line }) => [heading, line]))(
    "under %s is a message of the protocol: %s",
    (_, line) => {
      const message: unknown = JSON.parse(line);
      const fits = [ClientMessage, RoomMessage].filter((schema) => v.is(schema, message));
      expect(fits).toHaveLength(1);
      // Nothing of it is unknown to the schema, which would drop it silently.
      expect(fits.map((schema) => v.parse<typeof ClientMessage | typeof RoomMessage>(schema, message))).toEqual([
        message,
      ]);
    },
  );

  test("under a message's own heading is that message", () => {
    const own = examples().filter(({ heading }) => /^[a-z]+$/.test(heading));
    expect(own.length).toBeGreaterThan(9);
    for (const { heading, line } of own) expect((JSON.parse(line) as { t: string }).t).toBe(heading);
  });
});

/** Names in code spans of the first column of the table after `<!-- types: kind -->`. */
function tableOf(kind: string): readonly string[] {
  const [, table = ""] = new RegExp(`<!-- types: ${kind} -->\n(.*?)\n\n`, "s").exec(page) ?? [];
  const cells = table
    .split("\n")
    .slice(2)
    .map((row) => row.split("|")[1] ?? "");
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
}

/** The values of `type` in the unions that files declare under these names. */
function typesOf(files: readonly string[], unions: readonly string[]): readonly string[] {
  const text = files
    .map((file) => readFileSync(new URL(`../../src/kinds/${file}`, import.meta.url), "utf8"))
    .join("\n");
  return unions.flatMap((union) => {
    const [, body = ""] = new RegExp(`export type ${union} =(.*?)(?=\\n(?:export|/\\*\\*)|$)`, "s").exec(text) ?? [];
    const named = [...body.matchAll(/readonly type: ([^;}]+)/g)].map(([, names = ""]) => names);
    return named.flatMap((names) => [...names.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name));
  });
}

test.each([
  ["document", ["document/types.ts"], ["DocumentOp"]],
  ["stream", ["stream/durable/types.ts"], ["DataOp", "MarkOp"]],
  ["chat", ["chat/types.ts"], ["ChatOp"]],
  ["map", ["map/types.ts"], ["MapOp"]],
])("the types of ops of a %s in PROTOCOL.md are those of src/kinds", (kind, files, unions) => {
  const named = tableOf(kind);
  expect(named.length).toBeGreaterThan(4);
  expect(named.toSorted()).toEqual([...new Set(typesOf(files, unions))].toSorted());
});

test("the versions and the ping that PROTOCOL.md names are the code's", () => {
  expect(page).toContain(`\`${SUBPROTOCOL}\``);
  expect(page).toContain(`"v":${PROTOCOL_VERSION}`);
  const [ping, pong] = [PING, PONG].map((text) => `U+${text.charCodeAt(0).toString(16).padStart(4, "0")}`);
  expect([PING.length, PONG.length]).toEqual([1, 1]);
  expect(page).toContain(`The text frame \`${ping}\``);
  expect(page).toContain(`is answered by the text frame \`${pong}\``);
  expect(page).toContain(`Older clients send \`${OLDER_PING}\` and are answered \`${OLDER_PONG}\``);
});
