import { isOf, mediaType } from "../../kinds/stream/durable/state.ts";
import type { DurableConfig, DurableState, ForkPoint } from "../../kinds/stream/durable/types.ts";
import type { Position } from "../../protocol/position.ts";
import type { Failed } from "../api.ts";
import type { Log } from "../storage/log.ts";
import type { Absent, Branching, Created, CreateRequest } from "./api.ts";
import { prefixOf } from "./data.ts";
import { messageAfter, rowsUpTo } from "./log.ts";

const OCTETS = "application/octet-stream";

/** What a source gives to a fork. */
export type Branched = Extract<Branching, { readonly is: "branch" }>;

/** A fork knows the offsets of this many histories before its own. */
const MAX_HISTORIES = 32;

/** What a fork takes over from the stream that it branches off. */
export function branchOf(
  stream: DurableState,
  ledger: { readonly position: Position; readonly oldest: number },
  log: Log,
  fork: NonNullable<CreateRequest["fork"]>,
  contentType: string | undefined,
): Exclude<Branching, Absent | Failed> {
  if (contentType !== undefined && mediaType(contentType) !== mediaType(stream.contentType)) {
    return { is: "conflict", why: `The source holds ${stream.contentType}.` };
  }
  const { epoch } = ledger.position;
  const { position = { epoch, seq: stream.tail }, sub, from } = fork;
  const { seq } = position;
  const known = isOf(stream, epoch, position) || (position.epoch === "" && seq === 0);
  if (!known || seq > stream.tail || seq < ledger.oldest - 1) {
    return { is: "bad", why: "The source has no such offset." };
  }
  const prefix = sub === 0 ? [] : prefixOf(messageAfter(log, seq)?.data ?? [], sub);
  if (prefix === undefined) return { is: "bad", why: "The sub-offset is beyond the message." };
  const rows = rowsUpTo(log, seq);
  if (rows === undefined) return { is: "bad", why: "The source is too large to branch off: 32 MiB is the most." };
  const { ttl, expiresAt } = stream;
  const config: DurableConfig = {
    contentType: stream.contentType,
    ...(ttl === undefined ? {} : { ttl }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  const earlier = (stream.fork?.histories ?? []).map((history) => ({ ...history, seq: Math.min(history.seq, seq) }));
  const histories = [{ epoch, seq }, ...earlier].slice(0, MAX_HISTORIES);
  return { is: "branch", point: { from, seq, sub, histories }, config, rows, prefix };
}

/** What a stream is made with; a fork inherits what its request leaves open. */
export function configOf(
  request: CreateRequest,
  source: DurableConfig | undefined,
  fork: DurableConfig["fork"],
): DurableConfig {
  const own = request.ttl !== undefined || request.expiresAt !== undefined;
  const { ttl, expiresAt } = own ? request : (source ?? {});
  return {
    contentType: request.contentType ?? source?.contentType ?? OCTETS,
    ...(ttl === undefined ? {} : { ttl }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(fork === undefined ? {} : { fork }),
  };
}

/** Whether a request asks for the stream that is there. What a fork leaves open, it has inherited. */
export function isSame(request: CreateRequest, stream: DurableState): boolean {
  const { fork, contentType, ttl, expiresAt, closed } = request;
  if (fork?.from !== stream.fork?.from || (closed ?? false) !== (stream.closed ?? false)) return false;
  if (fork !== undefined) {
    if (fork.sub !== stream.fork?.sub) return false;
    const { position } = fork;
    if (position !== undefined && (position.seq !== stream.fork.seq || !isPast(stream.fork, position))) return false;
  }
  const inherits = fork !== undefined;
  const isType = contentType === undefined && inherits;
  const isLife = ttl === undefined && expiresAt === undefined && inherits;
  return (
    (isType || mediaType(contentType ?? OCTETS) === mediaType(stream.contentType)) &&
    (isLife || (ttl === stream.ttl && expiresAt === stream.expiresAt))
  );
}

/** Whether a position is one of a fork's source, as far as is known: forks did not always note where they came from. */
function isPast({ histories }: ForkPoint, { epoch, seq }: Position): boolean {
  return histories === undefined || seq === 0 || histories.some((history) => history.epoch === epoch);
}

/** How a request to create a fork ends whose source is not there, or cannot be forked so. */
export function unbranched(branching: Exclude<Branching, Branched | Failed>): Created {
  if (branching.is === "gone") return { is: "conflict", why: "The source was deleted." };
  return branching;
}

/** What a fork took over is stored before its own first op. Without that op, it is one that a crash left half made. */
export function isHalfMade({ fork, ops }: DurableState): boolean {
  return fork !== undefined && ops === fork.seq;
}
