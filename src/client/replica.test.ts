import { expect, test, vi } from "vitest";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import type { Entry } from "../protocol/room/ops.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import type { RoomcastError } from "./errors.ts";
import { tallyKind, type Tally, type TallyIntent, type TallyOp } from "./fixtures/tally.ts";
import { Replica } from "./replica.ts";

const WELCOME: Welcome = {
  t: "welcome",
  v: 1,
  kind: "tally",
  conn: "c",
  you: "me",
  can: ["read", "write"],
  last: 0,
  gaps: [],
  epoch: "e",
  head: 0,
  resume: "snapshot",
  now: 0,
};

function replica(): Replica<Tally, TallyIntent, TallyOp> {
  return new Replica(tallyKind, () => ({ can: ["write"], limits: DEFAULT_LIMITS }));
}

function liveReplica(seq = 0): Replica<Tally, TallyIntent, TallyOp> {
  const live = replica();
  live.welcome({ ...WELCOME, head: seq });
  live.receive({ t: "snapshot", epoch: "e", seq, kv: 1, state: { n: 0, tags: [], ids: [] } });
  return live;
}

function add(to: Replica<Tally, TallyIntent, TallyOp>, tag: string): () => unknown {
  const settle = vi.fn<(error?: RoomcastError) => void>();
  to.add(JSON.stringify([{ type: "append", tag }]), undefined, 0, settle);
  return () => (settle.mock.calls.length === 0 ? "open" : (settle.mock.calls[0]?.[0]?.code ?? "applied"));
}

function entry(...tags: string[]): Entry {
  return { by: "other", ops: tags.map((tag) => ({ type: "append", tag })) };
}

test("is live once everything up to the room's head is here", () => {
  const one = replica();
  expect([one.live, one.state, one.version, one.since]).toEqual([false, undefined, undefined, undefined]);
  one.welcome(WELCOME);
  expect(one.live).toBe(false);
  one.receive({ t: "snapshot", epoch: "e", seq: 0, kv: 1, state: { n: 0, tags: [], ids: [] } });
  expect([one.live, one.version, one.since]).toEqual([true, "e.0", { epoch: "e", seq: 0 }]);

  one.lost();
  one.welcome({ ...WELCOME, resume: "tail", head: 2 });
  expect(one.live).toBe(false);
  one.receive({ t: "ops", seq: 1, at: 0, entries: [entry("a")] });
  expect(one.live).toBe(false);
  one.receive({ t: "ops", seq: 2, at: 0, entries: [entry("b")] });
  expect(one.live).toBe(true);
});

test("ops that are here already are skipped one by one, even within an entry", () => {
  const one = liveReplica();
  one.receive({ t: "ops", seq: 1, at: 0, entries: [entry("a", "b")] });
  one.receive({ t: "ops", seq: 1, at: 0, entries: [entry("a", "b")] });
  one.receive({ t: "ops", seq: 2, at: 0, entries: [entry("b", "c"), entry("d")] });
  expect(one.state?.tags).toEqual(["a", "b", "c", "d"]);
  expect(one.version).toBe("e.4");
});

test("ops that leave a gap, come before any state, or join another history are a fault", () => {
  const one = liveReplica(3);
  expect(() => one.receive({ t: "ops", seq: 5, at: 0, entries: [entry("a")] })).toThrow(
    expect.objectContaining({ cure: "restart" }),
  );
  expect(one.version).toBe("e.3");
  const two = replica();
  two.welcome(WELCOME);
  expect(() => two.receive({ t: "ops", seq: 1, at: 0, entries: [entry("a")] })).toThrow(
    expect.objectContaining({ cure: "restart" }),
  );
  one.lost();
  expect(() => one.welcome({ ...WELCOME, epoch: "f", resume: "tail" })).toThrow(
    expect.objectContaining({ cure: "restart" }),
  );
});

test("after a fault a snapshot is asked for, and what there was stays in view until it comes", () => {
  const one = liveReplica(3);
  one.forget();
  expect(one.since).toBeUndefined();
  expect(one.state).toBeDefined();
  one.lost();
  one.welcome({ ...WELCOME, head: 9 });
  one.receive({ t: "snapshot", epoch: "e", seq: 9, kv: 1, state: { n: 9, tags: [], ids: [] } });
  expect(one.since).toEqual({ epoch: "e", seq: 9 });
  expect(one.state?.n).toBe(9);
});

