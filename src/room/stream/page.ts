import type { Kind } from "../../kinds/kind.ts";
import { compileFilter } from "../../kinds/stream/filter.ts";
import { onOneLine } from "../../kinds/stream/split.ts";
import { STREAM_LIMITS } from "../../kinds/stream/limits.ts";
import type { StreamIntent, StreamOp, StreamState } from "../../kinds/stream/types.ts";
import { formatVersion, parseVersion, type Position } from "../../protocol/position.ts";
import { refuse, Refusal } from "../../protocol/refusal.ts";
import { beforeLast } from "../last.ts";
import { migrateBody, opsOf } from "../migrate.ts";
import type { ArchivedRun, Past } from "../past.ts";
import { isUnborn } from "../resume.ts";
import type { Log } from "../storage/log.ts";
import type { StreamFrom, StreamPageRequest } from "./api.ts";

interface Parts {
  readonly kind: Kind<StreamState, StreamIntent, StreamOp>;
  readonly ledger: { readonly position: Position; readonly oldest: number; readonly state: StreamState };
  readonly log: Log;
  readonly past: Past | undefined;
}

/** A page ends after so much has been read, whatever the filter left of it, in UTF-16 units. */
const PAGE_UNITS = 2 * 1024 * 1024;

/** A page of events as JSON text; see `StreamApi.page`. */
export async function readStreamPage(parts: Parts, asked: StreamPageRequest): Promise<string | Refusal> {
  const { from = "start", limit = 100, filter = "" } = asked;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > STREAM_LIMITS.pageEvents) {
    return refuse("bad_request", `\`limit\` is a number of events from 1 to ${STREAM_LIMITS.pageEvents}.`);
  }
  const passes = compileFilter(filter);
  if (passes instanceof Refusal) return passes;
  let begin = await beginning(parts, from);
  if (begin instanceof Refusal) return begin;
  const isPosition = typeof from === "object" && "after" in from;
  let archived = await readPast(parts, begin);
  while (archived === undefined) {
    // The archive does not have it after all. A reader that goes on is told; any other begins with what is there.
    const oldest = oldestOf(parts);
    if (isPosition) return refuse("gone", `Events before ${parts.ledger.position.epoch}.${oldest} are no longer kept.`);
    begin = (oldest > begin + 1 ? oldest : parts.ledger.oldest) - 1;
    archived = await readPast(parts, begin);
  }

  const { epoch } = parts.ledger.position;
  const events: string[] = [];
  let after = begin;
  let units = 0;
  reading: for await (const body of bodies(parts, begin, archived)) {
    const { seq: first, at, entries } = opsOf(body);
    units += body.length;
    let seq = first - 1;
    for (const { ops } of entries) {
      for (const op of ops as readonly StreamOp[]) {
        seq += 1;
        if (seq <= after) continue;
        if (events.length === limit) break reading;
        after = seq;
        if (op.type !== "event" || !passes(op.event)) continue;
        const { data, visitor } = op.event;
        const who = visitor === undefined ? "" : `,"visitor":${JSON.stringify(visitor)}`;
        events.push(`{"position":"${epoch}.${seq}","at":${at}${who},"event":${onOneLine(data)}}`);
      }
    }
    if (units > PAGE_UNITS) break;
  }
  if (parts.ledger.position.epoch !== epoch) return refuse("gone", "The stream was cleared meanwhile.");
  const head = parts.ledger.position;
  const told = { epoch, oldest: formatVersion({ epoch, seq: oldestOf(parts) }), head: formatVersion(head) };
  const next = { next: formatVersion({ epoch, seq: after }), more: after < head.seq };
  return `${JSON.stringify(told).slice(0, -1)},"events":[${events.join(",")}],${JSON.stringify(next).slice(1)}`;
}

function oldestOf({ ledger, past }: Parts): number {
  return Math.min(ledger.oldest, past?.oldest ?? Infinity);
}

/** The number after which the page begins. */
async function beginning(parts: Parts, from: StreamFrom): Promise<number | Refusal> {
  const { kind, ledger, log, past } = parts;
  const { epoch, seq } = ledger.position;
  const oldest = oldestOf(parts);
  if (from === "start") return oldest - 1;
  if ("last" in from) return Math.max(beforeLast(kind, ledger, log, from.last), oldest - 1);
  if ("at" in from) {
    const first = ledger.oldest > seq ? undefined : log.seqAt(from.at);
    // The log begins at that time or later; so there may be more of it in the past.
    const earlier = past !== undefined && past.oldest < ledger.oldest && (first ?? Infinity) <= ledger.oldest;
    const found = (earlier ? await past.seqAt(from.at) : undefined) ?? first;
    return found === undefined ? seq : found - 1;
  }
  const position = parseVersion(from.after);
  if (position === undefined) return refuse("bad_request", "A position is <epoch>.<seq>.");
  // Read before the first event was published, and everything since is there.
  if (isUnborn(position) && oldest === 1) return 0;
  if (position.epoch !== epoch) return refuse("gone", "This position is of another history: the stream was cleared.");
  if (position.seq > seq) return refuse("gone", `The stream is at ${epoch}.${seq}, and was never further.`);
  if (position.seq + 1 < oldest) return refuse("gone", `Events before ${epoch}.${oldest} are no longer kept.`);
  return position.seq;
}

/** The first runs after `after` that only the archive has; none where the log has them, undefined where neither does. */
async function readPast({ ledger, past }: Parts, after: number): Promise<readonly ArchivedRun[] | undefined> {
  if (after + 1 >= ledger.oldest || after >= ledger.position.seq) return [];
  const runs = await past?.read(after);
  return (runs?.at(-1)?.last ?? after) > after ? runs : undefined;
}

/** Rows after `after` as `ops` messages: from the archive, where the log no longer reaches, then from the log; up to a gap. */
async function* bodies(parts: Parts, after: number, archived: readonly ArchivedRun[]): AsyncGenerator<string> {
  const { kind, ledger, log } = parts;
  let last = after;
  for (let runs: readonly ArchivedRun[] | undefined = archived; runs?.length !== 0;) {
    // The next page says that it is gone.
    if (runs === undefined) return;
    for (const { body } of runs) yield body;
    last = runs.at(-1)?.last ?? last;
    runs = await readPast(parts, last);
  }
  if (ledger.position.seq === 0) return;
  for (const row of log.after(last)) yield migrateBody(kind, row.kindVersion, row.body);
}
