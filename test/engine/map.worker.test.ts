import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { featureOf, featuresOf } from "../../src/kinds/map/features.ts";
import type { Feature, MapState } from "../../src/kinds/map/types.ts";
import { OPEN } from "../../src/room/api.ts";
import type { MapApi } from "../../src/room/map/api.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

type MapTestRoom = MapApi & DurableObjectStub;

function maps(name: string): MapTestRoom {
  return env.MAPS.getByName(name);
}

async function featuresIn(room: MapTestRoom): Promise<Record<string, Feature>> {
  return Object.fromEntries(featuresOf(JSON.parse((await room.readText()).text) as MapState));
}

const point = (lng: number, lat: number) => ({ geometry: { type: "Point", coordinates: [lng, lat] } });
const add = (id: string, lng: number, more: object = {}) => ({
  type: "addFeature",
  id,
  feature: { ...point(lng, 0), ...more },
});

/** Waits until a peer was sent op `seq`, and answers with it. */
async function opOf(peer: Peer, seq: number): Promise<unknown> {
  return (await peer.opsUntil(seq)).get(seq);
}

/** The next message of this type; others are passed over. */
async function until(peer: Peer, t: string): Promise<object> {
  for (;;) {
    const message = await peer.next();
    if (message.t === t) return message;
  }
}

