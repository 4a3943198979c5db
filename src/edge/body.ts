import { inexactMessage, inexactNumber } from "../kinds/json/exact.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { HttpRefusal } from "./answers.ts";

/** A body that brings no byte for this long has timed out. */
export const BODY_IDLE_MS = 20_000;
/** A body may take BODY_IDLE_MS, and a millisecond more for each of these: one that comes byte by byte times out too. */
export const BODY_BYTES_PER_MS = 4;
const LATE = Symbol("late");

/** A request's JSON: the text that is passed on, and the value that it was checked as. */
export interface JsonBody {
  readonly text: string;
  readonly value: unknown;
}

/** The media type of a Content-Type header, without parameters, in lower case; undefined when there is none. */
export function mediaType(header: string | null): string | undefined {
  const [type] = (header ?? "").split(";");
  const trimmed = type?.trim().toLowerCase();
  return trimmed === undefined || trimmed === "" ? undefined : trimmed;
}

/** The encoding that a Content-Type header names; undefined when it names none. */
export function charset(header: string | null): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(header ?? "")?.[1];
}

/** Refuses a body that says it is something other than JSON. One that says nothing is taken for JSON. */
export function expectJson(request: Request): Refusal | undefined {
  const type = mediaType(request.headers.get("content-type"));
  if (type === undefined || type === "application/json" || /^application\/[\w.!#$&^+-]+\+json$/.test(type)) {
    return undefined;
  }
  return new HttpRefusal("unsupported_media_type", `This route reads application/json, not ${type}.`, {
    accept: "application/json",
  });
}

/** The body as JSON, if it has at most `limit` bytes; no more than that is ever held. */
export async function readJson(request: Request, limit: number): Promise<JsonBody | Refusal> {
  const text = await readText(request, limit);
  if (text instanceof Refusal) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("bad_json", text.trim() === "" ? "The body is empty." : "The body is not JSON.");
  }
  const inexact = inexactNumber(text);
  return inexact === undefined ? { text, value } : refuse("bad_message", inexactMessage(inexact));
}

/** The body as text, if it has at most `limit` bytes and is UTF-8. */
export async function readText(request: Request, limit: number): Promise<string | Refusal> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let text = "";
  const refusal = await readChunks(request, limit, (chunk) => {
    try {
      text += chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
      return undefined;
    } catch {
      return refuse("bad_json", "The body is not UTF-8.");
    }
  });
  return refusal ?? text;
}

/**
 * The body as it is, if it has at most `limit` bytes. `drain` more bytes of one that is too large are read and thrown
 * away: many clients write all before they read anything, and would see a broken connection instead of the reason.
 */
export async function readBytes(request: Request, limit: number, drain: number): Promise<ArrayBuffer | Refusal> {
  // One that says that it is small enough comes in one piece: it cannot be longer than it says.
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) <= limit && encodingOf(request) === undefined) {
    const allowed = BODY_IDLE_MS + Number(announced) / BODY_BYTES_PER_MS;
    const whole = await within(
      allowed,
      request.arrayBuffer().catch(() => undefined),
    );
    if (whole === LATE) return timedOut();
    if (whole === undefined) return refuse("bad_request", "The body broke off.");
    return whole.byteLength > limit ? refuse("too_large", `A body may have ${limit} bytes.`) : whole;
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const take = (chunk: Uint8Array<ArrayBuffer> | undefined): undefined => {
    if (chunk !== undefined) chunks.push(chunk);
  };
  const refusal = await readChunks(request, limit, take, drain);
  return refusal ?? new Blob(chunks).arrayBuffer();
}

/** The body's content encoding, if it has one. */
function encodingOf(request: Request): string | undefined {
  const encoding = request.headers.get("content-encoding")?.toLowerCase();
  return encoding === "identity" ? undefined : encoding;
}

function timedOut(): Refusal {
  return refuse("request_timeout", "The body did not arrive in time: send it again.");
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | typeof LATE> {
  const late = Promise.withResolvers<typeof LATE>();
  const timer = setTimeout(() => late.resolve(LATE), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Hands over a body chunk by chunk, and undefined at its end; until `take`, a limit or the peer ends it. */
async function readChunks(
  request: Request,
  limit: number,
  take: (chunk: Uint8Array<ArrayBuffer> | undefined) => Refusal | undefined,
  drain = 0,
): Promise<Refusal | undefined> {
  const tooLarge = refuse("too_large", `A body may have ${limit} bytes.`);
  if (encodingOf(request) !== undefined) {
    return new HttpRefusal("unsupported_media_type", "Bodies are read as they are, without a content encoding.", {
      "accept-encoding": "identity",
    });
  }
  const announced = Number(request.headers.get("content-length"));
  if (request.body === null) return announced > limit ? tooLarge : undefined;
  if (announced > limit + drain) return tooLarge;
  const reader = (request.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  const startedAt = Date.now();
  let bytes = 0;
  let refusal = announced > limit ? tooLarge : undefined;
  for (;;) {
    const left = startedAt + BODY_IDLE_MS + bytes / BODY_BYTES_PER_MS - Date.now();
    const chunk = await within(
      Math.min(BODY_IDLE_MS, left),
      reader.read().catch(() => undefined),
    );
    if (chunk === LATE) {
      void reader.cancel().catch(() => undefined);
      return refusal ?? timedOut();
    }
    if (chunk === undefined) return refusal ?? refuse("bad_request", "The body broke off.");
    bytes += chunk.value?.byteLength ?? 0;
    refusal ??= bytes > limit ? tooLarge : take(chunk.value);
    if (chunk.done) return refusal;
    if (refusal === undefined || (drain > 0 && bytes <= limit + drain)) continue;
    await reader.cancel().catch(() => undefined);
    return refusal;
  }
}
