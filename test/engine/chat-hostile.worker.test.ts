import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Room,
  type Format,
  type Frame,
  knock,
  join,
  textOf,
  type Company,
  company,
  settled,
  overheard,
  leave,
} from "./chat-company.ts";
import type { Peer } from "./peer.ts";

/** One company for all the rows of a table: what one row leaves behind, the next would hear. */
let meeting: Company;
beforeAll(async () => {
  meeting = await company();
});

const SILENCE = { native: [], json: [], line: [] };
const LEFT = { native: [], json: ['{"quit":"Eve"}'], line: ["User left."] };

interface Row {
  readonly what: string;
  readonly sends: readonly Frame[];
  /** In the sender's words; native ones by code. */
  readonly gets: readonly string[];
  /** The connection ends with this code. */
  readonly closes?: number;
}

const long = "x".repeat(257);
const longNative = "x".repeat(4_001);
const bytes = new Uint8Array([0x7b, 0x00, 0xff, 0x7d]).buffer;
const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const message = (value: string): string => `{"message":${value}}`;
const error = (text: string): string => JSON.stringify({ error: text });
const mutate = (intent: string): string => `{"t":"mutate","m":1,"intents":[${intent}]}`;
const send = (text: string): string => mutate(`{"type":"send","text":${text}}`);

const JSON_ROWS: readonly Row[] = [
  { what: "a message over its length", sends: [message(`"${long}"`)], gets: [error("Message too long.")] },
  {
    what: "a message over its length in astral characters",
    sends: [message(`"${"😀".repeat(129)}"`)],
    gets: [error("Message too long.")],
  },
  {
    what: "a message larger than a mutation",
    sends: [message(`"${"x".repeat(150_000)}"`)],
    gets: [error("Message too long.")],
  },
  {
    what: "a frame larger than a frame",
    sends: [message(`"${"x".repeat(300_000)}"`)],
    gets: [error("Message too long.")],
  },
  { what: "an empty message", sends: [message('""')], gets: [error("Message is empty.")] },
  ...["1", "null", "true", '["hi"]', '{"toString":"hi"}'].map((value) => ({
    what: `the message ${value}`,
    sends: [message(value)],
    gets: [error("A message is text.")],
  })),
  { what: "no message at all", sends: ["{}"], gets: [error("A message is text.")] },
  {
    what: "a message that is inherited",
    sends: ['{"__proto__":{"message":"hi"}}'],
    gets: [error("A message is text.")],
  },
  { what: "a message nested as deep as a stack", sends: [message(deep(50_000))], gets: [error("A message is text.")] },
  ...["", " ", "hi", "ping", "{", '{"message":"hi"', "\u0000", "{'message':'hi'}"].map((frame) => ({
    what: `the frame ${JSON.stringify(frame)}`,
    sends: [frame],
    gets: [error("The frame is not JSON.")],
  })),
  ...["1", "null", '"hi"', '[{"message":"hi"}]'].map((frame) => ({
    what: `the frame ${frame}`,
    sends: [frame],
    gets: [error("Expected a JSON object.")],
  })),
  {
    what: "binary",
    sends: [bytes, new ArrayBuffer(0)],
    gets: Array.from({ length: 2 }, () => error("Binary frames are not read here; send JSON text.")),
  },
  { what: "huge binary", sends: [new ArrayBuffer(300_000)], gets: [error("Message too long.")] },
  { what: "another name", sends: ['{"name":"Jay"}'], gets: [error("A message is text.")] },
  {
    what: "words of the room's own",
    sends: ['{"joined":"Bob"}', '{"quit":"Jay"}', '{"ready":true}'],
    gets: Array.from({ length: 3 }, () => error("A message is text.")),
  },
  {
    what: "the native protocol",
    sends: [send('"hi"'), '{"t":"presence","data":{"name":"Jay"}}'],
    gets: Array.from({ length: 2 }, () => error("A message is text.")),
  },
];

const LINE_ROWS: readonly Row[] = [
  { what: "a message over its length", sends: [long], gets: ["Message too long."] },
  { what: "a message larger than a mutation", sends: ["x".repeat(150_000)], gets: ["Message too long."] },
  { what: "a frame larger than a frame", sends: ["x".repeat(300_000)], gets: ["Message too long."] },
  { what: "an empty message", sends: [""], gets: ["Message is empty."] },
  { what: "binary", sends: [bytes], gets: ["Binary frames are not read here; send text."] },
];

