import type { Kind } from "../../kinds/kind.ts";
import type { PersonSubject } from "./subject.ts";

export type Cost = readonly [budget: string, count: number];

export interface PersonCosts {
  readonly person: PersonSubject;
  readonly costs: Iterable<Cost>;
}

/** What intents take, by budget. */
export function costsOf<State, Intent, Op>(
  { name, budget }: Kind<State, Intent, Op>,
  intents: readonly Intent[],
): ReadonlyMap<string, number> {
  if (budget === undefined) return new Map([[name, intents.length]]);
  const costs = new Map<string, number>();
  for (const intent of intents) costs.set(budget(intent), (costs.get(budget(intent)) ?? 0) + 1);
  return costs;
}

/** What the same intents take from the author's own buckets; see `Kind.personBudgets`. */
export function personCostsOf<State, Intent, Op>(
  { personBudgets = {} }: Kind<State, Intent, Op>,
  costs: Iterable<Cost>,
): readonly Cost[] {
  return [...costs].flatMap(([budget, count]) => {
    const own = Object.hasOwn(personBudgets, budget) ? personBudgets[budget] : undefined;
    return own === undefined ? [] : [[own, count] as const];
  });
}
