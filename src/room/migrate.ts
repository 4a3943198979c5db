import type { Kind, Migration } from "../kinds/kind.ts";
import type { Ops } from "../protocol/room/ops.ts";

/** A log row's body, parsed. The room wrote it, so its shape is known. */
export function opsOf(body: string): Ops {
  return JSON.parse(body) as Ops;
}

/** A state that version `from` of the kind stored, as today's. */
export function migrateState<State, Intent, Op>(kind: Kind<State, Intent, Op>, from: number, stored: unknown): State {
  return steps(kind, from).reduce((old, step) => step.state(old), stored) as State;
}

/** An op that version `from` of the kind logged, as today's. */
export function migrateOp<State, Intent, Op>(kind: Kind<State, Intent, Op>, from: number, stored: unknown): Op {
  return steps(kind, from).reduce((old, step) => step.op(old), stored) as Op;
}

/** A row's body as today's clients understand it. The same text where nothing has changed. */
export function migrateBody<State, Intent, Op>(kind: Kind<State, Intent, Op>, from: number, body: string): string {
  if (from === kind.version) return body;
  const run = opsOf(body);
  const entries = run.entries.map((entry) => ({ ...entry, ops: entry.ops.map((op) => migrateOp(kind, from, op)) }));
  return JSON.stringify({ ...run, entries });
}

function steps<State, Intent, Op>(kind: Kind<State, Intent, Op>, from: number): readonly Migration[] {
  if (from === kind.version) return [];
  if (from > kind.version) {
    throw new Error(`Stored by version ${from} of kind ${kind.name}; this code is version ${kind.version}.`);
  }
  const found: Migration[] = [];
  for (let version = from; version < kind.version; version += 1) {
    const step = kind.migrate?.[version];
    if (step === undefined) throw new Error(`Kind ${kind.name} has no migration from version ${version}.`);
    found.push(step);
  }
  return found;
}
