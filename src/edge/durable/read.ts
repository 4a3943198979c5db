import { isJson } from "../../kinds/stream/durable/state.ts";
import type { DurableInfo, ReadResult } from "../../room/durable/api.ts";
import { bodyOf } from "../../kinds/stream/durable/bytes.ts";
import type { Answer } from "../answers.ts";
import type { Visit } from "../resource.ts";
import { cursorAfter } from "./cursor.ts";
import { absent, dataHeaders, plain, streamHeaders } from "./format.ts";
import { followEvents, waitForMore } from "./live.ts";
import { formatOffset, parseOffset, type Offset } from "./offset.ts";
import type { Heard } from "./ops.ts";
import { durableOf } from "./room.ts";

/** What the protocol has caches do with a page that does not change: one that is not the tail, or the last of a closed stream. */
const UNCHANGING = "max-age=60, stale-while-revalidate=300";
/** The tail grows: a cache asks whether it has, which the `ETag` makes cheap. */
const TAIL = "no-cache";

type Read = Extract<ReadResult, { readonly is: "read" }>;

/** What the Worker says of reading this stream. */
export interface ReadOptions {
  /** Whether anybody at all may read it. */
  readonly isPublic: () => Promise<boolean>;
  /** How long a long poll waits at most, in milliseconds. */
  readonly longPollMs: number;
}

/** GET and HEAD. */
export async function read(visit: Visit, options: ReadOptions): Promise<Answer> {
  const { request, url } = visit;
  if (request.method === "HEAD") return head(visit);
  const offsets = url.searchParams.getAll("offset");
  const live = url.searchParams.get("live");
  if (offsets.length > 1) return plain(400, "One offset, please.");
  const isLive = live === "long-poll" || live === "sse";
  const [text] = offsets;
  if (text === undefined && isLive)
    return plain(400, "Reading live begins at an offset: -1, now, or one that was given.");
  const offset = parseOffset(text ?? "-1");
  if (offset === undefined) return plain(400, "Not an offset.");
  if (live === "sse") return followEvents(visit, offset);
  if (live !== "long-poll") return catchUp(visit, offset, options);
  const timeout = url.searchParams.get("timeout");
  if (timeout === null) return longPoll(visit, offset, options);
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(timeout)) return plain(400, "timeout is a number of seconds, such as 5.");
  return longPoll(visit, offset, { ...options, longPollMs: Math.min(options.longPollMs, Number(timeout) * 1000) });
}

async function head(visit: Visit): Promise<Answer> {
  const found = await durableOf(visit).durableHead();
  if (found.is !== "found") return absent(found.is);
  const { info } = found;
  return new Response(null, {
    headers: {
      ...dataHeaders(info, info.tail, info.closed),
      "cache-control": "no-store",
      etag: etagOf(info, 0, info.tail, info.closed),
      ...(info.ttl === undefined ? {} : { "stream-ttl": String(info.ttl) }),
      ...(info.expiresAt === undefined ? {} : { "stream-expires-at": info.expiresAt }),
    },
  });
}

async function catchUp(visit: Visit, offset: Offset | "start" | "now", options: ReadOptions): Promise<Answer> {
  const page = await readFrom(visit, offset);
  if (page.is !== "read") return noPage(page);
  const { info, next } = page;
  if (offset === "now") {
    return new Response(isJson(info) ? "[]" : null, {
      headers: {
        ...dataHeaders(info, next, info.closed),
        "stream-up-to-date": "true",
        "cache-control": "no-store",
      },
    });
  }
  const changes = page.upToDate && !info.closed;
  return answer(visit, page, offset, await cacheControl(visit, options, changes ? TAIL : UNCHANGING));
}

async function longPoll(visit: Visit, offset: Offset | "start" | "now", options: ReadOptions): Promise<Answer> {
  let page = await readFrom(visit, offset);
  if (page.is !== "read") return noPage(page);
  const from = { epoch: page.info.epoch, seq: offset === "now" ? page.next : offset === "start" ? 0 : offset.seq };
  if (page.empty && !page.info.closed) {
    const { epoch, head: newest, ttl } = page.info;
    const heard = await waitForMore(visit, { epoch, seq: newest }, options.longPollMs);
    // What was heard is the answer, unless the room has to know that it was read.
    if (heard !== undefined && ttl === undefined) page = pageOf(page, heard);
    else page = await durableOf(visit).durableRead({ epoch, seq: page.next });
    if (page.is !== "read") return noPage(page);
  }
  const cursor = { "stream-cursor": cursorAfter(visit.url.searchParams.get("cursor"), Date.now()) };
  if (!page.empty) {
    return answer(visit, page, offset === "now" ? "now" : from, {
      ...cursor,
      // With a cursor each round of polls has an address of its own, which is never read for the tail.
      ...(await cacheControl(visit, options, visit.url.searchParams.has("cursor") ? UNCHANGING : TAIL)),
    });
  }
  return new Response(null, {
    status: 204,
    headers: {
      ...streamHeaders(page.info, page.next, page.info.closed),
      ...cursor,
      "stream-up-to-date": "true",
      "cache-control": "no-store",
    },
  });
}

function readFrom(visit: Visit, offset: Offset | "start" | "now"): Promise<ReadResult> {
  return durableOf(visit).durableRead(offset === "start" ? undefined : offset);
}

/** What a run that came while the reader waited is as a page. Nothing is after it. */
function pageOf({ info, next }: Read, { messages, closed }: Heard): Read {
  const data = messages.flatMap((message) => message.data);
  return {
    is: "read",
    info: { ...info, closed },
    body: bodyOf(info, data),
    empty: data.length === 0,
    next: messages.at(-1)?.at ?? next,
    upToDate: true,
  };
}

/** A page of messages, or that the reader has it already. */
function answer(
  visit: Visit,
  page: Read,
  offset: Offset | "start" | "now",
  more: Readonly<Record<string, string>>,
): Response {
  const { info, body, next, upToDate } = page;
  const closed = info.closed && upToDate;
  const told = { ...dataHeaders(info, next, closed), ...more, ...(upToDate ? { "stream-up-to-date": "true" } : {}) };
  // Its address means another page each time.
  if (offset === "now") return new Response(body, { headers: { ...told, "cache-control": "no-store" } });
  const etag = etagOf(info, offset === "start" ? 0 : offset.seq, next, closed);
  const headers = {
    ...told,
    etag,
  };
  // Whoever compresses the answer on its way makes the tag a weak one.
  const known = (visit.request.headers.get("if-none-match") ?? "")
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return new Response(body, { headers });
}

/** Who shows something of itself may see other streams, and what it was let read by is `authorize`'s own affair. */
async function cacheControl(
  { admission, request: { headers } }: Visit,
  { isPublic }: ReadOptions,
  how: string,
): Promise<Readonly<Record<"cache-control", string>>> {
  const isNobody = admission.user === undefined && !headers.has("authorization") && !headers.has("cookie");
  return { "cache-control": `${isNobody && (await isPublic()) ? "public" : "private"}, ${how}` };
}

function etagOf({ epoch }: DurableInfo, from: number, next: number, closed: boolean): string {
  return `"${formatOffset({ epoch, seq: from })}:${next}${closed ? ":c" : ""}"`;
}

function noPage(result: Exclude<ReadResult, Read>): Response {
  return result.is === "expired"
    ? plain(410, "This offset is no longer kept, or is of another stream.")
    : absent(result.is);
}
