import { expect, test } from "vitest";
import type { Refused } from "../../src/protocol/room/index.ts";
import { OPEN } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { labs, type TestRoom } from "./rooms.ts";

const CLIENT = "a-client-of-this-test";
const HELLO = `{"t":"hello","v":1,"client":"${CLIENT}"}`;
const PUT = '{"do":"put","key":"a","value":"b"}';

/** A mutation as text, so that fields can be anything. */
function mutate(m: string, intents = `[${PUT}]`, more = ""): string {
  return `{"t":"mutate","m":${m},"intents":${intents}${more}}`;
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

interface Case {
  readonly rules: string;
  readonly name: string;
  readonly frame: string | ArrayBuffer;
  readonly code: string;
  /** The close code that follows; absent where the connection stays. */
  readonly close?: number;
  /** The number that the refusal names. */
  readonly m?: number;
  readonly intent?: number;
}

/** Frames of a connection that has said hello. */
const AFTER_HELLO: readonly Case[] = [
  { rules: "A2", name: "an empty frame", frame: "", code: "bad_json", close: 4500 },
  { rules: "A2", name: "blank lines", frame: "\n\n", code: "bad_json", close: 4500 },
  { rules: "A2", name: "a blank line at the end", frame: `{"t":"ack","n":1}\n`, code: "bad_json", close: 4500 },
  { rules: "A2", name: "not JSON", frame: "hello", code: "bad_json", close: 4500 },
  { rules: "A2", name: "half a message", frame: '{"t":"mutate","m":1', code: "bad_json", close: 4500 },
  { rules: "A2", name: "a pong", frame: "pong", code: "bad_json", close: 4500 },
  { rules: "A2", name: "NaN", frame: mutate("NaN"), code: "bad_json", close: 4500 },
  { rules: "A2", name: "a NUL character", frame: "\u0000", code: "bad_json", close: 4500 },
  { rules: "A2", name: "a NUL in a key", frame: '{"t\u0000":"mutate"}', code: "bad_json", close: 4500 },
  { rules: "A2", name: "100,000 deep and unfinished", frame: "[".repeat(100_000), code: "bad_json", close: 4500 },
  { rules: "A2", name: "100,000 deep", frame: nested(100_000), code: "bad_message", close: 4501 },
  { rules: "A2", name: "null", frame: "null", code: "bad_message", close: 4501 },
  { rules: "A2", name: "a number", frame: "7", code: "bad_message", close: 4501 },
  { rules: "A2", name: "a string", frame: '"hello"', code: "bad_message", close: 4501 },
  { rules: "A2", name: "a list", frame: "[]", code: "bad_message", close: 4501 },
  { rules: "A2", name: "an empty object", frame: "{}", code: "bad_message", close: 4501 },
  { rules: "A2", name: "an unknown type", frame: '{"t":"dance"}', code: "bad_message", close: 4501 },
  { rules: "A2", name: "a message of the room's", frame: '{"t":"done","m":1}', code: "bad_message", close: 4501 },
  { rules: "A2", name: "__proto__ as a type", frame: '{"t":"__proto__"}', code: "bad_message", close: 4501 },
  { rules: "A2", name: "constructor as a type", frame: '{"t":"constructor"}', code: "bad_message", close: 4501 },
  {
    rules: "A2",
    name: "a type that is inherited",
    frame: '{"__proto__":{"t":"mutate","m":1}}',
    code: "bad_message",
    close: 4501,
  },
  { rules: "A2", name: "a type that is a list", frame: '{"t":["mutate"],"m":1}', code: "bad_message", close: 4501 },
  { rules: "A2", name: "binary", frame: new Uint8Array([123, 125]).buffer, code: "bad_message", close: 4501 },
  { rules: "A2", name: "an empty binary frame", frame: new ArrayBuffer(0), code: "bad_message", close: 4501 },
  {
    rules: "A2",
    name: "a mutation without a number",
    frame: `{"t":"mutate","intents":[${PUT}]}`,
    code: "bad_message",
    close: 4501,
  },
  { rules: "A2", name: "m = 1.5", frame: mutate("1.5"), code: "bad_message", close: 4501 },
  { rules: "A2", name: "m = 2^53", frame: mutate("9007199254740992"), code: "bad_message", close: 4501 },
  { rules: "A2", name: "m = 1e400", frame: mutate("1e400"), code: "bad_message", close: 4501 },
  { rules: "A2", name: "m as text", frame: mutate('"1"'), code: "bad_message", close: 4501 },
  { rules: "A2", name: "an ack of 0", frame: '{"t":"ack","n":0}', code: "bad_message", close: 4501 },
  { rules: "A2", name: "an ack of nothing", frame: '{"t":"ack"}', code: "bad_message", close: 4501 },
  {
    rules: "A2",
    name: "presence that is text",
    frame: '{"t":"presence","data":"Ada"}',
    code: "bad_message",
    close: 4501,
  },
  { rules: "A2", name: "presence without data", frame: '{"t":"presence"}', code: "bad_message", close: 4501 },
  { rules: "A1", name: "a frame over its limit", frame: `"${"x".repeat(300_000)}"`, code: "too_large", close: 4504 },
  { rules: "A1", name: "one over it in bytes only", frame: `"${"€".repeat(100_000)}"`, code: "too_large", close: 4504 },
  { rules: "A1", name: "one over it, and not JSON", frame: "[".repeat(300_000), code: "too_large", close: 4504 },
  { rules: "A1", name: "one of 5 MB", frame: "x".repeat(5_000_000), code: "too_large", close: 4504 },
  { rules: "A1", name: "binary over it", frame: new ArrayBuffer(300_000), code: "too_large", close: 4504 },
  { rules: "A9", name: "hello twice", frame: HELLO, code: "bad_message", close: 4501 },
  {
    rules: "A9",
    name: "hello twice, as another client",
    frame: HELLO.replace(CLIENT, "another-client-0001"),
    code: "bad_message",
    close: 4501,
  },
  { rules: "A3", name: "m = 0", frame: mutate("0"), code: "bad_message", m: 0 },
  { rules: "A3", name: "m = -1", frame: mutate("-1"), code: "bad_message", m: -1 },
  { rules: "A3", name: "intents that are an object", frame: mutate("1", "{}"), code: "bad_message", m: 1 },
  { rules: "A3", name: "intents that are null", frame: mutate("1", "null"), code: "bad_message", m: 1 },
  { rules: "A3", name: "no intents", frame: '{"t":"mutate","m":1}', code: "bad_message", m: 1 },
  { rules: "A3", name: "an empty list of intents", frame: mutate("1", "[]"), code: "bad_message", m: 1 },
  { rules: "A3", name: "`again` as text", frame: mutate("1", `[${PUT}]`, ',"again":"yes"'), code: "bad_message", m: 1 },
  {
    rules: "A3",
    name: "`ifVersion` as a number",
    frame: mutate("1", `[${PUT}]`, ',"ifVersion":7'),
    code: "bad_message",
    m: 1,
  },
  {
    rules: "A4",
    name: "too many intents",
    frame: mutate("1", `[${Array(101).fill(PUT).join(",")}]`),
    code: "too_large",
    m: 1,
  },
  {
    rules: "A4",
    name: "a mutation over its limit",
    frame: mutate("1", `["${"x".repeat(140_000)}"]`),
    code: "too_large",
    m: 1,
  },
  {
    rules: "A4",
    name: "one 30,000 deep",
    frame: mutate("1", `[${nested(30_000)}]`),
    code: "too_deep",
    m: 1,
    intent: 0,
  },
  {
    rules: "A4",
    name: "an intent that is null",
    frame: mutate("1", `[${PUT},null]`),
    code: "bad_intent",
    m: 1,
    intent: 1,
  },
  {
    rules: "A4",
    name: "an intent of another kind",
    frame: mutate("1", '[{"type":"set","value":1}]'),
    code: "bad_intent",
    m: 1,
    intent: 0,
  },
  {
    rules: "A4",
    name: "an intent that is inherited",
    frame: mutate("1", `[{"__proto__":${PUT}}]`),
    code: "bad_intent",
    m: 1,
    intent: 0,
  },
  {
    rules: "A4",
    name: "an intent named __proto__",
    frame: mutate("1", '[{"do":"__proto__"}]'),
    code: "bad_intent",
    m: 1,
    intent: 0,
  },
  {
    rules: "A7",
    name: "a version that cannot be",
    frame: mutate("1", `[${PUT}]`, ',"ifVersion":"__proto__"'),
    code: "version_mismatch",
    m: 1,
  },
];

/** First frames of a connection. */
const FIRST: readonly Case[] = [
  { rules: "A9", name: "a mutation", frame: mutate("1"), code: "bad_message", close: 4501 },
  { rules: "A9", name: "a malformed mutation", frame: mutate("0"), code: "bad_message", close: 4501 },
  {
    rules: "A9",
    name: "a mutation over its limit",
    frame: mutate("1", `["${"x".repeat(140_000)}"]`),
    code: "bad_message",
    close: 4501,
  },
  { rules: "A9", name: "presence", frame: '{"t":"presence","data":{}}', code: "bad_message", close: 4501 },
  { rules: "A9", name: "an ack", frame: '{"t":"ack","n":1}', code: "bad_message", close: 4501 },
  { rules: "A9", name: "hello, and hello again", frame: `${HELLO}\n${HELLO}`, code: "bad_message", close: 4501 },
  { rules: "A9", name: "version 2", frame: HELLO.replace('"v":1', '"v":2'), code: "unsupported_version", close: 4505 },
  {
    rules: "A9",
    name: "version 1.5",
    frame: HELLO.replace('"v":1', '"v":1.5'),
    code: "unsupported_version",
    close: 4505,
  },
  {
    rules: "A9",
    name: "a version as text",
    frame: HELLO.replace('"v":1', '"v":"1"'),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "a client id that is too short",
    frame: HELLO.replace(CLIENT, "short"),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "one that is too long",
    frame: HELLO.replace(CLIENT, "x".repeat(65)),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "one with a line break",
    frame: HELLO.replace(CLIENT, `${CLIENT}\\n`),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "one with a colon, as idempotency keys have",
    frame: HELLO.replace(CLIENT, "key:somebody:a-write"),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "one with a NUL",
    frame: HELLO.replace(CLIENT, `${CLIENT}\\u0000`),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "one with half a surrogate pair",
    frame: HELLO.replace(CLIENT, `${CLIENT}\\ud83d`),
    code: "bad_message",
    close: 4501,
  },
  { rules: "A9", name: "no client id", frame: '{"t":"hello","v":1}', code: "bad_message", close: 4501 },
  {
    rules: "A9",
    name: "since as text",
    frame: HELLO.replace("}", ',"since":"k3x9.41"}'),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "since without seq",
    frame: HELLO.replace("}", ',"since":{"epoch":"e"}}'),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "since a negative op",
    frame: HELLO.replace("}", ',"since":{"epoch":"e","seq":-1}}'),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "since an epoch of 33",
    frame: HELLO.replace("}", `,"since":{"epoch":"${"e".repeat(33)}","seq":1}}`),
    code: "bad_message",
    close: 4501,
  },
  {
    rules: "A9",
    name: "presence that is text",
    frame: HELLO.replace("}", ',"presence":"Ada"}'),
    code: "bad_message",
    close: 4501,
  },
];

/** Nothing of the inside, and nothing over the platform's limit, goes out. */
function checkRefusal(line: string, { code, m, intent }: Case): void {
  const { message, path: _, ...refused } = JSON.parse(line) as Refused;
  expect(refused).toEqual({
    t: "refused",
    code,
    ...(m === undefined ? {} : { m }),
    ...(intent === undefined ? {} : { intent }),
  });
  expect(message).not.toMatch(/\bat .*(\.ts|\.js|:\d+:\d+)/);
  expect(line.length).toBeLessThan(1_000);
}

/** The room is as it was, its others heard nothing, and it goes on. */
async function checkOthers(room: TestRoom, other: Peer): Promise<void> {
  expect(await room.readText()).toMatchObject({ text: '{"values":{},"ops":0}' });
  expect(await room.applyText('[{"do":"put","key":"sentinel","value":"1"}]', OPEN)).toMatchObject({ ok: true });
  expect(await other.expect("ops")).toMatchObject({ seq: 1, entries: [{ ops: [{ put: "sentinel" }] }] });
  expect(other.unread).toEqual([]);
}

async function checkEnd(peer: Peer, { code, close }: Case): Promise<void> {
  if (close === undefined) peer.mutate(2, { do: "nothing" });
  const end = close === undefined ? await peer.next() : await peer.closed;
  const reason: unknown = expect.stringMatching(new RegExp(`^${code}: `));
  expect(end).toEqual(close === undefined ? { t: "done", m: 2 } : { code: close, reason });
}

test.each(AFTER_HELLO.map((hostile) => [hostile.rules, hostile.name, hostile] as const))(
  "%s A5 %s is refused",
  async (_, name, hostile) => {
    const room = labs(`frame after hello: ${name}`);
    const { peer: other } = await Peer.live(room);
    const { peer } = await Peer.live(room, { client: CLIENT });
    peer.socket.send(hostile.frame);
    checkRefusal(await peer.line(), hostile);
    await checkEnd(peer, hostile);
    await checkOthers(room, other);
  },
);

test.each(FIRST.map((hostile) => [hostile.rules, hostile.name, hostile] as const))(
  "%s a connection that begins with %s is ended",
  async (_, name, hostile) => {
    const room = labs(`first frame: ${name}`);
    const { peer: other } = await Peer.live(room);
    const peer = await Peer.native(room);
    peer.socket.send(hostile.frame);
    let line = await peer.line();
    // Lines before the one at fault are carried out.
    while (/^{"t":"(welcome|snapshot)"/.test(line)) line = await peer.line();
    checkRefusal(line, hostile);
    await checkEnd(peer, hostile);
    await checkOthers(room, other);
  },
);

test("A2 lines before the one at fault are carried out, those after it are not", async () => {
  const room = labs("frame with a fault");
  const { peer: other } = await Peer.live(room);
  const { peer } = await Peer.live(room);
  peer.socket.send([mutate("1"), mutate("2"), "oops", mutate("3")].join("\n"));
  expect(await other.opsUntil(2)).toHaveLength(2);
  expect((await peer.closed).code).toBe(4500);
  expect(await room.readText()).toMatchObject({ text: '{"values":{"a":"b"},"ops":2}' });
  peer.socket.close();
});

test("A3 a malformed mutation with a number does not hold up those around it", async () => {
  const room = labs("malformed among others");
  const { peer } = await Peer.live(room);
  peer.socket.send([mutate("1"), mutate("2", "7"), mutate("3")].join("\n"));
  expect(await peer.next()).toMatchObject({ t: "refused", m: 2, code: "bad_message" });
  expect(await peer.expect("ops")).toMatchObject({ entries: [{ m: 1 }, { m: 3 }] });
});

test("A2 a frame on a connection that was ended is ignored", async () => {
  const room = labs("after the end");
  const { peer } = await Peer.live(room);
  peer.socket.send("oops");
  peer.mutate(1, { do: "put", key: "late", value: "1" });
  await peer.closed;
  expect(await room.readText()).toMatchObject({ text: '{"values":{},"ops":0}' });
});

test("A1 A2 presence deeper than any stack is refused, and the mutation before it is still carried out", async () => {
  const room = labs("deep presence");
  const { peer } = await Peer.live(room);
  peer.socket.send(`${mutate("1")}\n{"t":"presence","data":{"a":${nested(60_000)}}}`);
  const lines = [await peer.next(), await peer.next(), await peer.next()];
  expect(lines.find(({ t }) => t === "refused")).toMatchObject({ code: "too_large" });
  expect(lines.find(({ t }) => t === "ops")).toMatchObject({ seq: 1 });
});

test("A2 A11 unknown fields and prototype keys in a good message mean nothing, and a lone surrogate is replaced", async () => {
  const room = labs("unknown fields");
  const { peer } = await Peer.live(room);
  peer.socket.send(
    '{"t":"mutate","m":1,"__proto__":{"polluted":1},"constructor":7,"future":[1],"intents":[{"do":"put","key":"__proto__","value":"x\\u0000\\ud83d"}]}',
  );
  expect(await peer.line()).toContain(`{"put":"__proto__","value":"x\\u0000\ufffd"}`);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
