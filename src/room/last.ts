import type { Kind } from "../kinds/kind.ts";
import type { Position } from "../protocol/position.ts";
import { opsOfRow } from "./read.ts";
import type { Log } from "./storage/log.ts";

/** So much of the log is looked at to find the last so many, in UTF-16 units: beyond it every op counts. */
const MOST_UNITS = 16 * 1024 * 1024;

/** The number after which the last `count` items begin. May be before the log, where there are not so many. */
export function beforeLast<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  ledger: { readonly position: Position; readonly state: State },
  log: Log,
  count: number,
): number {
  const { items } = kind;
  const { seq } = ledger.position;
  if (items === undefined || seq === 0 || items.count(ledger.state) === seq) return seq - count;
  let left = count;
  let after = seq;
  let units = 0;
  for (const row of left > 0 ? log.before(seq + 1) : []) {
    units += row.body.length;
    for (const { op } of opsOfRow(kind, row).toReversed()) {
      after -= 1;
      if (items.is(op)) left -= 1;
      if (left === 0) return after;
    }
    if (units > MOST_UNITS) break;
  }
  return after - left;
}
