import { describe, expect, test } from "vitest";
import { Refusal } from "../../../protocol/refusal.ts";
import { streamKind } from "../kind.ts";
import type { StreamOp, StreamState } from "../types.ts";
import { decideDurable, durableOf, judge, refusePublish, type Verdict } from "./state.ts";
import type { Append, DurableIntent, DurableState } from "./types.ts";

const event = (data: string): StreamOp => ({ type: "event", event: { data } });
const fold = (ops: readonly StreamOp[], from: StreamState = streamKind.initial()): StreamState =>
  ops.reduce(streamKind.fold, from);

function after(...intents: readonly DurableIntent[]): StreamState {
  let state = streamKind.initial();
  for (const intent of intents) {
    const ops = decideDurable(state, intent);
    if (!Array.isArray(ops)) throw new Error("refused");
    state = fold(ops as readonly StreamOp[], state);
  }
  return state;
}

const made: DurableIntent = { type: "create", config: { contentType: "Text/Plain; charset=utf-8" }, data: [] };
const text = (more: Partial<Append> = {}): Append => ({
  type: "append",
  data: [{ type: "chunk", text: "x" }],
  ...more,
});
const by = (epoch: number, seq: number, id = "p"): Pick<Append, "producer"> => ({ producer: { id, epoch, seq } });
const streamOf = (state: StreamState): DurableState => durableOf(state) ?? expect.fail("no stream");

describe("what becomes of an append", () => {
  const written = after(made, text(by(0, 0)), text({ ...by(0, 1), seq: "b" }));
  const closed = after(made, text({ ...by(1, 0), close: true }));
  const large = after(made, text(by(2 ** 52, 0)));
  const step = 2 ** 52 + 2 ** 20;

  test.each<[string, StreamState, Append, Verdict]>([
    ["the next of a producer", written, text(by(0, 2)), { is: "accepted" }],
    ["the same again", written, text(by(0, 1)), { is: "duplicate", seq: 1 }],
    ["an older one", written, text(by(0, 0)), { is: "duplicate", seq: 1 }],
    ["a gap", written, text(by(0, 3)), { is: "gap", expected: 2, received: 3 }],
    ["a new epoch", written, text(by(1, 0)), { is: "accepted" }],
    ["a new epoch from the middle", written, text(by(1, 1)), { is: "epoch_start" }],
    ["a new producer", written, text(by(7, 0, "q")), { is: "accepted" }],
    ["a new producer from the middle", written, text(by(0, 1, "q")), { is: "gap", expected: 0, received: 1 }],
    ["a producer with a name of Object's", written, text(by(0, 0, "__proto__")), { is: "accepted" }],
    ["a stale epoch", after(made, text(by(2, 0))), text(by(1, 0)), { is: "stale", epoch: 2 }],
    ["a sequence that rises", written, text({ seq: "c" }), { is: "accepted" }],
    ["the same sequence", written, text({ seq: "b" }), { is: "behind" }],
    ["a duplicate with an old sequence", written, text({ ...by(0, 1), seq: "a" }), { is: "duplicate", seq: 1 }],
    ["the last epoch that a number can hold", written, text(by(2 ** 53 - 1, 0)), { is: "epoch_ahead", max: 2 ** 52 }],
    ["a time in microseconds as epoch", written, text(by(1_900_000_000_000_000, 0)), { is: "accepted" }],
    ["an epoch far beyond a large one", large, text(by(2 ** 52 + 2 ** 20 + 1, 0)), { is: "epoch_ahead", max: step }],
    ["the one after a large epoch", large, text(by(2 ** 52 + 1, 0)), { is: "accepted" }],
    ["a user's own with the id of another's", written, text({ ...by(0, 0), user: "ann" }), { is: "accepted" }],
    ["another type", written, text({ contentType: "application/json" }), { is: "mismatch" }],
    ["the same type, otherwise written", written, text({ contentType: "text/PLAIN" }), { is: "accepted" }],
    ["to a closed stream", closed, text(), { is: "closed" }],
    ["the close again", closed, text({ ...by(1, 0), close: true }), { is: "duplicate", seq: 0 }],
    ["another close", closed, text({ ...by(1, 1), close: true }), { is: "closed" }],
    ["a zombie on a closed stream", closed, text(by(0, 5)), { is: "stale", epoch: 1 }],
    ["closing what is closed", closed, { type: "append", data: [], close: true }, { is: "accepted" }],
  ])("Y5 %s", (_, state, append, verdict) => {
    expect(judge(streamOf(state), append)).toEqual(verdict);
    // What is not new leaves no trace; what is refused is refused.
    const outcome = decideDurable(state, append);
    const ops = outcome instanceof Refusal ? outcome.code : outcome.length;
    const expected = { accepted: outcome instanceof Refusal ? "ops" : outcome.length, duplicate: 0 };
    expect(ops).toBe(Object.hasOwn(expected, verdict.is) ? expected[verdict.is as keyof typeof expected] : "conflict");
  });
});

