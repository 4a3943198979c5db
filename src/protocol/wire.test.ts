import { expect, test } from "vitest";
import { CODES } from "./codes.ts";
import { ClientMessage } from "./client/index.ts";
import { RoomMessage } from "./room/index.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "./version.ts";

/**
 * What is on the wire, one file a version. A client that was built against a version must be able to rely on it:
 * once a version is released, its file stays. Raise PROTOCOL_VERSION with the change, say in PROTOCOL.md what it
 * is, and have the new file written: `npx vitest run --project unit src/protocol/wire -u`. Before the release of a
 * version, the same command brings its file up to date.
 */
test(`the wire is still that of version ${PROTOCOL_VERSION}`, async () => {
  const wire = {
    subprotocol: SUBPROTOCOL,
    client: shape(ClientMessage),
    room: shape(RoomMessage),
    codes: Object.fromEntries(
      Object.entries(CODES)
        .filter(([, row]) => !("httpOnly" in row))
        .map(([code, row]) => [code, "close" in row ? [row.status, row.close] : [row.status]]),
    ),
  };
  await expect(`${JSON.stringify(wire, null, 2)}\n`).toMatchFileSnapshot(`./wire/v${PROTOCOL_VERSION}.snap`);
});

test("a changed schema has another shape", () => {
  const [hello] = ClientMessage.options;
  const shorter = { ...hello, entries: { ...hello.entries, v: hello.entries.client } };
  expect(shape(shorter)).not.toEqual(shape(hello));
});

/** What a valibot schema accepts, as JSON: its own properties, without functions, messages and caches. */
function shape(part: unknown): unknown {
  if (part instanceof RegExp) return String(part);
  if (Array.isArray(part)) return part.map(shape);
  if (typeof part !== "object" || part === null) return part;
  const schema = part as Readonly<Record<string, unknown>>;
  const isPart = schema["kind"] === "schema" || schema["kind"] === "validation";
  // The first of a pipe is the schema itself, without the pipe.
  if (Array.isArray(schema["pipe"])) return schema["pipe"].map(shape);
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !isPart || !(PRIVATE.has(key) || key.startsWith("~") || value === undefined))
      .filter(([, value]) => typeof value !== "function")
      .map(([key, value]) => [key, shape(value)]),
  );
}

const PRIVATE = new Set(["kind", "reference", "expects", "async", "message"]);
