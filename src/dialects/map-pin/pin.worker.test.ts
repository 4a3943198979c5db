import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { Peer } from "../../../test/engine/peer.ts";
import { sleep } from "../../../test/engine/sleep.ts";
import { edge, json, versionOf } from "../../../test/worker/edge.ts";

const { fetch } = edge({ maps: (bindings) => bindings.MAPS });

const upgrade = { headers: { upgrade: "websocket" } };

/** An existing client: it knows the one-pin format and nothing else. */
async function open(path: string): Promise<Peer> {
  return Peer.connect({ fetch: (_: string, init: RequestInit) => fetch(path, init) });
}

const update = (lat: number, lng: number): string => JSON.stringify({ type: "pinUpdate", location: { lat, lng } });
const set = (lat: number, lng: number): string => JSON.stringify({ type: "setPin", location: { lat, lng } });
const sleepNow = (id: string): Promise<void> => sleep(env.MAPS.getByName(id));
const mutate = async (id: string, ...intents: readonly unknown[]): Promise<string> =>
  versionOf(await fetch(`/map/${id}`, json("POST", { intents })));

/** One thing that somebody does, and the frames that Ada and Bob get of it. */
interface Turn {
  readonly title: string;
  /** What Ada sends. */
  readonly says?: string;
  /** What a native client does. */
  readonly intents?: readonly unknown[];
  readonly ada?: readonly string[];
  readonly bob?: readonly string[];
}

const both = (...frames: readonly string[]): Pick<Turn, "ada" | "bob"> => ({ ada: frames, bob: frames });

const CONVERSATION: readonly Turn[] = [
  {
    title: "a ping before there is a pin",
    says: '{"type":"ping","id":1,"clientTime":1795000000000}',
    ada: ['{"type":"pong","id":1,"clientTime":1795000000000}'],
  },
  { title: "the first pin", says: set(48.8566, 2.3522), ...both(update(48.8566, 2.3522)) },
  { title: "the pin is moved", says: set(-33.9, 151.2), ...both(update(-33.9, 151.2)) },
  { title: "the pin is set where it stands", says: set(-33.9, 151.2), ...both(update(-33.9, 151.2)) },
  {
    title: "what is not understood",
    says: '{"type":"movePin"}',
    ada: [
      '{"type":"error","error":"The \\"type\\" is \\"setPin\\" or \\"ping\\".","code":"bad_message","path":"/type"}',
    ],
  },
  {
    title: "off the earth",
    says: set(91, 0),
    ada: ['{"type":"error","error":"A latitude is -90 to 90, not 91.","code":"bad_message","path":"/location/lat"}'],
  },
  { title: "no JSON", says: "setPin", ada: ['{"type":"error","error":"The frame is not JSON.","code":"bad_json"}'] },
  {
    title: "a native client moves it",
    intents: [{ type: "updateFeature", id: "pin", change: { geometry: { type: "Point", coordinates: [180, -90] } } }],
    ...both(update(-90, 180)),
  },
  { title: "a native client names it", intents: [{ type: "updateFeature", id: "pin", change: { title: "Here" } }] },
  {
    title: "a native client drops another",
    intents: [{ type: "addFeature", feature: { geometry: { type: "Point", coordinates: [0, 0] } } }],
  },
  {
    title: "two moves of one mutation",
    intents: [
      { type: "setPin", at: [1, 2] },
      { type: "setPin", at: [3, 4] },
    ],
    ...both(update(2, 1), update(4, 3)),
  },
  { title: "a native client removes it", intents: [{ type: "removeFeature", id: "pin" }] },
  {
    title: "a ping when it is gone",
    says: '{"type":"ping","id":"x","clientTime":0.5}',
    ada: ['{"type":"pong","id":"x","clientTime":0.5}'],
  },
  { title: "a pin again", says: set(0, -180), ...both(update(0, -180)) },
  { title: "a click on the next copy of the earth", says: set(1, 190), ...both(update(1, -170)) },
  { title: "three copies to the west", says: set(1, -1_081.5), ...both(update(1, -1.5)) },
  {
    title: "a longitude that is no place at all",
    says: set(1, 1e300),
    ada: [
      '{"type":"error","error":"A longitude is -180 to 180 degrees; one up to 36000 is wrapped, not 1e+300.","code":"bad_message","path":"/location/lng"}',
    ],
  },
];