const NATIVE_ROWS: readonly Row[] = [
  { what: "a message over its length", sends: [send(`"${longNative}"`)], gets: ["too_large"] },
  { what: "an empty message", sends: [send('""')], gets: ["bad_intent"] },
  ...["1", "null", "true", '["hi"]', "{}"].map((value) => ({
    what: `the text ${value}`,
    sends: [send(value)],
    gets: ["bad_intent"],
  })),
  { what: "a mutation over its size", sends: [send(`"${"x".repeat(150_000)}"`)], gets: ["too_large"] },
  { what: "a frame larger than a frame", sends: [send(`"${"x".repeat(300_000)}"`)], gets: ["too_large"], closes: 4504 },
  { what: "a value deeper than the room's limit", sends: [mutate(deep(100))], gets: ["too_deep"] },
  { what: "a value nested as deep as a stack", sends: [mutate(deep(50_000))], gets: ["too_deep"] },
  {
    what: "too many messages in one",
    sends: [mutate(Array.from({ length: 101 }, () => '{"type":"send","text":"hi"}').join())],
    gets: ["too_large"],
  },
  { what: "an intent that there is not", sends: [mutate('{"type":"shout","text":"hi"}')], gets: ["bad_intent"] },
  {
    what: "an intent that is inherited",
    sends: [mutate('{"__proto__":{"type":"send","text":"hi"}}')],
    gets: ["bad_intent"],
  },
  {
    what: "a member that there is not",
    sends: [mutate('{"type":"send","text":"hi","from":"u:jay"}')],
    gets: ["bad_intent"],
  },
  {
    what: "a number and time of its own",
    sends: [mutate('{"type":"send","text":"hi","n":1,"at":0}')],
    gets: ["bad_intent"],
  },
  { what: "another's message, to edit", sends: [mutate('{"type":"edit","n":1,"text":"mine"}')], gets: ["forbidden"] },
  { what: "another's message, to delete", sends: [mutate('{"type":"delete","n":1}')], gets: ["forbidden"] },
  {
    what: "a reaction that is markup",
    sends: [mutate('{"type":"react","n":1,"reaction":"<b onclick=x>hi</b>"}')],
    gets: ["bad_intent"],
  },
  {
    what: "moderation without the right",
    sends: [mutate('{"type":"ban","n":1}'), mutate('{"type":"rules","locked":true}')],
    gets: ["forbidden", "forbidden"],
  },
  { what: "an answer to nothing", sends: [mutate('{"type":"send","text":"hi","reply":999}')], gets: ["conflict"] },
  { what: "reading what was never said", sends: [mutate('{"type":"read","n":999}')], gets: ["conflict"] },
  {
    what: "a name over its length",
    sends: [`{"t":"presence","data":{"name":"${"x".repeat(33)}"}}`],
    gets: ["too_large"],
  },
  {
    what: "a name that is no text",
    sends: ['{"t":"presence","data":{"name":{"toString":"Jay"}}}'],
    gets: ["bad_message"],
  },
  {
    what: "presence over its size",
    sends: [`{"t":"presence","data":{"name":"Eve","x":"${"x".repeat(3_000)}"}}`],
    gets: ["too_large"],
  },
  { what: "no JSON", sends: ["hi"], gets: ["bad_json"], closes: 4500 },
  { what: "no message of the protocol", sends: ['{"message":"hi"}'], gets: ["bad_message"], closes: 4501 },
  { what: "binary", sends: [bytes], gets: ["bad_message"], closes: 4501 },
  {
    what: "hello again, as somebody else",
    sends: ['{"t":"hello","v":1,"client":"somebody-else-altogether"}'],
    gets: ["bad_message"],
    closes: 4501,
  },
];

const TABLE = [
  ...JSON_ROWS.map((row) => ({ format: "json" as const, ...row })),
  ...LINE_ROWS.map((row) => ({ format: "line" as const, ...row })),
  ...NATIVE_ROWS.map((row) => ({ format: "native" as const, ...row })),
];

