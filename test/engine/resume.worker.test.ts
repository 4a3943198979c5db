import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { formatVersion, parseVersion, type Position } from "../../src/protocol/position.ts";
import { Follower } from "./follower.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

type Count = { readonly count: number };
type Add = { readonly add: number };
type Room = Pick<DurableObjectStub, "fetch">;

const ALL = { can: ["read", "write", "admin"] } as const;
const fold = (state: Count, op: Add): Count => ({ count: state.count + op.add });

interface Writer {
  readonly peer: Peer;
  readonly follower: Follower<Count, Add>;
  /** Adds, one mutation each, and waits until they are durable. */
  add(...amounts: readonly number[]): Promise<Position>;
}

async function writerOf(room: Room): Promise<Writer> {
  const peer = await Peer.native(room);
  await peer.hello();
  const follower = new Follower<Count, Add>(peer, { fold });
  await follower.until(() => follower.epoch !== "");
  let m = 0;
  return {
    peer,
    follower,
    async add(...amounts) {
      const seq = follower.seq + amounts.length;
      for (const add of amounts) peer.mutate((m += 1), { add });
      await follower.until(() => follower.seq === seq);
      return follower.position;
    },
  };
}

test("R1 one that comes back gets exactly the ops that it missed, then the live ones", async () => {
  const room = env.COUNTERS.getByName("r1");
  const writer = await writerOf(room);
  const since = await writer.add(1, 2, 3);
  const state = { count: 6 };
  await writer.add(10, 20);
  const peer = await Peer.native(room);
  const welcome = await peer.hello({ since });
  expect(welcome).toMatchObject({ resume: "tail", epoch: since.epoch, head: 5 });
  expect(welcome).not.toHaveProperty("reason");
  const ops: number[] = [];
  const back = new Follower<Count, Add>(peer, { fold, onOp: ({ op }) => ops.push(op.add) }, { position: since, state });
  await writer.add(100);
  await back.until(() => back.seq === 6);
  expect(ops).toEqual([10, 20, 100]);
  expect(back.state).toEqual({ count: 136 });
  expect(back.snapshots).toEqual([]);
});

test("R1 one that has everything gets nothing but what is new", async () => {
  const room = env.COUNTERS.getByName("r1-none");
  const writer = await writerOf(room);
  const since = await writer.add(1);
  await sleep(room);
  const peer = await Peer.native(room);
  expect(await peer.hello({ since })).toMatchObject({ resume: "tail", head: 1 });
  await writer.add(2);
  expect(await peer.next()).toMatchObject({ t: "ops", seq: 2 });
});

test("R1 from within a run of several, whatever the position, also after a sleep", async () => {
  const room = env.COUNTERS.getByName("r1-within");
  const writer = await writerOf(room);
  const { epoch } = await writer.add(1);
  // One row of five ops, in entries of two, one and two.
  writer.peer.send(
    { t: "mutate", m: 2, intents: [{ add: 2 }, { add: 3 }] },
    { t: "mutate", m: 3, intents: [{ add: 4 }] },
    { t: "mutate", m: 4, intents: [{ add: 5 }, { add: 6 }] },
  );
  await writer.follower.until(() => writer.follower.seq === 6);
  const rows = await runInDurableObject(room as DurableObjectStub, (_, { storage }) =>
    storage.sql.exec("SELECT first, last FROM log").toArray(),
  );
  expect(rows).toEqual([
    { first: 1, last: 1 },
    { first: 2, last: 6 },
  ]);
  for (let seq = 0; seq <= 6; seq += 1) {
    if (seq % 2 === 0) await sleep(room);
    const peer = await Peer.native(room);
    expect(await peer.hello({ since: { epoch, seq } })).toMatchObject({ resume: "tail" });
    const ops: number[] = [];
    const from = { position: { epoch, seq }, state: { count: (seq * (seq + 1)) / 2 } };
    const back = new Follower<Count, Add>(peer, { fold, onOp: ({ op }) => ops.push(op.add) }, from);
    await back.until(() => back.seq === 6);
    await back.caughtUp();
    expect(ops).toEqual([1, 2, 3, 4, 5, 6].slice(seq));
    expect(back.state).toEqual({ count: 21 });
  }
});