describe("Y2 one log", () => {
  test("a stream that was only published to is JSON, and goes on as one that the protocol writes", () => {
    const published = fold([event("{}"), event("{}")]);
    expect(streamOf(published)).toMatchObject({ contentType: "application/json", ops: 2, tail: 2 });
    expect(published.durable).toBeUndefined();
    const marked = fold([{ type: "append", seq: "a" }, event("1")], published);
    expect(marked.durable).toMatchObject({ ops: 4, tail: 4, seq: "a" });
    expect(fold([{ type: "close" }], marked).durable).toMatchObject({ ops: 5, tail: 4, closed: true });
  });

  test("nothing is there before anything was made or published", () => {
    expect(durableOf(streamKind.initial())).toBeUndefined();
    expect(decideDurable(streamKind.initial(), text())).toMatchObject({ code: "not_found" });
  });
});

test("Y3 events are refused where there is no place for them", () => {
  const json = after({ type: "create", config: { contentType: "application/json" }, data: [] });
  expect(refusePublish(json)).toBeUndefined();
  expect(refusePublish(after(made))).toMatchObject({ code: "conflict" });
  expect(refusePublish(fold([{ type: "close" }], json))).toMatchObject({ code: "conflict" });
});

test("Y5 a stream remembers its last thousand producers, and not all", () => {
  let state = after(made);
  const first = Array.from({ length: 1_100 }, (_, n) => [n, 0] as const);
  for (const [n, seq] of [...first, [150, 1] as const, [1_100, 0] as const])
    state = fold([{ type: "append", producer: { id: `p${n}`, epoch: 0, seq } }], state);
  const stream = streamOf(state);
  const next = (n: number): unknown => judge(stream, text(by(0, n === 150 ? 2 : 1, `p${n}`)));
  const forgotten = { is: "gap", expected: 0, received: 1 };
  expect([next(0), next(50)]).toEqual([forgotten, forgotten]);
  for (let n = 101; n <= 1_100; n += 1) expect(next(n)).toEqual({ is: "accepted" });
  const { producers, recent = {} } = stream;
  expect(Object.keys(producers).length + Object.keys(recent).length).toBeLessThanOrEqual(1_032);
});

test("Y15 a user's producers and sequences are the user's own, whatever others write under the same names", () => {
  const ann = { user: "ann" };
  const state = after(made, text({ ...by(0, 0), ...ann, seq: "a" }), text({ ...by(9, 0), user: "eve", seq: "z" }));
  const stream = streamOf(state);
  expect(judge(stream, text({ ...by(0, 1), ...ann, seq: "b" }))).toEqual({ is: "accepted" });
  expect(judge(stream, text({ ...by(0, 0), ...ann }))).toEqual({ is: "duplicate", seq: 0 });
  expect(judge(stream, text({ ...by(0, 0), user: "eve" }))).toEqual({ is: "stale", epoch: 9 });
  expect(judge(stream, text({ ...by(0, 1), ...ann, seq: "a" }))).toEqual({ is: "behind" });
  // Who is not signed in has a scope of their own too.
  expect(judge(stream, text({ ...by(0, 0), seq: "A" }))).toEqual({ is: "accepted" });
  const closed = fold(decideDurable(state, text({ ...by(0, 1), ...ann, close: true })) as readonly StreamOp[], state);
  expect(judge(streamOf(closed), text({ ...by(0, 1), ...ann, close: true }))).toEqual({ is: "duplicate", seq: 1 });
  expect(judge(streamOf(closed), text({ ...by(0, 1), close: true }))).toEqual({ is: "closed" });
});

test("Y15 a producer whose marks had no user yet goes on under its user", () => {
  const stream = streamOf(after(made, text(by(3, 0)), text(by(3, 1))));
  expect(judge(stream, text({ ...by(3, 2), user: "ann" }))).toEqual({ is: "accepted" });
  expect(judge(stream, text({ ...by(3, 1), user: "ann" }))).toEqual({ is: "duplicate", seq: 1 });
});

test("Y15 a user with thousands of producers makes a stream forget none of another's", () => {
  let state = after(made, text({ ...by(0, 0), user: "ann" }));
  for (let n = 0; n < 3_000; n += 1) {
    state = fold([{ type: "append", producer: { id: `p${n}`, epoch: 0, seq: 0 }, user: "eve" }], state);
  }
  expect(judge(streamOf(state), text({ ...by(0, 1), user: "ann" }))).toEqual({ is: "accepted" });
  expect(judge(streamOf(state), text({ ...by(0, 1, "p0"), user: "eve" }))).toMatchObject({ is: "gap" });
});