async function play(id: string, between: () => Promise<void>): Promise<readonly string[][]> {
  const heard: [string[], string[]] = [[], []];
  const [ada, bob] = [await open(`/api/map?id=${id}`), await open(`/api/map?id=${id}`)];
  for (const turn of CONVERSATION) {
    await between();
    if (turn.says === undefined) await mutate(id, ...(turn.intents ?? []));
    else ada.socket.send(turn.says);
    for (const [peer, frames, all] of [
      [ada, turn.ada ?? [], heard[0]],
      [bob, turn.bob ?? [], heard[1]],
    ] as const) {
      for (const expected of frames) {
        const frame = await peer.line();
        expect(`${turn.title}: ${frame}`).toBe(`${turn.title}: ${expected}`);
        all.push(frame);
      }
    }
  }
  expect([ada.unread, bob.unread]).toEqual([[], []]);
  return heard;
}

describe("existing clients of maps", () => {
  test("M17 a recorded conversation, awake and with the room asleep between any two frames", async () => {
    const awake = await play("awake", () => Promise.resolve());
    const asleep = await play("asleep", () => sleepNow("asleep"));
    expect(asleep).toEqual(awake);
    expect(awake[0]).toEqual(CONVERSATION.flatMap(({ ada = [] }) => ada));
  });

  test("M17 who comes later gets the pin at once, by whatever route; where there is none, nothing", async () => {
    const early = await open("/api/map?id=later");
    early.socket.send(set(1, 2));
    expect(await early.line()).toBe(update(1, 2));
    await sleepNow("later");
    for (const path of ["/api/map?id=later", "/map/later/ws"])
      expect(await (await open(path)).line()).toBe(update(1, 2));
    await mutate("later", { type: "removeFeature", id: "pin" });
    const late = await open("/api/map?id=later");
    late.socket.send('{"type":"ping","id":1,"clientTime":2}');
    expect(await late.line()).toBe('{"type":"pong","id":1,"clientTime":2}');
  });

  test("M17 without an id it is the default map, and ids are decoded as addresses are", async () => {
    for (const [path, id] of [
      ["/api/map", "default-map"],
      ["/api/map?id=", "default-map"],
      ["/api/map?id=a%2Fb%20%C3%A9", "a/b é"],
    ] as const) {
      const peer = await open(path);
      peer.socket.send(set(1, 2));
      await peer.line();
      const state = await fetch(`/map/${encodeURIComponent(id)}`);
      expect(await state.json()).toMatchObject({ features: { pin: { geometry: { coordinates: [2, 1] } } } });
      await mutate(encodeURIComponent(id), { type: "removeFeature", id: "pin" });
    }
  });

  test("M17 a restore moves the pin", async () => {
    await mutate("restored", { type: "setPin", at: [2, 1] });
    await fetch("/map/restored/versions", json("POST", { name: "then" }));
    const peer = await open("/api/map?id=restored");
    expect(await peer.line()).toBe(update(1, 2));
    peer.socket.send(set(5, 5));
    expect(await peer.line()).toBe(update(5, 5));
    await versionOf(await fetch("/map/restored/versions/then/restore", { method: "POST" }));
    expect(await peer.line()).toBe(update(1, 2));
  });

  test("M17 other paths are not found", async () => {
    for (const path of ["/api/map/", "/api/map/x", "/api/map/x/y?id=a"]) {
      const response = await fetch(path, upgrade);
      expect([response.status, await response.text()]).toEqual([404, "Not found"]);
    }
    expect((await fetch("/api/map")).status).toBe(426);
  });

  test("M17 who may only read is told so, and the pin stays", async () => {
    const reading = edge({ maps: (bindings) => bindings.MAPS, authorize: () => ({ can: ["read"] }) });
    const peer = await Peer.connect({
      fetch: (_: string, init: RequestInit) => reading.fetch("/api/map?id=reader", init),
    });
    peer.socket.send(set(1, 2));
    expect(JSON.parse(await peer.line())).toMatchObject({ type: "error", code: "forbidden" });
    expect(await (await fetch("/map/reader")).json()).toMatchObject({ features: {} });
  });
});