describe("a map's room", () => {
  test("M2 two people edit the title and the place of one feature at once", async () => {
    const room = maps("two-editors");
    const [ada, bob] = [await Peer.live(room), await Peer.live(room)];
    ada.peer.mutate(1, add("a", 1));
    await Promise.all([opOf(ada.peer, 1), opOf(bob.peer, 1)]);
    ada.peer.mutate(2, { type: "updateFeature", id: "a", change: { title: "Ada's" } });
    bob.peer.mutate(1, { type: "updateFeature", id: "a", change: point(5, 5) });
    const [atAda, atBob] = await Promise.all([ada.peer.opsUntil(3), bob.peer.opsUntil(3)]);
    expect([...atAda]).toEqual([...atBob]);
    expect(await featuresIn(room)).toMatchObject({
      a: { title: "Ada's", ...point(5, 5), made: { by: ada.welcome.you } },
    });
  });

  test("M7 M8 undo finds one's own last change in the log, across sleeps, and in the same frame", async () => {
    const room = maps("undo");
    const presence = { name: "Ada" };
    const [ada, bob] = [await Peer.live(room, { presence }), await Peer.live(room)];
    expect((await ada.peer.expect("presence")).set).toBeDefined();
    ada.peer.mutate(1, add("a", 1), { type: "updateFeature", id: "a", change: { title: "A" } });
    await bob.peer.opsUntil(2);
    expect(await featuresIn(room)).toMatchObject({ a: { made: { name: "Ada" } } });
    bob.peer.mutate(1, { type: "updateFeature", id: "a", change: { color: "#00ff00" } });
    await bob.peer.opsUntil(3);
    await sleep(room);
    ada.peer.mutate(2, { type: "undo" });
    await bob.peer.opsUntil(4);
    expect((await featuresIn(room))["a"]).not.toHaveProperty("title");
    await sleep(room);
    // Bob has colored it since: the making of it is not Ada's alone any more.
    bob.peer.mutate(2, { type: "updateFeature", id: "a", change: { note: "N" } });
    await bob.peer.opsUntil(5);
    ada.peer.mutate(3, { type: "undo" });
    await ada.peer.opsUntil(5);
    expect(await ada.peer.next()).toMatchObject({ t: "refused", m: 3, code: "conflict" });
    bob.peer.mutate(3, { type: "undo" }, { type: "undo" });
    await ada.peer.opsUntil(7);
    ada.peer.mutate(4, { type: "undo" }, { type: "setPin", at: [1, 1] }, { type: "undo" });
    await bob.peer.opsUntil(10);
    expect(await featuresIn(room)).toEqual({});
  });

  test("M7 a restore leaves nothing of another history to undo", async () => {
    const room = maps("undo-restored");
    const { peer } = await Peer.live(room);
    peer.mutate(1, add("a", 1));
    peer.mutate(2, add("b", 1));
    await peer.opsUntil(2);
    await room.saveVersion("then", OPEN);
    await room.restoreVersion("then", OPEN);
    const { reset, state } = await peer.expect("snapshot");
    expect([reset, (state as MapState).undo]).toEqual(["restored", {}]);
    peer.mutate(3, { type: "undo" });
    expect(await peer.next()).toMatchObject({ t: "refused", m: 3, code: "conflict" });
    peer.mutate(4, add("c", 1));
    peer.mutate(5, { type: "undo" });
    await peer.opsUntil(2);
    expect(new Set(Object.keys(await featuresIn(room)))).toEqual(new Set(["a", "b"]));
    // `before-restore` undoes the restore itself.
    await room.restoreVersion("before-restore", OPEN);
    expect(new Set(Object.keys(await featuresIn(room)))).toEqual(new Set(["a", "b"]));
  });

  test("M11 presence is checked, rounded, told, and never logged", async () => {
    const room = maps("presence");
    const [ada, bob] = [await Peer.live(room, { presence: null }), await Peer.live(room)];
    bob.peer.send({ t: "presence", data: { name: "Bob", location: { lng: 1.123_456_789, lat: 2, heading: 12.3 } } });
    const told = await ada.peer.expect("presence");
    expect(Object.values(told.set)).toMatchObject([
      { by: bob.welcome.you, data: { name: "Bob", location: { lng: 1.123_457, lat: 2, heading: 12 } } },
    ]);
    bob.peer.send({ t: "presence", data: { name: "Bob", location: { lng: 181, lat: 2 } } });
    const refused = await until(bob.peer, "refused");
    expect(refused).toMatchObject({ code: "bad_message", path: "/location/lng" });
    expect(JSON.stringify(await room.roster())).toContain("1.123457");
    expect((await room.history({})) as object).toMatchObject({ runs: [] });
  });

  test("M4 10,000 features and one more: a wake and a change", async () => {
    const room = maps("ten-thousand");
    const features = Array.from({ length: 10_000 }, (_, n) => ({
      ...point((n % 3_600) / 10 - 180, (n % 1_700) / 10 - 85),
      title: `Pin number ${n}`,
      color: "#0088ff",
    }));
    const outcome = await room.importText(JSON.stringify(features), OPEN);
    expect(outcome).toMatchObject({ ok: true });
    await sleep(room);
    const { peer, snapshot } = await Peer.live(room);
    expect((snapshot.state as MapState).size.features).toBe(10_000);
    peer.mutate(1, add("one-more", 1));
    // The snapshot filled the connection's window.
    peer.send({ t: "ack", n: ((await until(peer, "mark")) as { n: number }).n });
    await until(peer, "ops");
    await sleep(room);
    const state = JSON.parse((await room.readText()).text) as MapState;
    expect(state.size.features).toBe(10_001);
    expect(featureOf(state, "one-more")).toMatchObject(point(1, 0));
  });
});

