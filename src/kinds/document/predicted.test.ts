import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Refusal } from "../../protocol/refusal.ts";
import { wild } from "./arbitraries.ts";
import { documentKind } from "./kind.ts";
import { predictedDocument } from "./predicted.ts";
import type { DocumentIntent } from "./types.ts";

const context = { now: 1_700_000_000_000, id: () => "", can: [], seq: 1, limits: DEFAULT_LIMITS };

test("S1 what a client predicts is what the room decides: ops, states and conflicts", () => {
  let conflicts = 0;
  fc.assert(
    fc.property(wild.jsonObject, fc.gen(), (state, gen) => {
      const intent: DocumentIntent = gen(wild.intentFor, state);
      const decided = documentKind.decide(state, intent, context);
      const predicted = predictedDocument.decide(state, intent, context);
      if (decided instanceof Refusal) conflicts += 1;
      const after = (ops: typeof decided) => (ops instanceof Refusal ? ops : ops.reduce(documentKind.fold, state));
      expect(after(predicted)).toEqual(after(decided));
      // Only the room knows that nothing has changed.
      const nothing = Array.isArray(decided) && decided.length === 0;
      expect(nothing ? decided : predicted).toEqual(decided);
    }),
    { numRuns: 1_000 },
  );
  expect(conflicts).toBeGreaterThan(50);
});
