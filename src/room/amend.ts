import type { Kind } from "../kinds/kind.ts";
import { utf8Length } from "./bytes.ts";
import { rowsOf, splitEntry } from "./entries.ts";
import { migrateBody, opsOf } from "./migrate.ts";
import type { Log } from "./storage/log.ts";

/**
 * Rewrites ops where they stand in the log. Numbers, times and authors stay; so does `total`, which never goes down along
 * the log. A row that outgrows what a row may hold is divided: its ops are then in several, under their numbers. Returns
 * the bytes by which rows have grown, which count as logged with the next row.
 */
export function amendLog<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  log: Log,
  amended: ReadonlyMap<number, Op>,
): number {
  let growth = 0;
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
    const rows = rowsOf(entries, row.first, row.at, row.bindings?.length);
    log.rewrite(row, rows, kind.version);
    const bytes = rows.reduce((sum, { body }) => sum + utf8Length(body), 0);
    growth += Math.max(0, bytes - utf8Length(row.body));
  }
  return growth;
}