describe("what is hostile is answered to its sender, changes nothing, and nobody else hears of it", () => {
  // One Eve goes through a table. Native intents use up her rate, hostile or not, so there each has an Eve of its own.
  const standing = new Map<Format, Peer>();

  async function eveOf(format: Format): Promise<Peer> {
    const { room, members } = meeting;
    const there = standing.get(format);
    if (there !== undefined) return there;
    const eve = await join(room, format, "Eve");
    await settled(room, [...Object.values(members), eve]);
    if (format !== "native") standing.set(format, eve);
    return eve;
  }

  afterAll(async () => {
    for (const eve of standing.values()) await leave(eve);
    await settled(meeting.room, Object.values(meeting.members));
  });

  test.each(TABLE)("T6 T12 $format: $what", async ({ format, sends, gets, closes }) => {
    const { room } = meeting;
    const eve = await eveOf(format);
    const before = await room.readText();

    for (const frame of sends) eve.socket.send(frame);
    const got: string[] = [];
    while (got.length < gets.length) {
      const line = await eve.line();
      if (line.startsWith('{"t":"presence"')) continue;
      got.push(format === "native" ? (JSON.parse(line) as { readonly code: string }).code : line);
    }
    expect(got).toEqual(gets);
    expect(await room.readText()).toEqual(before);
    const ended = closes === undefined ? undefined : (await eve.closed).code;
    expect(ended).toBe(closes);
    // She who is still there goes on like everybody.
    const stays = closes === undefined;
    expect(await overheard(meeting, stays ? eve : undefined)).toEqual(stays ? { ...SILENCE, eve: [] } : LEFT);
    if (stays && !standing.has(format)) await leave(eve);
  });
});

describe("half open", () => {
  test.each<{ what: string; format: Format; sends: readonly Frame[]; gets: readonly string[]; closes?: number }>([
    { what: "a JSON client without a name", format: "json", sends: [], gets: [] },
    {
      what: "a JSON client whose first frame is no name",
      format: "json",
      sends: ["{", "[]", bytes, '{"name":{"first":"Eve"}}'],
      gets: [
        error("The frame is not JSON."),
        error("Expected a JSON object."),
        error("Binary frames are not read here; send JSON text."),
        error("A name is text."),
      ],
    },
    {
      what: "a JSON client with a name over its length",
      format: "json",
      sends: [JSON.stringify({ name: "x".repeat(33) })],
      gets: [error("Name too long.")],
      closes: 1009,
    },
    {
      what: "a JSON client with a name larger than a frame",
      format: "json",
      sends: [JSON.stringify({ name: "x".repeat(300_000) })],
      gets: [error("Name too long.")],
      closes: 1009,
    },
    { what: "a native client without hello", format: "native", sends: [], gets: [] },
    {
      what: "a native client that speaks before its hello",
      format: "native",
      sends: [send('"hi"')],
      gets: ["bad_message"],
      closes: 4501,
    },
    {
      what: "a native client with a name over its length",
      format: "native",
      sends: [`{"t":"hello","v":1,"client":"0123456789abcdef","presence":{"name":"${"x".repeat(33)}"}}`],
      gets: ["too_large"],
    },
  ])("T11 T12 $what comes and goes unheard", async ({ format, sends, gets, closes }) => {
    const { room, members } = meeting;
    await settled(room, Object.values(members));
    const roster = await room.roster();
    const eve = await knock(room, format);
    for (const frame of sends) eve.socket.send(frame);
    const got: string[] = [];
    while (got.length < gets.length) {
      const line = await eve.line();
      const { t, code } = line.startsWith('{"t":') ? (JSON.parse(line) as { t: string; code?: string }) : {};
      if (t === undefined) got.push(line);
      else if (code !== undefined) got.push(code);
    }
    expect(got).toEqual(gets);
    if (closes === undefined) await leave(eve);
    expect((await eve.closed).code).toBe(closes ?? 1000);
    expect(await overheard(meeting)).toEqual(SILENCE);
    expect(await room.roster()).toEqual(roster);
  });
});

