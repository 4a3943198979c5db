import type { Kind } from "../kinds/kind.ts";
import { migrateOp, opsOf } from "./migrate.ts";
import type { Log, LogRow } from "./storage/log.ts";

/** One op as the log has it, amended since or not. */
export interface LoggedOp<Op> {
  readonly seq: number;
  /** When it was committed, milliseconds since 1970. */
  readonly at: number;
  /** The author's public name; absent for the server's own. */
  readonly by?: string;
  /** The author's user id, when authenticated. */
  readonly user?: string;
  readonly op: Op;
}

export interface OpPage<Op> {
  readonly ops: readonly LoggedOp<Op>[];
  /** Where to go on: every op from here on, in the direction of reading, has yet to be looked at. Absent at the end. */
  readonly next?: number;
}

export interface ReadRange<Op> {
  /** At most this many ops that `pick` takes. */
  readonly limit: number;
  /** Everything where absent. */
  readonly pick?: (op: Op) => boolean;
}

/** A page also ends after so much text has been read, in UTF-16 units, whether `pick` took anything of it or not. */
const MAX_UNITS = 4 * 1024 * 1024;

/** The ops of a row, as today's kind has them. */
export function opsOfRow<State, Intent, Op>(kind: Kind<State, Intent, Op>, row: LogRow): LoggedOp<Op>[] {
  const found: LoggedOp<Op>[] = [];
  let seq = row.first;
  for (const { by, user, ops } of opsOf(row.body).entries) {
    for (const op of ops) {
      found.push({
        seq,
        at: row.at,
        ...(by === undefined ? {} : { by }),
        ...(user === undefined ? {} : { user }),
        op: migrateOp(kind, row.kindVersion, op),
      });
      seq += 1;
    }
  }
  return found;
}

/** One op by its number; undefined when it is not retained. */
export function opAt<State, Intent, Op>(kind: Kind<State, Intent, Op>, log: Log, seq: number): Op | undefined {
  const row = log.rowOf(seq);
  return row === undefined ? undefined : opsOfRow(kind, row)[seq - row.first]?.op;
}

/** Ops before number `before`, newest first. Reads only as many rows as it takes. */
export function readBefore<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  log: Log,
  before: number,
  range: ReadRange<Op>,
): OpPage<Op> {
  return gather(kind, log.before(before), range, ({ seq }) => seq < before, true);
}

/** Ops after number `after`, oldest first. */
export function readAfter<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  log: Log,
  after: number,
  range: ReadRange<Op>,
): OpPage<Op> {
  return gather(kind, log.after(after), range, ({ seq }) => seq > after, false);
}

function gather<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  rows: Iterable<LogRow>,
  { limit, pick }: ReadRange<Op>,
  inRange: (op: LoggedOp<Op>) => boolean,
  backwards: boolean,
): OpPage<Op> {
  const found: LoggedOp<Op>[] = [];
  let units = 0;
  let next: number | undefined;
  for (const row of rows) {
    // There is another row, and no room for more.
    if (found.length >= limit || units > MAX_UNITS) return { ops: found, next: next ?? row.first };
    const ops = opsOfRow(kind, row).filter(inRange);
    for (const logged of backwards ? ops.toReversed() : ops) {
      if (found.length >= limit) return { ops: found, next: logged.seq };
      if (pick === undefined || pick(logged.op)) found.push(logged);
    }
    units += row.body.length;
    next = backwards ? row.first - 1 : row.last + 1;
  }
  return { ops: found };
}
