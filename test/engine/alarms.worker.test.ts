import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import { commit, onStorage } from "./ledger.ts";
import { Peer } from "./peer.ts";
import { sleep } from "./sleep.ts";

type Room = DurableObjectStub;

interface Planned {
  readonly tasks: Readonly<Record<string, number>>;
  readonly alarm: number | null;
}

const DAY = 24 * 60 * 60 * 1000;

function planned(room: Room): Promise<Planned> {
  return runInDurableObject(room, async (_, { storage }) => ({
    tasks: Object.fromEntries(
      storage.sql
        .exec<{ task: string; at: number }>("SELECT task, at FROM alarms")
        .toArray()
        .map(({ task, at }) => [task, at]),
    ),
    alarm: await storage.getAlarm(),
  }));
}

/** Runs statements on the room's storage, as if time had passed or another hand had been there. */
async function tamper(room: Room, ...statements: readonly string[]): Promise<void> {
  await runInDurableObject(room, (_, { storage }) => {
    for (const statement of statements) storage.sql.exec(statement);
  });
  await sleep(room);
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("H3 the alarm is set to the earliest task, and a task planned twice is planned once", async () => {
  const room = env.COUNTERS.getByName("earliest");
  const { peer } = await Peer.live(room);
  expect(await planned(room)).toEqual({ tasks: {}, alarm: null });

  peer.mutate(1, { add: 1 });
  const { at } = await peer.expect("ops");
  const once = await planned(room);
  expect(once).toEqual({ tasks: { expire: at + 30 * DAY }, alarm: at + 30 * DAY });
  await sleep(room);
  peer.mutate(2, { add: 1 });
  await peer.expect("ops");
  expect(await planned(room)).toEqual(once);

  const before = Date.now();
  peer.send({ t: "presence", data: { x: 1 } });
  await peer.expect("presence");
  const { tasks, alarm } = await planned(room);
  expect(Object.keys(tasks).toSorted()).toEqual(["expire", "sweep"]);
  expect(alarm).toBe(tasks["sweep"]);
  expect(alarm).toBeGreaterThanOrEqual(before);
  peer.send({ t: "presence", data: { x: 2 } });
  await peer.expect("presence");
  expect((await planned(room)).tasks).toEqual(tasks);
});

test("H3 one alarm does all that is due, each once, and nothing that is not", async () => {
  const room = env.COUNTERS.getByName("due");
  const { peer } = await Peer.live(room, { presence: { x: 1 } });
  await peer.expect("presence");
  for (const m of [1, 2, 3]) {
    peer.mutate(m, { add: 1 });
    await peer.expect("ops");
  }
  // Due: forgetting old ops. Not due: looking for the silent.
  await tamper(room, "UPDATE log SET at = 1 WHERE first < 3", "UPDATE alarms SET at = 1 WHERE task = 'expire'");
  const { tasks } = await planned(room);
  await sleep(room);
  expect(await runDurableObjectAlarm(room)).toBe(true);
  const [oldest] = await runInDurableObject(room, (_, { storage }) =>
    storage.sql.exec<{ first: number; at: number }>("SELECT first, at FROM log").toArray(),
  );
  expect(oldest?.first).toBe(3);
  const after = await planned(room);
  expect(after.tasks).toEqual({ sweep: tasks["sweep"], expire: (oldest?.at ?? 0) + 30 * DAY });
  expect(after.alarm).toBe(tasks["sweep"]);

  // The alarm again, with nothing due: it does nothing and stays set.
  expect(await runDurableObjectAlarm(room)).toBe(true);
  expect(await planned(room)).toEqual(after);
  expect(await room.readText()).toMatchObject({ text: '{"count":3}' });
});

test("H3 both tasks in one alarm; a room with nothing left to do sets none", async () => {
  const room = env.COUNTERS.getByName("both");
  const { peer } = await Peer.live(room, { presence: { x: 1 } });
  await peer.expect("presence");
  peer.mutate(1, { add: 1 });
  await peer.expect("ops");
  await tamper(room, "UPDATE log SET at = 1", "UPDATE alarms SET at = 1");
  expect(await runDurableObjectAlarm(room)).toBe(true);
  expect(await planned(room)).toEqual({ tasks: {}, alarm: null });
  expect(await runDurableObjectAlarm(room)).toBe(false);
  // It goes on as ever.
  peer.mutate(2, { add: 1 });
  expect(await peer.expect("ops")).toMatchObject({ seq: 2 });
});

test("H4 an alarm that the platform has lost is set again at the next wake; one that it has is left as it is", async () => {
  const room = env.COUNTERS.getByName("lost");
  const { peer } = await Peer.live(room);
  peer.mutate(1, { add: 1 });
  await peer.expect("ops");
  const before = await planned(room);
  const set = await runInDurableObject(room, (_, { storage }) =>
    vi.spyOn(Object.getPrototypeOf(storage) as DurableObjectStorage, "setAlarm"),
  );
  for (const wake of [() => room.readText(), () => runDurableObjectAlarm(room)]) {
    await sleep(room);
    await wake();
  }
  expect(await planned(room)).toEqual(before);
  expect(set).toHaveBeenCalledTimes(1);

  await runInDurableObject(room, (_, { storage }) => storage.deleteAlarm());
  await sleep(room);
  await room.readText();
  expect(await planned(room)).toEqual(before);

  // What was due meanwhile is done.
  await runInDurableObject(room, (_, { storage }) => storage.deleteAlarm());
  await tamper(room, "UPDATE log SET at = 1", "UPDATE alarms SET at = 1");
  await room.readText();
  await expect.poll(() => planned(room)).toEqual({ tasks: {}, alarm: null });
});

test("H5 ops that are held past their age are looked at again in an hour, and go once nothing holds them", async () => {
  const room = env.COUNTERS.getByName("held");
  const { peer } = await Peer.live(room);
  peer.mutate(1, { add: 1 });
  await peer.expect("ops");
  let floor = 0;
  const ring = async (): Promise<number> => {
    await tamper(room, "UPDATE log SET at = 1", "UPDATE alarms SET at = 1");
    await runInDurableObject(room, (instance) => {
      Object.defineProperty(instance, "floor", { value: () => floor });
    });
    const before = Date.now();
    expect(await runDurableObjectAlarm(room)).toBe(true);
    return before;
  };
  const before = await ring();
  const { tasks, alarm } = await planned(room);
  expect(tasks["expire"]).toBeGreaterThanOrEqual(before + 60 * 60 * 1000);
  expect(alarm).toBe(tasks["expire"]);
  expect(await room.history({})).toMatchObject({ oldest: 1 });

  floor = Infinity;
  await ring();
  expect(await planned(room)).toEqual({ tasks: {}, alarm: null });
  expect(await room.history({})).toMatchObject({ oldest: 2 });
});

test("H5 an op goes when it is as old as it may get, not a moment later", async () => {
  await onStorage("to the millisecond", ({ open, store }) => {
    vi.spyOn(Date, "now").mockReturnValue(1_000_000);
    const ledger = open({ age: 1_000 });
    commit(ledger, { do: "put", key: "a", value: "1" });
    expect(ledger.expiresAt).toBe(1_001_000);
    vi.spyOn(Date, "now").mockReturnValue(1_001_000);
    ledger.expire();
    expect(store.log.oldest()).toBeUndefined();
  });
});

test("H3 a task that is planned for a time which the platform's alarm does not reach harms nothing", async () => {
  for (const [name, life] of [
    ["far", { expiresAt: "9999-12-31T23:59:59Z" }],
    ["further", { ttl: 999_999_999_999_999 }],
  ] as const) {
    const room = env.STREAMS.getByName(name);
    const created = await room.durableCreate({ ...life, body: new ArrayBuffer(0) }, OPEN);
    expect(created).toMatchObject({ is: "created" });
    await tamper(room, "DELETE FROM alarms WHERE task <> 'lapse'");
    await runDurableObjectAlarm(room);
    const { tasks, alarm } = await planned(room);
    expect(tasks["lapse"]).toBeGreaterThan(Date.UTC(9998));
    expect(new Date(alarm ?? 0).getUTCFullYear()).toBe(2189);
    expect(await room.durableHead()).toMatchObject({ is: "found" });
  }
});

test("H2 when a room has done what it was asked, no timer is left", async () => {
  const pending = new Set<unknown>();
  const set = globalThis.setTimeout;
  const clear = globalThis.clearTimeout;
  const used = { timers: 0 };
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, milliseconds?: number) => {
    used.timers += 1;
    const timer = set(() => {
      pending.delete(timer);
      run();
    }, milliseconds);
    pending.add(timer);
    return timer;
  }) as typeof setTimeout);
  vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => {
    pending.delete(timer);
    clear(timer);
  });
  const interval = vi.spyOn(globalThis, "setInterval");

  const room = env.COUNTERS.getByName("quiet");
  const { peer: ada } = await Peer.live(room, { presence: { name: "Ada" } });
  const { peer: bob } = await Peer.live(room);
  await ada.expect("presence");
  // Busy enough for both of the room's timers: gathering for a flush, and roster changes to be merged. Where all goes so
  // slowly that neither was needed, once more.
  for (let m = 1; used.timers === 0; m += 50) {
    for (let more = 0; more < 50; more += 1) bob.mutate(m + more, { add: 1 });
    for (let x = m; x < m + 5; x += 1) ada.send({ t: "presence", data: { name: "Ada", x } });
    let last: unknown;
    let seq = 0;
    while (last !== m + 4 || seq < m + 49) {
      const message = await ada.next();
      if (message.t === "presence") [last] = Object.values(message.set).map(({ data }) => data["x"]);
      if (message.t === "ops") seq = message.seq + message.entries.length - 1;
    }
  }
  // Waits for the room's work to end, which a timer without an end would keep from happening.
  await sleep(room);
  expect(pending.size).toBe(0);
  expect(interval).not.toHaveBeenCalled();
});
