import { expect, test } from "vitest";
import type { Kind } from "../kinds/kind.ts";
import { migrateBody, migrateOp, migrateState, opsOf } from "./migrate.ts";

interface State {
  readonly total: number;
  readonly unit: string;
}
type Op = { readonly plus: number; readonly unit: string };

/** Version 1 counted with bare numbers, version 2 with objects, version 3 says what it counts. */
const kind: Kind<State, never, Op> = {
  name: "count",
  version: 3,
  initial: () => ({ total: 0, unit: "each" }),
  decide: () => [],
  fold: (state, op) => ({ ...state, total: state.total + op.plus }),
  migrate: {
    1: { state: (old) => ({ total: old }), op: (old) => ({ plus: old }) },
    2: { state: (old) => ({ ...(old as object), unit: "each" }), op: (old) => ({ ...(old as object), unit: "each" }) },
  },
};

test("L4 what an older version stored is brought up step by step", () => {
  expect(migrateState(kind, 1, 7)).toEqual({ total: 7, unit: "each" });
  expect(migrateState(kind, 2, { total: 7 })).toEqual({ total: 7, unit: "each" });
  expect(migrateState(kind, 3, { total: 7, unit: "box" })).toEqual({ total: 7, unit: "box" });
  expect(migrateOp(kind, 1, 2)).toEqual({ plus: 2, unit: "each" });
  expect(migrateOp(kind, 2, { plus: 2 })).toEqual({ plus: 2, unit: "each" });
});

test("L4 a row of the log keeps everything but the shape of its ops", () => {
  const run = { t: "ops", seq: 4, at: 9, entries: [{ by: "ada", m: 2, user: "u1", ops: [1, 2] }, { ops: [3] }] };
  const body = migrateBody(kind, 1, JSON.stringify(run));
  expect(opsOf(body)).toEqual({
    ...run,
    entries: [
      {
        by: "ada",
        m: 2,
        user: "u1",
        ops: [
          { plus: 1, unit: "each" },
          { plus: 2, unit: "each" },
        ],
      },
      { ops: [{ plus: 3, unit: "each" }] },
    ],
  });
  expect(migrateBody(kind, 3, "anything")).toBe("anything");
});

test("L4 what a newer version stored is refused, and so is a version without a step", () => {
  expect(() => migrateState(kind, 4, {})).toThrow("Stored by version 4 of kind count; this code is version 3.");
  expect(() => migrateOp(kind, 4, {})).toThrow(/version 4/);
  expect(() => migrateState({ ...kind, migrate: {} }, 2, {})).toThrow(/no migration from version 2/);
});
