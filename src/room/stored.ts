import type { Kind } from "../kinds/kind.ts";
import { Working } from "../kinds/working.ts";
import { UNBORN } from "../protocol/position.ts";
import { markOf, NO_CHECKPOINT, type CheckpointMark } from "./checkpoints.ts";
import { NOTHING_DROPPED, type Kept, type LogStart } from "./kept.ts";
import { migrateOp, migrateState, opsOf } from "./migrate.ts";
import { Receipts } from "./receipts.ts";
import { readCheckpoint } from "./storage/checkpoint.ts";
import type { Store } from "./storage/store.ts";

/** A room as storage has it. */
interface Stored<State, Intent, Op> {
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly total: number;
  readonly checkpoint: CheckpointMark;
  readonly start: LogStart;
  readonly receipts: Receipts;
  readonly working: Working<State, Intent, Op>;
}

/** What storage has. Changes nothing in memory. */
export function readStored<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  store: Store,
  kept: Kept,
): Stored<State, Intent, Op> {
  const { log, chunks, meta } = store;
  const receipts = new Receipts();
  const initial = new Working(kind, kind.initial());
  const nothing = { epoch: UNBORN.epoch, seq: 0, at: 0, total: 0, checkpoint: NO_CHECKPOINT, start: NOTHING_DROPPED };
  if (!store.born) return { ...nothing, working: initial, receipts };
  store.prepare();
  const epoch = meta.get("epoch") ?? UNBORN.epoch;
  const stored = readCheckpoint(chunks);
  let { seq, at, total } = stored ?? nothing;
  let working = initial;
  if (stored !== undefined) {
    working = new Working(kind, migrateState(kind, stored.kindVersion, JSON.parse(stored.state)));
    receipts.load(stored.receipts, stored.horizon);
  }
  for (const row of log.after(seq)) {
    for (const [client, by] of row.bindings === null ? [] : (JSON.parse(row.bindings) as [string, string][])) {
      receipts.bind(client, by, row.at);
    }
    for (const entry of opsOf(row.body).entries) {
      if (entry.by !== undefined && entry.m !== undefined) receipts.record(entry.by, entry.m, row.at);
      for (const op of entry.ops) working.fold(migrateOp(kind, row.kindVersion, op));
    }
    seq = row.last;
    at = row.at;
    total = row.total;
  }
  const checkpoint =
    stored === undefined
      ? NO_CHECKPOINT
      : markOf({ seq: stored.seq, total: stored.total, stateUnits: stored.state.length, units: stored.units });
  return { epoch, seq, at, total, checkpoint, receipts, working, start: kept.find({ seq, total }) };
}
