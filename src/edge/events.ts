import { parseVersion, type Position } from "../protocol/position.ts";
import { Refusal } from "../protocol/refusal.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import type { Ack } from "../protocol/client/ack.ts";
import type { Hello } from "../protocol/client/hello.ts";
import type { Answer } from "./answers.ts";
import { EventText, type EventItem } from "./event-text.ts";
import type { Visit } from "./resource.ts";
import { connectRoom, NATIVE } from "./sockets.ts";

/** A comment this often, milliseconds: proxies end connections that are silent for a minute. */
const HEARTBEAT = 25_000;
/** Bytes that may wait in the stream itself, besides what the room's own window allows. */
const STREAM_BYTES = 64 * 1024;

const EVENT_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

/**
 * Server-sent events. The Worker holds the reader's response and a hibernatable socket to the room, so
 * that a room with nothing but readers of events sleeps all the same.
 */
export async function openEvents(visit: Visit): Promise<Answer> {
  if (visit.request.method === "HEAD") return new Response(null, { headers: EVENT_HEADERS });
  const asked = askedPosition(visit);
  const socket = await connectRoom(visit, NATIVE);
  if (socket instanceof Refusal) return socket;
  const since = asked === "malformed" ? undefined : asked;
  const hello: Hello = {
    t: "hello",
    v: PROTOCOL_VERSION,
    client: crypto.randomUUID(),
    ...(since === undefined ? {} : { since }),
  };
  const translator = new EventText(since?.seq, asked === "malformed" ? "unknown" : undefined);
  return new Response(eventStream(socket, hello, translator, visit.request.signal), { headers: EVENT_HEADERS });
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
 */
function eventStream(
  socket: WebSocket,
  hello: Hello,
  translator: EventText,
  gone: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const waiting: EventItem[] = [];
  let ended = false;
  let heartbeat: ReturnType<typeof setInterval> | null = null;

  const stop = (): void => {
    ended = true;
    clearInterval(heartbeat);
    waiting.length = 0;
    // Throws for a socket that is closed already.
    try {
      socket.close(1000, "The reader has gone.");
    } catch {}
  };

  const drain = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    while (waiting.length > 0 && (controller.desiredSize ?? 0) > 0) {
      const item = waiting.shift();
      if (item === undefined) return;
      if ("text" in item) controller.enqueue(encoder.encode(item.text));
      else if (!ended) socket.send(JSON.stringify({ t: "ack", n: item.mark } satisfies Ack));
    }
    if (!ended || waiting.length > 0) return;
    clearInterval(heartbeat);
    controller.close();
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Spread, so that the readers of a room that restarts do not all come back at once.
        waiting.push({ text: `retry: ${1000 + Math.floor(Math.random() * 2000)}\n\n` });
        socket.addEventListener("message", ({ data }) => {
          if (ended || typeof data !== "string") return;
          waiting.push(...translator.frame(data));
          drain(controller);
        });
        socket.addEventListener("close", () => {
          if (ended) return;
          ended = true;
          drain(controller);
        });
        gone.addEventListener("abort", stop, { once: true });
        heartbeat = setInterval(() => {
          if (waiting.length === 0 && (controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(":\n\n"));
        }, HEARTBEAT);
        socket.accept();
        socket.send(JSON.stringify(hello));
        drain(controller);
      },
      pull: drain,
      cancel: stop,
    },
    { highWaterMark: STREAM_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}
