import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { asciiJson } from "../../src/edge/admission.ts";
import type { Engine } from "../../src/room/engine.ts";
import { hasLoneSurrogate } from "../../src/kinds/json/well-formed.ts";
import { DIALECT_HEADER, OPEN, PARAMS_HEADER } from "../../src/room/api.ts";
import { edge, json } from "../worker/edge.ts";
import { company, freshRoom, heardBefore, join, knock, overheard, type Format, type Frame } from "./chat-company.ts";
import { Peer } from "./peer.ts";
import { inside, labs } from "./rooms.ts";
import { sleep } from "./sleep.ts";

const LONE = "\ud800";
const REPAIRED = "x\ufffdy";
const FORMATS = ["native", "json", "line"] as const;

/** A message with half a surrogate pair, as each format may say it. */
const SAYS: Readonly<Record<Format, Frame>> = {
  native: JSON.stringify({ t: "mutate", m: 1, intents: [{ type: "send", text: `x${LONE}y` }] }),
  json: JSON.stringify({ message: `x${LONE}y` }),
  // Text of WebSockets is UTF-8, which has no lone surrogates.
  line: REPAIRED,
};

/** What a room class of one's own may reach. */
function engineOf(room: unknown): Engine<unknown, unknown, unknown> {
  return (room as { readonly engine: Engine<unknown, unknown, unknown> }).engine;
}

/** Fails unless the frames, and the JSON in them, are well-formed. */
function expectWellFormed(frames: readonly string[]): void {
  const lone = frames.filter((frame) => hasLoneSurrogate(frame.startsWith("{") ? JSON.parse(frame) : frame));
  expect(lone).toEqual([]);
}

function raw(name: string, params: object = {}): Promise<Peer> {
  const headers = { [DIALECT_HEADER]: "raw-events", [PARAMS_HEADER]: asciiJson(params) };
  return Peer.connect(env.STREAMS.getByName(name), headers);
}