describe("flooding", () => {
  // A slow machine must not refill a bucket.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const flood: Readonly<Record<Format, (n: number) => string>> = {
    native: (n) => `{"t":"mutate","m":${n},"intents":[{"type":"send","text":"spam ${n}"}]}`,
    json: (n) => message(`"spam ${n}"`),
    line: (n) => `spam ${n}`,
  };
  const refused: Readonly<Record<Format, string>> = {
    native: "too_many_requests",
    json: error("Your IP is being rate-limited, please try again later."),
    line: "Your IP is being rate-limited, please try again later.",
  };

  /** Messages ever said. */
  const count = async (room: Room): Promise<number> =>
    (JSON.parse((await room.readText()).text) as { readonly count: number }).count;

  test.each<Format>(["native", "json", "line"])(
    "Q1 Q2 %s: ten of forty are heard, the others refused to the sender",
    async (format) => {
      const { room, members } = meeting;
      const eve = await join(room, format, "Eve");
      await settled(room, [...Object.values(members), eve]);
      const before = await count(room);
      for (let n = 1; n <= 40; n += 1) eve.socket.send(flood[format](n));
      let refusals = 0;
      while (refusals < 30) {
        const line = await eve.line();
        const code = line.startsWith('{"t":"refused"') ? (JSON.parse(line) as { readonly code: string }).code : line;
        if (code === refused[format]) refusals += 1;
      }
      const { json, line, native } = await overheard(meeting);
      const spam = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `spam ${n}`);
      expect(json.map(textOf)).toEqual(spam);
      expect(line).toEqual(spam.map((text) => `Eve: ${text}`));
      const texts = native.flatMap(
        (run) => (JSON.parse(run) as { entries: { ops: { message: { text: string } }[] }[] }).entries,
      );
      expect(texts.flatMap(({ ops }) => ops.map(({ message: { text } }) => text))).toEqual(spam);
      expect(await count(room)).toBe(before + 11);
    },
  );
});

describe("names", () => {
  interface Said {
    readonly n: number;
    readonly name: string;
    readonly from: string;
  }

  /** What the JSON and the native member hear of the next message, and the line member's line. */
  async function next(members: Readonly<Record<Format, Peer>>): Promise<{ json: Said; native: Said; line: string }> {
    const json = JSON.parse(await members.json.line()) as Said;
    for (;;) {
      const told = await members.native.next();
      if (told.t !== "ops") continue;
      const op = told.entries[0]?.ops[0] as { readonly message: Said } | undefined;
      if (op === undefined) throw new Error("A run without an op");
      return { json, native: op.message, line: await members.line.line() };
    }
  }

  test.each<[string, Format, Frame]>([
    ["in the frame of a message", "json", '{"name":"Jay","message":"it is me"}'],
    ["in a message's intent", "native", mutate('{"type":"send","text":"it is me","name":"Jay"}')],
    ["in front of a line", "line", "Jay: it is me"],
  ])("T7 another's name %s changes nobody's", async (_, format, frame) => {
    const { room, members } = meeting;
    const eve = await join(room, format, "Eve");
    await settled(room, [...Object.values(members), eve]);
    eve.socket.send(frame);
    const { json, native, line } = await next(members);
    expect([json.name, native.name]).toEqual(["Eve", "Eve"]);
    expect(line).toMatch(/^Eve: /);
  });

  test("T7 one who takes another's name stays another person", async () => {
    const { room, members } = meeting;
    const eve = await join(room, "native", "Eve");
    await settled(room, [...Object.values(members), eve]);
    members.native.mutate(1, { type: "send", text: "mine" });
    const hers = await next(members);
    eve.send({ t: "presence", data: { name: "Nat" } });
    eve.mutate(1, { type: "send", text: "mine too" });
    const other = await next(members);
    expect(other.native.name).toBe("Nat");
    expect(other.native.from).not.toBe(hers.native.from);
    eve.mutate(2, { type: "edit", n: hers.native.n, text: "not yours" });
    for (;;) {
      const told = await eve.next();
      if (told.t !== "refused") continue;
      expect(told).toMatchObject({ m: 2, code: "forbidden" });
      break;
    }
  });

  test.each<[string, string]>([
    ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
    ['"><script>alert(1)</script>', '"><script>alert(1)</script>'],
    ["&lt;b&gt;", "&lt;b&gt;"],
    ["Ada\nUser left.", "Ada User left."],
    ["Ada\u202eeoJ", "Ada eoJ"],
    ["\u200bNat\u2060", "Nat"],
    ["\u0000\u0007", "anonymous"],
    ["__proto__", "__proto__"],
  ])("T7 the name %j is the text %j, in every format", async (given, shown) => {
    const { room, members } = meeting;
    for (const format of ["json", "native", "line"] as const) {
      const eve = await join(room, format, given);
      await settled(room, [...Object.values(members), eve]);
      eve.socket.send({ json: message('"<b>hi</b>"'), native: send('"<b>hi</b>"'), line: "<b>hi</b>" }[format]);
      const { json, native, line } = await next(members);
      expect([json.name, native.name]).toEqual([shown, shown]);
      expect(json).toMatchObject({ message: "<b>hi</b>" });
      expect(line).toBe(shown === "anonymous" ? "<b>hi</b>" : `${shown}: <b>hi</b>`);
      await leave(eve);
    }
  });
});
