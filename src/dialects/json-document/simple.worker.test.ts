import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { Peer } from "../../../test/engine/peer.ts";
import { sleep } from "../../../test/engine/sleep.ts";
import { edge, json, versionOf } from "../../../test/worker/edge.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";

const { fetch } = edge();

interface Frame {
  readonly type: "snapshot" | "patch" | "error";
  readonly value?: Json;
  readonly patch?: { readonly op: "set" | "merge"; readonly value: Json };
  readonly code?: string;
}

/** An existing client: it knows the simple wire format and nothing else. */
class Viewer {
  /** What it shows: the snapshot, and each patch on it. */
  value: Json | undefined;
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  #expected = 0;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      // A frame that held two messages would not parse.
      const frame = JSON.parse(data as string) as Frame;
      this.frames.push(frame);
      if (frame.type === "snapshot") this.value = frame.value;
      else if (frame.patch?.op === "set") this.value = frame.patch.value;
      else if (frame.patch !== undefined) {
        this.value = { ...(this.value as JsonObject), ...(frame.patch.value as JsonObject) };
      }
      this.#wake?.();
    });
    socket.accept();
  }

  static async open(id: string): Promise<Viewer> {
    const response = await fetch(`/doc/${id}/ws`, { headers: { upgrade: "websocket" } });
    if (response.webSocket === null) throw new Error(`No socket: ${response.status}`);
    return new Viewer(response.webSocket);
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  /** The next so many frames. */
  async hear(count: number): Promise<readonly Frame[]> {
    const from = this.#expected;
    this.#expected += count;
    while (this.frames.length < this.#expected) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.frames.slice(from, this.#expected);
  }
}

const snapshot = (value: Json): Frame => ({ type: "snapshot", value });
const set = (value: Json): Frame => ({ type: "patch", patch: { op: "set", value } });
const merge = (value: Json): Frame => ({ type: "patch", patch: { op: "merge", value } });

const sleepNow = (id: string): Promise<void> => sleep(env.DOCUMENTS.getByName(id));
const stored = async (id: string): Promise<unknown> => (await fetch(`/doc/${id}/get`)).json();
const mutate = async (id: string, ...intents: readonly unknown[]): Promise<string> =>
  versionOf(await fetch(`/doc/${id}`, json("POST", { intents })));

/** One thing that somebody does, and the frames that every simple client gets of it. */
interface Turn {
  readonly title: string;
  /** What a simple client sends. */
  readonly says?: string;
  /** What somebody else has done, in one mutation. */
  readonly intents?: readonly unknown[];
  readonly hears: readonly Frame[];
}

const CONVERSATION: readonly Turn[] = [
  { title: "a bare set", says: '{"op":"set","value":{"n":1,"list":[1]}}', hears: [set({ n: 1, list: [1] })] },
  {
    title: "a wrapped merge",
    says: '{"type":"patch","patch":{"op":"merge","value":{"who":{"name":"Ada"}}}}',
    hears: [merge({ who: { name: "Ada" } })],
  },
  { title: "a bare merge", says: '{"op":"merge","value":{"flag":null}}', hears: [merge({ flag: null })] },
  {
    title: "a wrapped set",
    says: '{"type":"patch","patch":{"op":"set","value":{"n":2,"list":[1],"who":{"name":"Ada"}}}}',
    hears: [set({ n: 2, list: [1], who: { name: "Ada" } })],
  },
  { title: "another's merge", intents: [{ type: "merge", value: { a: 1 } }], hears: [merge({ a: 1 })] },
  {
    title: "an increment",
    intents: [{ type: "update", fields: [{ op: "increment", path: "/n", by: 40 }] }],
    hears: [merge({ n: 42 })],
  },
  {
    title: "a JSON Patch deep inside",
    intents: [
      {
        type: "jsonPatch",
        patch: [
          { op: "test", path: "/n", value: 42 },
          { op: "add", path: "/list/-", value: 2 },
          { op: "replace", path: "/who/name", value: "Bob" },
        ],
      },
    ],
    hears: [merge({ list: [1, 2], who: { name: "Bob" } })],
  },
  {
    title: "a nested removal",
    intents: [{ type: "mergePatch", patch: { who: { name: null, age: 36 } } }],
    hears: [merge({ who: { age: 36 } })],
  },
  {
    title: "the removal of a key",
    intents: [{ type: "update", fields: [{ op: "delete", path: "/a" }] }],
    hears: [set({ n: 42, list: [1, 2], who: { age: 36 } })],
  },
  {
    title: "two intents of one mutation",
    intents: [
      { type: "merge", value: { b: 1 } },
      { type: "update", fields: [{ op: "increment", path: "/b" }] },
    ],
    hears: [merge({ b: 1 }), merge({ b: 2 })],
  },
  { title: "keys of prototypes", says: '{"op":"merge","value":{"constructor":1}}', hears: [merge({ constructor: 1 })] },
];

describe("existing clients of documents", () => {
  test("W1 W2 W3 W4 a whole conversation, with the room asleep between any two frames", async () => {
    const id = "conversation";
    const ada = await Viewer.open(id);
    const bob = await Viewer.open(id);
    expect([await ada.hear(1), await bob.hear(1)]).toEqual([[snapshot({})], [snapshot({})]]);
    for (const { title, says, intents = [], hears } of CONVERSATION) {
      await sleepNow(id);
      if (says === undefined) await mutate(id, ...intents);
      else ada.say(says);
      for (const viewer of [ada, bob]) {
        expect({ title, hears: await viewer.hear(hears.length) }).toEqual({ title, hears });
        expect({ title, value: viewer.value }).toEqual({ title, value: await stored(id) });
      }
      await sleepNow(id);
      const late = await Viewer.open(id);
      expect({ title, hears: await late.hear(1) }).toEqual({ title, hears: [snapshot((await stored(id)) as Json)] });
    }
    const transcript = [snapshot({}), ...CONVERSATION.flatMap(({ hears }) => hears)];
    expect([ada.frames, bob.frames]).toEqual([transcript, transcript]);
  });

  test.each([
    ["not JSON", "{", "bad_json"],
    ["a list", "[]", "bad_message"],
    ["another type", '{"type":"hello"}', "bad_message"],
    ["another op", '{"op":"delete","value":{}}', "bad_intent"],
    ["no value", '{"type":"patch","patch":{"op":"set"}}', "bad_intent"],
    ["a value that is no object", '{"op":"set","value":7}', "bad_intent"],
    ["two at once", '{"op":"merge","value":{"a":1}}\n{"op":"merge","value":{"b":1}}', "bad_json"],
    ["too deep", `{"op":"set","value":{"a":${"[".repeat(80)}${"]".repeat(80)}}}`, "too_deep"],
    ["too large", JSON.stringify({ op: "set", value: { a: "x".repeat(140_000) } }), "too_large"],
  ])("W4 D4 %s gets an error, told to its sender alone, and changes nothing", async (title, frame, code) => {
    const id = `refused ${title}`;
    const version = await mutate(id, { type: "set", value: { kept: true } });
    const [ada, bob] = [await Viewer.open(id), await Viewer.open(id)];
    await sleepNow(id);
    ada.say(frame);
    expect(await ada.hear(2)).toEqual([snapshot({ kept: true }), expect.objectContaining({ type: "error", code })]);
    const response = await fetch(`/doc/${id}`);
    expect([await response.json(), response.headers.get("etag")]).toEqual([{ kept: true }, `"${version}"`]);
    await sleepNow(id);
    ada.say('{"op":"merge","value":{"after":1}}');
    expect((await ada.hear(1))[0]).toEqual(merge({ after: 1 }));
    expect(await bob.hear(2)).toEqual([snapshot({ kept: true }), merge({ after: 1 })]);
  });

  test("W5 W3 a restore and a clear are a fresh snapshot, and what follows joins it", async () => {
    const id = "replaced";
    await mutate(id, { type: "set", value: { draft: 1 } });
    await fetch(`/doc/${id}/versions`, json("POST", { name: "first" }));
    await mutate(id, { type: "merge", value: { draft: 2, more: true } });
    const viewer = await Viewer.open(id);
    await viewer.hear(1);
    await sleepNow(id);
    await versionOf(await fetch(`/doc/${id}/versions/first/restore`, { method: "POST" }));
    expect(await viewer.hear(1)).toEqual([snapshot({ draft: 1 })]);
    await sleepNow(id);
    viewer.say('{"op":"merge","value":{"next":true}}');
    expect(await viewer.hear(1)).toEqual([merge({ next: true })]);
    expect(viewer.value).toEqual(await stored(id));
    await sleepNow(id);
    await versionOf(await fetch(`/doc/${id}`, { method: "DELETE" }));
    expect(await viewer.hear(1)).toEqual([snapshot({})]);
    await mutate(id, { type: "merge", value: { again: 1 } });
    expect(await viewer.hear(1)).toEqual([merge({ again: 1 })]);
    expect(viewer.value).toEqual(await stored(id));
  });
});

test("D7 server time is the room's, and everybody gets the same", async () => {
  const id = "clock";
  const viewer = await Viewer.open(id);
  await viewer.hear(1);
  const { peer } = await Peer.live({ fetch: (_: string, init: RequestInit) => fetch(`/doc/${id}/ws`, init) });
  await mutate(id, { type: "merge", value: { first: true } });
  const before = await peer.expect("ops");
  await viewer.hear(1);
  await sleepNow(id);
  const fields = [
    { op: "serverTime", path: "/one" },
    { op: "serverTime", path: "/two" },
  ];
  peer.mutate(1, { type: "update", fields });
  const run = await peer.expect("ops");
  const [frame] = await viewer.hear(1);
  const { one } = viewer.value as { one: number };
  expect(frame).toEqual(merge({ one, two: one }));
  expect(one).toBeGreaterThanOrEqual(before.at);
  expect(one).toBeLessThanOrEqual(run.at);
  // Those who fold the op later, or from the log, come to the same time.
  expect(run.entries[0]?.ops).toEqual([
    { type: "update", fields: ["/one", "/two"].map((path) => ({ op: "put", path, value: one })) },
  ]);
  await sleepNow(id);
  expect(await stored(id)).toEqual({ first: true, one, two: one });
});
