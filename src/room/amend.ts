import type { Kind } from "../kinds/kind.ts";
import { rowsOf, splitEntry } from "./entries.ts";
import { migrateBody, opsOf } from "./migrate.ts";
import type { Log } from "./storage/log.ts";

/**
 * Rewrites ops where they stand in the log. Numbers, times and authors stay; so does `total`, which only sizes tails. A
 * row that outgrows what a row may hold is divided: its ops are then in several, under their numbers.
 */
export function amendLog<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  log: Log,
  amended: ReadonlyMap<number, Op>,
): void {
  const left = new Map(amended);
  for (const seq of amended.keys()) {
    const row = left.has(seq) ? log.rowOf(seq) : undefined;
    if (row === undefined) continue;
    const run = opsOf(migrateBody(kind, row.kindVersion, row.body));
    let next = row.first;
    const entries = run.entries.flatMap(({ ops, ...head }) => {
      const from = next - row.first;
      const changed = ops.map((op) => {
        const now = left.get(next) ?? op;
        left.delete(next);
        next += 1;
        return now;
      });
      return splitEntry(head, changed, from);
    });
    log.rewrite(row, rowsOf(entries, row.first, row.at, row.bindings?.length), kind.version);
  }
}
