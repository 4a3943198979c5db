import { parseVersion, type Position } from "../protocol/position.ts";
import { Refusal } from "../protocol/refusal.ts";
import type { RoomMessage } from "../protocol/room/index.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Ack } from "../protocol/client/ack.ts";
import type { Hello } from "../protocol/client/hello.ts";
import type { Answer } from "./answers.ts";
import { EventText, STATE_WORDING, readFrame, type EventItem } from "./event-text.ts";
import type { Visit } from "./resource.ts";
import { connectRoom, NATIVE } from "./sockets.ts";

/** A comment this often, milliseconds: proxies end connections that are silent for a minute. */
const HEARTBEAT = 25_000;

const EVENT_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

/** Turns what a room says into events. */
export interface Translator {
  message(message: RoomMessage): readonly EventItem[];
}

/** What a reader of events asks of the room, and how it is told. */
export interface Asked {
  readonly hello: Pick<Hello, "since" | "from" | "filter">;
  readonly translator: Translator;
  /** Instead of the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether readers are told when to come back; they are unless told otherwise. */
  readonly retry?: boolean;
  /** The response ends after so many milliseconds; never unless told otherwise. */
  readonly lifetime?: number;
}

/**
 * Server-sent events. The Worker holds the reader's response and a hibernatable socket to the room, so
 * that a room with nothing but readers of events sleeps all the same.
 */
export function openEvents(visit: Visit): Promise<Answer> {
  const asked = askedPosition(visit);
  const since = asked === "malformed" ? undefined : asked;
  const translator = new EventText(STATE_WORDING, since?.seq, asked === "malformed" ? "unknown" : undefined);
  return eventResponse(visit, { hello: since === undefined ? {} : { since }, translator });
}

/** Events as a response. */
export async function eventResponse(visit: Visit, asked: Asked): Promise<Answer> {
  const { hello, headers = EVENT_HEADERS } = asked;
  if (visit.request.method === "HEAD") return new Response(null, { headers });
  const socket = await connectRoom(visit, NATIVE);
  if (socket instanceof Refusal) return socket;
  const greeting: Hello = { t: "hello", v: PROTOCOL_VERSION, client: crypto.randomUUID(), ...hello };
  return new Response(eventStream(socket, greeting, asked, visit.request.signal), { headers });
}

/** Last-Event-ID, which a browser sends when it connects again, before `?since=`, which its page wrote. */
function askedPosition({ request, url }: Visit): Position | undefined | "malformed" {
  const token = request.headers.get("last-event-id") || url.searchParams.get("since");
  if (token === null || token === "") return undefined;
  return parseVersion(token) ?? "malformed";
}

/**
 * The events of one socket. What the reader has not taken waits here, and the room's marks wait with
 * it; the room stops sending when too much is unanswered, so what waits is bounded.
 *
 * An identity stream, because workerd tells only its writer that the reader of a response has gone: a
 * ReadableStream of one's own is neither pulled nor cancelled any more.
 */
function eventStream(
  socket: WebSocket,
  hello: Hello,
  { translator, retry = true, lifetime }: Asked,
  gone: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const { readable, writable } = new IdentityTransformStream();
  const writer: WritableStreamDefaultWriter<Uint8Array> = writable.getWriter();
  const waiting: EventItem[] = [];
  let writing = false;
  let ended = false;

  // Its only failure is that the reader has gone, and `writer.closed` tells of that.
  const drain = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      // A write is done when the reader has taken it; only then is the mark behind it answered.
      if ("text" in item) await writer.write(encoder.encode(item.text));
      else if ("mark" in item && !ended) socket.send(JSON.stringify({ t: "ack", n: item.mark } satisfies Ack));
    }
    writing = false;
    if (ended) await writer.close();
  };
  const tell = (...items: readonly EventItem[]): void => {
    waiting.push(...items);
    drain().catch(() => undefined);
  };
  const end = lifetime === undefined ? undefined : setTimeout(() => hangUp(), lifetime);
  const heartbeat = setInterval(() => {
    if (waiting.length === 0) tell({ text: ":\n" });
  }, HEARTBEAT);

  /** The room has closed: what it sent before is still to be told. */
  const finish = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(heartbeat);
    if (end !== undefined) clearTimeout(end);
    tell();
  };
  const leave = (): void => {
    ended = true;
    clearInterval(heartbeat);
    if (end !== undefined) clearTimeout(end);
    waiting.length = 0;
    close();
  };
  /** There is nothing more to tell, or it has been long enough. */
  const hangUp = (): void => {
    finish();
    close();
  };
  const close = (): void => {
    try {
      socket.close(1000, "The reader has gone.");
    } catch {
      // Closed already.
    }
  };

  writer.closed.catch(leave);
  gone.addEventListener("abort", leave, { once: true });
  socket.addEventListener("close", finish);
  socket.addEventListener("message", ({ data }) => {
    if (ended || typeof data !== "string") return;
    const items = readFrame(data).flatMap((message) => translator.message(message));
    tell(...items);
    if (items.some((item) => "end" in item)) hangUp();
  });
  socket.accept();
  socket.send(JSON.stringify(hello));
  // Spread, so that the readers of a room that restarts do not all come back at once. No blank line follows this, nor a
  // comment: there are clients that make an event without data of it.
  if (retry) tell({ text: `retry: ${1000 + Math.floor(Math.random() * 2000)}\n` });
  return readable;
}
