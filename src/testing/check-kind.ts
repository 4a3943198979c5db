import type { Kind } from "../kinds/kind.ts";
import { jsonFault } from "../kinds/json/check.ts";
import { equal } from "../kinds/json/equal.ts";
import { Working } from "../kinds/working.ts";
import { formatPointer } from "../kinds/json/pointer.ts";
import { CODES } from "../protocol/codes.ts";
import type { Json } from "../protocol/json.ts";
import { Refusal } from "../protocol/refusal.ts";
import { decideOne, steps, type Replayed, type ReplayOptions, type ReplayRefusal } from "./replay.ts";

/** What to try a kind with. The more of its ways the intents go, the more the check is worth. */
export interface Scenario<State, Intent> extends Omit<ReplayOptions<State>, "atomic"> {
  readonly intents: readonly Intent[];
}

/**
 * Holds a kind to what every room relies on, along one scenario:
 *
 * - `decide` and `fold` change nothing that they are given: states, intents and ops are deeply frozen;
 * - both give the same result when they are called again;
 * - states and ops are JSON, and nothing of them is lost on the way through text;
 * - folding the log, as text, from the start or from the checkpoint before any op ends in the same state, and so does
 *   the kind's own `draft`;
 * - refusals are `Refusal`s with a code of the table.
 *
 * @returns What `replay` returns, for assertions of your own.
 * @throws Error that names the broken rule, the intent or op by index, and the place.
 */
export function checkKind<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  scenario: Scenario<State, Intent>,
): Replayed<State, Op> {
  const start = freeze(scenario.state === undefined ? kind.initial() : scenario.state);
  mustBeJson(start, "The state at the start");
  if (scenario.state === undefined) mustAgree(kind.initial(), start, "initial() called twice");
  const intents = scenario.intents.map((intent) => freeze(structuredClone(intent)));

  const frozen: Kind<State, Intent, Op> = {
    ...kind,
    decide: (state, intent, context) => {
      const decision = unchanged("decide", () => kind.decide(state, intent, context));
      if (decision instanceof Refusal) return decision;
      if (!isList(decision)) fail("decide gave neither a list of ops nor a Refusal.");
      return freeze(decision);
    },
    fold: (state, op) => freeze(unchanged("fold", () => kind.fold(state, op))),
  };

  let state = start;
  const ops: Op[] = [];
  const refusals: ReplayRefusal[] = [];
  const checkpoints: string[] = [];
  for (const [index, step] of steps(frozen, intents, scenario, start)) {
    const what = `intent ${index}`;
    const again = decideOne(frozen, step.before, step.intent as Intent, step.context());
    if (step.decision instanceof Refusal) {
      if (!Object.hasOwn(CODES, step.decision.code)) fail(`The refusal of ${what} has an unknown code.`);
      mustAgree(again instanceof Refusal ? again.code : again, step.decision.code, `decide called twice for ${what}`);
      refusals.push({ intent: index, refusal: step.decision });
      continue;
    }
    mustAgree(again, step.decision, `decide called twice for ${what}`);
    let folded = step.before;
    for (const op of step.decision) {
      mustBeJson(op, `An op of ${what}`);
      checkpoints.push(JSON.stringify(folded));
      ops.push(op);
      folded = frozen.fold(folded, op);
      mustBeJson(folded, `The state after ${what}`);
    }
    mustAgree(folded, step.after, `fold called twice for ${what}`);
    state = step.after;
  }

  const log = ops.map((op) => JSON.stringify(op));
  checkpoints.forEach((checkpoint, from) => {
    const rebuilt = log
      .slice(from)
      .reduce(
        (before, op) => frozen.fold(before, freeze(JSON.parse(op) as Op)),
        freeze(JSON.parse(checkpoint) as State),
      );
    mustAgree(rebuilt, state, `The log folded from the checkpoint before op ${from}`);
  });
  const working = new Working(kind, start);
  for (const op of log) working.fold(freeze(JSON.parse(op) as Op));
  mustAgree(working.state, state, "The log folded in a row");
  return { state, ops, refusals };
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function fail(message: string): never {
  throw new Error(message);
}

/** Runs it on frozen values: changing one throws a TypeError, as modules are strict. */
function unchanged<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(`${name} threw a TypeError; it must not throw, nor change what it is given: ${error.message}`, {
      cause: error,
    });
  }
}

function mustBeJson(value: unknown, what: string): void {
  const fault = jsonFault(value);
  if (fault !== undefined)
    fail(`${what} is not JSON: ${fault.message} at ${JSON.stringify(formatPointer(fault.path))}.`);
}

function mustAgree(actual: unknown, expected: unknown, what: string): void {
  if (!equal(actual as Json, expected as Json)) {
    fail(`${what} does not agree: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}.`);
  }
}

function freeze<T>(root: T): T {
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== "object" || value === null || Object.isFrozen(value)) continue;
    Object.freeze(value);
    stack.push(...Object.values(value));
  }
  return root;
}