describe("lone surrogates", () => {
  test.each(FORMATS)("A11 a chat message from the %s format reaches everybody as U+FFFD", async (format) => {
    const { room, members } = await company();
    members[format].socket.send(SAYS[format]);
    for (const to of FORMATS)
      expectWellFormed(await heardBefore(members[to], to === "line" ? lineOf(format) : REPAIRED));
    const page = await room.messages();
    expect(JSON.stringify(page)).toContain(REPAIRED);
  });

  test("A11 a name is repaired in every format", async () => {
    const { room, members } = await company();
    for (const format of FORMATS) await join(room, format, `n${LONE}`);
    const heard = await overheard({ room, members });
    for (const format of FORMATS) expectWellFormed(heard[format]);
    expect(hasLoneSurrogate(await room.roster())).toBe(false);
  });

  test("A11 a user's name from authorize is repaired, and a user's id with one is a fault of the Worker", async () => {
    const faults: unknown[] = [];
    let user = { id: "ada", name: `A${LONE}` };
    const { fetch } = edge({
      authorize: () => ({ user, can: ["read", "write"] }),
      onError: (error) => faults.push(error),
    });
    const upgrade = { headers: { upgrade: "websocket", "sec-websocket-protocol": "roomcast.v1" } };
    const peer = new Peer((await fetch("/doc/named/ws", upgrade)).webSocket as WebSocket);
    expect((await peer.hello()).user).toEqual({ id: "ada", name: "A\ufffd" });
    user = { id: `a${LONE}`, name: "Ada" };
    expect((await fetch("/doc/named")).status).toBe(500);
    expect(String(faults)).toContain("half a surrogate pair");
  });

  test("A11 events are repaired, whatever the way in, and well-formed ones stay exactly as they were sent", async () => {
    const room = env.STREAMS.getByName("lone");
    const subscriber = await raw("lone");
    const exact = String.raw`{ "a":"\ud83d\uDE00", "b":"\\ud800", "c" : 1.0 }`;
    await room.publish(`${exact}\n{"raw":"x${LONE}y"}\n${String.raw`{"escaped":"x\uDBFFy"}`}`, OPEN);
    expect(await subscriber.line()).toBe(exact);
    expect(await subscriber.line()).toBe(`{"raw":"${REPAIRED}"}`);
    expect(await subscriber.line()).toBe(String.raw`{"escaped":"x\ufffdy"}`);

    const { peer } = await Peer.live(room);
    const data = [exact, `{"raw":"x${LONE}y"}`, String.raw`{"escaped":"\udc00"}`];
    peer.mutate(1, { type: "publish", events: data.map((text) => ({ data: text })) });
    expect(await subscriber.line()).toBe(exact);
    expect(await subscriber.line()).toBe(`{"raw":"${REPAIRED}"}`);
    expect(await subscriber.line()).toBe(String.raw`{"escaped":"\ufffd"}`);

    const { fetch } = edge({ streams: (bindings) => bindings.STREAMS });
    const published = await fetch("/stream/lone", { method: "POST", body: String.raw`{"http":"\ud800"}` });
    expect(published.status).toBe(200);
    expect(await subscriber.line()).toBe(String.raw`{"http":"\ufffd"}`);
  });

  test("A11 documents are repaired over HTTP, RPC and the simple format; values from the Worker's code are refused", async () => {
    const { fetch } = edge();
    const simple = new Peer(
      (await fetch("/doc/lone/ws", { headers: { upgrade: "websocket" } })).webSocket as WebSocket,
    );
    await simple.line();
    await fetch("/doc/lone", json("PUT", { [LONE]: LONE }));
    simple.socket.send(JSON.stringify({ op: "merge", value: { simple: LONE } }));
    await env.DOCUMENTS.getByName("lone").applyText(JSON.stringify([{ type: "merge", value: { rpc: LONE } }]));
    expectWellFormed([await simple.line(), await simple.line(), await simple.line()]);
    const state = await (await fetch("/doc/lone")).json();
    expect(state).toEqual({ "\ufffd": "\ufffd", simple: "\ufffd", rpc: "\ufffd" });

    const outcome = await inside(labs("lone"), (room) =>
      engineOf(room).commits.write({ can: ["write"] }, { intents: [{ type: "put", value: LONE }] }),
    );
    expect(outcome).toMatchObject({ ok: false, code: "bad_intent" });
  });

  test("A11 what an earlier version stored is repaired on the way out, of state, log and live frames", async () => {
    const room = freshRoom();
    await room.send("x#y");
    await runInDurableObject(room, async (_, state) => {
      state.storage.sql.exec("UPDATE log SET body = replace(body, '#', ?)", String.raw`\ud800`);
    });
    await sleep(room);
    expect(JSON.stringify(await room.messages())).toContain(REPAIRED);
    const late = await join(room, "json", "Jay");
    expectWellFormed(await heardBefore(late, REPAIRED));
    const native = await knock(room, "native");
    native.send({ t: "hello", v: 1, client: crypto.randomUUID(), from: "start" });
    const frames = [await native.line(), await native.line(), await native.line()];
    expectWellFormed(frames);
    expect(frames.map((frame) => JSON.stringify(JSON.parse(frame))).join()).toContain(REPAIRED);
  });

  test("A11 events that an earlier version stored reach readers of raw frames", async () => {
    const room = env.STREAMS.getByName("stored");
    await room.publish('{"a":"#"}', OPEN);
    await runInDurableObject(room, async (_, state) => {
      state.storage.sql.exec("UPDATE log SET body = replace(body, '#', ?)", String.raw`\ud800`);
    });
    await sleep(room);
    expect(await (await raw("stored", { last: 10 })).line()).toBe('{"a":"\ufffd"}');
  });

  test("A11 a kind's own text is repaired in the frames of its wire formats", async () => {
    const room = freshRoom();
    const line = await knock(room, "line");
    await line.line();
    await runInDurableObject(room, (object) => {
      return engineOf(object).commits.write(
        { can: ["write"] },
        { admitted: true, intents: [{ type: "send", text: `x${LONE}y` }] },
      );
    });
    expect(await line.line()).toBe(REPAIRED);
  });
});

function lineOf(format: Format): string {
  return `${{ native: "Nat", json: "Jay", line: "Lin" }[format]}: ${REPAIRED}`;
}
