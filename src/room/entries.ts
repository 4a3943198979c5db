import { refuse, type Refusal } from "../protocol/refusal.ts";
import type { Entry } from "../protocol/room/ops.ts";
import { utf8Length } from "./bytes.ts";

/** A run of this many UTF-16 units is safely under what a row may hold, which is 2 MB, whatever the characters. */
export const RUN_UNITS = 400_000;
const ENTRY_BYTES = 1_800_000;
const ROW_BYTES = 1_900_000;
/** What one mutation may log, in UTF-16 units: an append of the Durable Streams protocol has so much at the most. */
const MUTATION_UNITS = 32 * 1024 * 1024;

export type EntryHead = Omit<Entry, "ops">;

export interface StagedEntry {
  readonly head: EntryHead;
  /** Index of its first change among those staged, and how many are its own. */
  readonly from: number;
  readonly count: number;
  readonly text: string;
}

/** A row as it will stand in the log. */
export interface Row {
  readonly first: number;
  readonly last: number;
  readonly body: string;
}

export function entryText(head: EntryHead, ops: readonly unknown[]): string {
  return JSON.stringify({ ...head, ops });
}

/** A mutation's ops as they will stand in the log: one entry, or several where a row could not hold it. */
export function entriesOf(head: EntryHead, ops: readonly unknown[], from: number): readonly StagedEntry[] | Refusal {
  const text = entryText(head, ops);
  if (text.length > MUTATION_UNITS) {
    return refuse("too_large", `One mutation may log ${MUTATION_UNITS} characters.`);
  }
  if (isBelow(text, ENTRY_BYTES)) return [{ head, from, count: ops.length, text }];
  return ops.map(opTooLarge).find((refusal) => refusal !== undefined) ?? splitEntry(head, ops, from);
}

/** Why an op cannot be logged, if so: it is never divided, so a row must hold it. */
export function opTooLarge(op: unknown): Refusal | undefined {
  if (isBelow(JSON.stringify(op), ENTRY_BYTES)) return undefined;
  return refuse("too_large", `One op may log ${ENTRY_BYTES} bytes.`);
}

/** Ops of one mutation as one entry, or as several where a row could not hold it. None of them is too large by itself. */
export function splitEntry(head: EntryHead, ops: readonly unknown[], from: number): readonly StagedEntry[] {
  const text = entryText(head, ops);
  if (isBelow(text, ENTRY_BYTES)) return [{ head, from, count: ops.length, text }];
  const entries: StagedEntry[] = [];
  const begin = JSON.stringify({ ...head, ops: [] }).slice(0, -2);
  let texts: string[] = [];
  let units = 0;
  let next = from;
  const close = (): void => {
    entries.push({ head, from: next, count: texts.length, text: `${begin}${texts.join(",")}]}` });
    next += texts.length;
    texts = [];
    units = 0;
  };
  for (const op of ops) {
    const written = JSON.stringify(op);
    if (texts.length > 0 && units + written.length > RUN_UNITS) close();
    texts.push(written);
    units += written.length;
  }
  close();
  return entries;
}

export function unitsOf(entries: readonly StagedEntry[]): number {
  return entries.reduce((sum, { text }) => sum + text.length, 0);
}

/** What a client's first write adds to its row, in UTF-16 units. */
export function bindingUnits(client: string, by: string): number {
  return JSON.stringify([client, by]).length + 1;
}

/** Whether so much may be staged beside what is, of so many units: a row holds it all. */
export function fitsRow(units: number, more: number): boolean {
  return (units + more) * 3 <= ROW_BYTES;
}

/**
 * The rows of what is staged: one, unless a mutation takes several. The first also has to hold `besides`, in UTF-16
 * units, which is at most what `fitsRow` allows.
 */
export function rowsOf(entries: readonly StagedEntry[], first: number, at: number, besides = 0): readonly Row[] {
  const rows: Row[] = [];
  let texts: string[] = [];
  let units = besides;
  let seq = first;
  let count = 0;
  const close = (): void => {
    const body = `{"t":"ops","seq":${seq},"at":${at},"entries":[${texts.join(",")}]}`;
    rows.push({ first: seq, last: seq + count - 1, body });
    seq += count;
    texts = [];
    units = 0;
    count = 0;
  };
  for (const entry of entries) {
    if (texts.length > 0 && !fitsRow(units, entry.text.length)) close();
    texts.push(entry.text);
    units += entry.text.length;
    count += entry.count;
  }
  close();
  return rows;
}

function isBelow(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || utf8Length(text) <= bytes;
}
