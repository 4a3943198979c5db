import { isData } from "../../kinds/stream/durable/state.ts";
import { streamKind } from "../../kinds/stream/kind.ts";
import type { DataOp } from "../../kinds/stream/durable/types.ts";
import type { StreamOp } from "../../kinds/stream/types.ts";
import type { Branching, DurableMessage } from "./api.ts";
import { migrateBody, opsOf } from "../migrate.ts";
import type { Log, LogRow } from "../storage/log.ts";

/** A page of messages ends after so much, in UTF-16 units. */
const PAGE_UNITS = 1024 * 1024;
/** What a stream may take over from another. */
const BRANCH_UNITS = 32 * 1024 * 1024;

export type BranchRows = Extract<Branching, { readonly is: "branch" }>["rows"];

/** Messages of the log after a position: an entry is one, as far as it holds data. */
function* messagesOf(row: LogRow, after: number): Generator<DurableMessage> {
  let seq = row.first - 1;
  for (const entry of opsOf(migrateBody(streamKind, row.kindVersion, row.body)).entries) {
    const data: DataOp[] = [];
    let last = 0;
    for (const op of entry.ops as readonly StreamOp[]) {
      seq += 1;
      if (seq <= after || !isData(op)) continue;
      data.push(op);
      last = seq;
    }
    if (last > 0) yield { seq: last, data };
  }
}

/** The data of a page of messages after a position, and the position after them. */
export function readData(log: Log, after: number): { readonly data: readonly DataOp[]; readonly next: number } {
  const data: DataOp[] = [];
  let units = 0;
  let next = after;
  for (const row of log.after(after)) {
    for (const message of messagesOf(row, after)) {
      for (const op of message.data) data.push(op);
      next = message.seq;
    }
    units += row.body.length;
    if (units > PAGE_UNITS && data.length > 0) break;
  }
  return { data, next };
}

/** The first message after a position. */
export function messageAfter(log: Log, after: number): DurableMessage | undefined {
  for (const row of log.after(after)) for (const message of messagesOf(row, after)) return message;
  return undefined;
}

/** The log up to op `seq`, the last row cut there; undefined when it is too much to take over. */
export function rowsUpTo(log: Log, seq: number): BranchRows | undefined {
  const rows: { first: number; last: number; at: number; kindVersion: number; body: string }[] = [];
  let units = 0;
  for (const row of log.after(0)) {
    if (row.first > seq) break;
    const { first, at, kindVersion } = row;
    const body = row.last <= seq ? row.body : cut(row, seq);
    units += body.length;
    if (units > BRANCH_UNITS) return undefined;
    rows.push({ first, last: Math.min(row.last, seq), at, kindVersion, body });
  }
  return rows;
}

function cut(row: LogRow, seq: number): string {
  const run = opsOf(row.body);
  let left = seq - row.first + 1;
  const entries = run.entries.flatMap((entry) => {
    const ops = entry.ops.slice(0, Math.max(0, left));
    left -= entry.ops.length;
    return ops.length === 0 ? [] : [{ ...entry, ops }];
  });
  return JSON.stringify({ ...run, entries });
}

/** How many events and chunks rows hold, and their units. */
export function countData(rows: BranchRows): { readonly count: number; readonly units: number } {
  let state = streamKind.initial();
  for (const row of rows) {
    for (const { ops } of opsOf(row.body).entries) {
      for (const op of ops as readonly StreamOp[]) if (isData(op)) state = streamKind.fold(state, op);
    }
  }
  return { count: state.count, units: state.units };
}