test("S2 what the welcome says was applied is not sent again; the rest is, marked, under its number", () => {
  const one = liveReplica();
  const outcomes = ["a", "b", "c", "d"].map((tag) => add(one, tag));
  expect(one.take().map((line) => line.includes('"again"'))).toEqual([false, false, false, false]);
  one.lost();
  const fresh = add(one, "e");
  one.welcome({ ...WELCOME, resume: "tail", head: 2, last: 3, gaps: [[2, 2]] });
  const lines = one.take().map((line) => JSON.parse(line) as { m: number; again?: string });
  expect(lines.map(({ m, again }) => [m, again])).toEqual([
    [2, `${WELCOME.epoch}.${WELCOME.head}`],
    [4, `${WELCOME.epoch}.${WELCOME.head}`],
    [5, undefined],
  ]);
  // One has its entry in the tail, the other had changed nothing.
  one.receive({ t: "ops", seq: 1, at: 0, entries: [entry("x"), { ...entry("a"), by: "me", m: 1 }] });
  expect(outcomes.map((outcome) => outcome())).toEqual(["applied", "open", "applied", "open"]);
  expect(fresh()).toBe("open");
  expect(one.state?.tags).toEqual(["x", "a", "b", "d", "e"]);
});

test("a state of a newer version of the kind ends it, one of an older is waited out", () => {
  const one = replica();
  one.welcome(WELCOME);
  const snapshot = { t: "snapshot", epoch: "e", seq: 0, state: {} } as const;
  expect(() => one.receive({ ...snapshot, kv: 2 })).toThrow(expect.objectContaining({ cure: "stop" }));
  expect(() => one.receive({ ...snapshot, kv: 0 })).toThrow(expect.objectContaining({ cure: "restart" }));
});

test("ids stay the same each time a mutation is decided", () => {
  const one = liveReplica();
  one.add(JSON.stringify([{ type: "stamp", tag: "mine" }]), undefined, 0, () => {});
  const ids = one.state?.ids;
  expect(ids?.[0]).toMatch(/^[a-z0-9]{16}$/);
  one.receive({ t: "ops", seq: 1, at: 0, entries: [entry("x")] });
  expect(one.state?.tags).toEqual(["x", "mine"]);
  expect(one.state?.ids).toEqual(ids);
});

test("a thousand pending: what comes back as predicted is neither folded nor decided again", () => {
  const decide = vi.fn(tallyKind.decide);
  const fold = vi.fn(tallyKind.fold);
  const one = new Replica({ ...tallyKind, decide, fold }, () => ({ can: [], limits: DEFAULT_LIMITS }));
  one.welcome(WELCOME);
  one.receive({ t: "snapshot", epoch: "e", seq: 0, kv: 1, state: { n: 0, tags: [], ids: [] } });
  for (let m = 1; m <= 1000; m += 1) one.add('[{"type":"add","by":1}]', undefined, 0, () => {});
  const shown = one.state;
  expect([decide.mock.calls.length, fold.mock.calls.length]).toEqual([1000, 1000]);
  for (let m = 1; m <= 1000; m += 1) {
    one.receive({ t: "ops", seq: m, at: 0, entries: [{ by: "me", m, ops: [{ type: "add", by: 1 }] }] });
    expect(one.state).toBe(shown);
  }
  expect(one.pending).toBe(0);
  // Each folded once into the confirmed state; the last has the state in view for its result.
  expect([decide.mock.calls.length, fold.mock.calls.length]).toEqual([1000, 1999]);
});

test("nothing is decided again before somebody looks", () => {
  const decide = vi.fn(tallyKind.decide);
  const one = new Replica({ ...tallyKind, decide }, () => ({ can: [], limits: DEFAULT_LIMITS }));
  one.welcome(WELCOME);
  one.receive({ t: "snapshot", epoch: "e", seq: 0, kv: 1, state: { n: 0, tags: [], ids: [] } });
  for (let m = 1; m <= 100; m += 1) one.add('[{"type":"add","by":1}]', undefined, 0, () => {});
  expect(one.state?.n).toBe(100);
  for (let seq = 1; seq <= 100; seq += 1) one.receive({ t: "ops", seq, at: 0, entries: [entry("x")] });
  expect(decide).toHaveBeenCalledTimes(100);
  expect(one.state?.n).toBe(100);
  expect(decide).toHaveBeenCalledTimes(200);
});