describe("R2 the cheaper of ops and snapshot", () => {
  const LARGE = "x".repeat(30_000);

  async function document(name: string): Promise<{ readonly room: Room; readonly peer: Peer; readonly epoch: string }> {
    const room = env.DOCUMENTS.getByName(name);
    const { peer, snapshot } = await Peer.live(room);
    return { room, peer, epoch: snapshot.epoch };
  }

  test("R2 many ops over a small state: the snapshot", async () => {
    const { room, peer, epoch } = await document("small-state");
    for (let m = 1; m <= 3; m += 1) {
      peer.mutate(m, { type: "set", value: { text: `${m}${LARGE}` } });
      await peer.expect("ops");
    }
    for (const seq of [0, 1]) {
      const back = await Peer.native(room);
      expect(await back.hello({ since: { epoch, seq } })).toMatchObject({ resume: "snapshot", head: 3 });
      expect(await back.expect("snapshot")).toMatchObject({ seq: 3, state: { text: `3${LARGE}` } });
    }
    peer.mutate(4, { type: "merge", value: { small: true } });
    await peer.expect("ops");
    const nearly = await Peer.native(room);
    expect(await nearly.hello({ since: { epoch, seq: 3 } })).toMatchObject({ resume: "tail" });
  });

  test("R2 H1 few ops over a large state: the ops, whether or not the room has slept or been read", async () => {
    const { room, peer, epoch } = await document("large-state");
    for (const [index, key] of ["a", "b", "c"].entries()) {
      // Too little, all together, for a checkpoint that would tell the size of the state.
      peer.mutate(index + 1, { type: "merge", value: { [key]: "x".repeat(20_000) } });
      await peer.expect("ops");
    }
    const since = { epoch, seq: 1 };
    const resume = async (): Promise<string> => {
      const back = await Peer.native(room);
      return (await back.hello({ since })).resume;
    };
    expect(await resume()).toBe("tail");
    await Peer.live(room);
    expect(await resume()).toBe("tail");
    await sleep(room as DurableObjectStub);
    expect(await resume()).toBe("tail");
  });

  test("R2 ops that are no longer kept cost nothing", async () => {
    const room = env.SHORT_COUNTERS.getByName("r2-kept");
    const { epoch, oldest } = await runInDurableObject(room, async (instance, { storage }) => {
      for (let n = 0; n < 400; n += 1) await instance.applyText('[{"add":1}]', ALL);
      const log = storage.sql.exec<{ oldest: number; total: number }>(
        "SELECT min(first) AS oldest, max(total) AS total FROM log",
      );
      const { oldest: first, total } = log.one();
      // More than is sent without asking what it costs.
      expect(total).toBeGreaterThan(16 * 1024);
      return { epoch: parseVersion((await instance.readText()).version)?.epoch ?? "", oldest: first };
    });
    const back = await Peer.native(room);
    expect(await back.hello({ since: { epoch, seq: oldest - 1 } })).toMatchObject({ resume: "tail" });
    expect((await back.expect("ops")).seq).toBe(oldest);
  });

  test("R2 where every op counts: the ops, whatever they cost", async () => {
    const room = env.FEEDS.getByName("every");
    const { peer, snapshot } = await Peer.live(room);
    for (let m = 1; m <= 3; m += 1) {
      peer.mutate(m, { text: LARGE });
      await peer.expect("ops");
    }
    const back = await Peer.native(room);
    expect(await back.hello({ since: { epoch: snapshot.epoch, seq: 0 } })).toMatchObject({ resume: "tail" });
    expect((await back.opsUntil(3)).size).toBe(3);
  });
});

describe("R3 what cannot be joined is reset, with the reason", () => {
  test("R3 another epoch; ahead of the room", async () => {
    const room = env.COUNTERS.getByName("r3");
    const writer = await writerOf(room);
    const { epoch } = await writer.add(1, 2);
    for (const [since, reason] of [
      [{ epoch: "other", seq: 1 }, "epoch"],
      [{ epoch: "other", seq: 2 }, "epoch"],
      [{ epoch, seq: 3 }, "ahead"],
      [{ epoch, seq: Number.MAX_SAFE_INTEGER }, "ahead"],
    ] as const) {
      const peer = await Peer.native(room);
      expect(await peer.hello({ since })).toMatchObject({ resume: "reset", reason, epoch, head: 2 });
      expect(await peer.expect("snapshot")).toMatchObject({ epoch, seq: 2, state: { count: 3 } });
    }
  });
});

test("R4 one that names no position gets a snapshot", async () => {
  const room = env.COUNTERS.getByName("r4");
  const writer = await writerOf(room);
  const { epoch } = await writer.add(1, 2);
  for (const asleep of [false, true]) {
    if (asleep) await sleep(room);
    const { welcome, snapshot } = await Peer.live(room);
    expect(welcome).toMatchObject({ resume: "snapshot", epoch, head: 2 });
    expect(welcome).not.toHaveProperty("reason");
    expect(snapshot).toEqual({ t: "snapshot", epoch, seq: 2, kv: 1, state: { count: 3 } });
  }
});

test("R5 after a clear and a restore: a new epoch, numbers from 1, and everybody told why", async () => {
  const room = env.COUNTERS.getByName("r5");
  const { peer: ada, snapshot } = await Peer.live(room);
  const { peer: bob } = await Peer.live(room);
  ada.mutate(1, { add: 5 });
  for (const peer of [ada, bob]) await peer.expect("ops");
  await room.saveVersion("five", ALL);
  const epochs = [snapshot.epoch];
  for (const [reset, replace, count] of [
    ["cleared", () => room.clear(ALL), 0],
    ["restored", () => room.restoreVersion("five", ALL), 5],
  ] as const) {
    const outcome = await replace();
    const [seen, also] = [await ada.expect("snapshot"), await bob.expect("snapshot")];
    expect(also).toEqual(seen);
    expect(seen).toEqual({ t: "snapshot", epoch: seen.epoch, seq: 0, kv: 1, reset, state: { count } });
    expect(epochs).not.toContain(seen.epoch);
    expect(outcome).toEqual({ ok: true, version: formatVersion(seen) });
    // A client of the history before is told when it comes back.
    const old = await Peer.native(room);
    const since = { epoch: epochs.at(-1) ?? "", seq: 1 };
    expect(await old.hello({ since })).toMatchObject({ resume: "reset", reason: "epoch", head: 0 });
    epochs.push(seen.epoch);
    ada.mutate(epochs.length, { add: 1 });
    for (const peer of [ada, bob]) expect(await peer.expect("ops")).toMatchObject({ seq: 1 });
  }
});
