import type { Kind } from "../kinds/kind.ts";
import { migrateBody, opsOf } from "./migrate.ts";
import type { Log } from "./storage/log.ts";

/** Rewrites ops where they stand in the log. Numbers, times and authors stay; so does `total`, which only sizes tails. */
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
    let at = row.first;
    const entries = run.entries.map((entry) => ({
      ...entry,
      ops: entry.ops.map((op) => {
        const changed = left.get(at);
        left.delete(at);
        at += 1;
        return changed ?? op;
      }),
    }));
    log.rewrite(row.first, JSON.stringify({ ...run, entries }), kind.version);
  }
}