describe("an import over RPC", () => {
  const small = (name: string): MapTestRoom => env.SMALL_MAPS.getByName(name);
  const titled = (...titles: string[]) =>
    titles.map((title, lng) => ({ ...point(lng, 0), title, metadata: { filler: "x".repeat(30) } }));

  test("M6 larger than one mutation may be is added whole, in one turn", async () => {
    const room = small("import");
    const { peer } = await Peer.live(room);
    const { ok } = await room.importText(JSON.stringify(titled("a", "b", "c", "d", "e")), OPEN);
    expect(ok).toBe(true);
    // Each mutation may have 600 bytes here.
    const ops = await peer.opsUntil(2);
    expect(ops.size).toBe(2);
    await sleep(room);
    expect(new Set(Object.values(await featuresIn(room)).map(({ title }) => title))).toEqual(
      new Set(["a", "b", "c", "d", "e"]),
    );
  });

  test.each<[string, unknown, string]>([
    ["a fault in the last", [...titled("a", "b", "c", "d"), { ...point(0, 91) }], "bad_intent"],
    ["one too many", titled("a", "b", "c", "d", "e", "f"), "too_large"],
    ["a title that is too long", titled("a", "b", "c", "d", "x".repeat(11)), "too_large"],
  ])("M6 M10 %s, and none is added", async (title, features, code) => {
    const room = small(title);
    expect(await room.importText(JSON.stringify(features), OPEN)).toMatchObject({ ok: false, code });
    expect(await room.importText(JSON.stringify(titled("a")), { can: ["read"] })).toMatchObject({ code: "forbidden" });
    expect(await featuresIn(room)).toEqual({});
    expect((await room.readText()).version).toBe("0.0");
  });

  test("M6 with a key it is added once, with a version only at that version", async () => {
    const room = small("import-key");
    const text = JSON.stringify(titled("a", "b", "c"));
    const options = { idempotencyKey: "k1" };
    expect(await room.importText(text, OPEN, options)).toMatchObject({ ok: true });
    const { version } = await room.readText();
    expect(await room.importText(JSON.stringify(titled("a", "b")), OPEN, options)).toMatchObject({ ok: true });
    expect((await room.readText()).version).toBe(version);
    expect(await room.importText(text, OPEN, { ifVersion: "x.1" })).toMatchObject({ code: "version_mismatch" });
    expect(Object.keys(await featuresIn(room))).toHaveLength(3);
  });

  test("M6 X7 one under a key is known again when it filled the map, and whatever its version was", async () => {
    const room = small("import-full");
    const text = JSON.stringify(titled("a", "b", "c", "d", "e"));
    const options = { idempotencyKey: "k", ifVersion: (await room.readText()).version };
    expect(await room.importText(text, OPEN, options)).toMatchObject({ ok: true });
    const { version } = await room.readText();
    expect(await room.importText(text, OPEN, options)).toEqual({ ok: true, version });
    expect(Object.keys(await featuresIn(room))).toHaveLength(5);
  });

  test("M6 Q1 over the rate none of it is added, though a part of it would not be", async () => {
    const room = small("import-rate");
    const ada = { ...OPEN, address: "198.18.0.1" };
    const bob = { ...OPEN, address: "198.18.0.2" };
    const text = JSON.stringify(titled("a", "b", "c", "d", "e"));
    const options = { idempotencyKey: "k" };
    // Three tokens: two for the pin, and the import takes two.
    for (const intent of [
      { type: "setPin", at: [1, 1] },
      { type: "removeFeature", id: "pin" },
    ]) {
      expect(await room.applyText(JSON.stringify([intent]), ada)).toMatchObject({ ok: true });
    }
    const { version } = await room.readText();
    expect(await room.importText(text, ada, options)).toMatchObject({ ok: false, code: "too_many_requests" });
    expect((await room.readText()).version).toBe(version);
    expect(await room.importText(text, bob, options)).toMatchObject({ ok: true });
    expect(Object.keys(await featuresIn(room))).toHaveLength(5);
    // It was applied: that costs nothing.
    expect(await room.importText(text, ada, options)).toMatchObject({ ok: true });
    // What is refused costs as any mutation does.
    expect(await room.importText("[{}]", ada)).toMatchObject({ code: "bad_intent" });
    expect(await room.importText("[{}]", ada)).toMatchObject({ code: "too_many_requests" });
  });

  test("M1 the Worker's own code changes a map, and is told why not", async () => {
    await runInDurableObject(env.MAPS.getByName("own-code"), async (room) => {
      await room.change([{ type: "setPin", at: [1, 2] }]);
      await expect(room.change([{ type: "removeFeature", id: "x" }])).rejects.toThrow("no feature x");
    });
    expect(await featuresIn(maps("own-code"))).toMatchObject({ pin: point(1, 2) });
  });
});
