import type { DurableInfo } from "../../room/durable-api.ts";
import type { Hello } from "../../protocol/client/hello.ts";
import { Refusal } from "../../protocol/refusal.ts";
import type { RoomMessage } from "../../protocol/room/index.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { Answer } from "../answers.ts";
import { eventResponse } from "../events.ts";
import type { Visit } from "../resource.ts";
import { connectRoom, NATIVE } from "../sockets.ts";
import { DurableEventText } from "./event-text.ts";
import { absent, isText, plain, SAFE } from "./format.ts";
import type { Offset } from "./offset.ts";
import { durableOf } from "./room.ts";

/** How long a long poll waits, milliseconds. */
const LONG_POLL = 20_000;
/** Events end after about this long, milliseconds, so that readers can be brought together on one connection of a cache. */
const LIFETIME = 60_000;

/**
 * Resolves when the stream has gone on from a position, was closed, is no more, or after the longest that a poll
 * waits. Held by the Worker over a hibernatable socket: the room sleeps meanwhile.
 */
export async function waitForMore(visit: Visit, since: Offset): Promise<void> {
  const socket = await connectRoom(visit, NATIVE);
  if (socket instanceof Refusal) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LONG_POLL);
  visit.request.signal.addEventListener("abort", () => resolve(), { once: true });
  socket.addEventListener("close", () => resolve());
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string" && data.split("\n").some((line) => tellsMore(line, since))) resolve();
  });
  socket.accept();
  const hello: Hello = { t: "hello", v: PROTOCOL_VERSION, client: crypto.randomUUID(), since };
  socket.send(JSON.stringify(hello));
  await promise;
  clearTimeout(timer);
  try {
    socket.close(1000, "The reader has its answer.");
  } catch {
    // Closed already.
  }
}

function tellsMore(line: string, since: Offset): boolean {
  if (!line.startsWith("{")) return false;
  const message = JSON.parse(line) as RoomMessage;
  if (message.t === "welcome") return message.resume !== "tail" || message.head > since.seq;
  return message.t === "ops" || message.t === "snapshot";
}

/** Server-sent events: every message with the offset after it. */
export async function followEvents(visit: Visit, offset: Offset | "start" | "now"): Promise<Answer> {
  const found = await durableOf(visit).durableHead();
  if (found.is !== "found") return absent(found.is);
  const { info } = found;
  const seq = offset === "now" ? info.tail : offset === "start" ? info.oldest - 1 : offset.seq;
  if (typeof offset === "object" && (offset.epoch !== info.epoch || !isKept(info, seq))) {
    return plain(410, "This offset is no longer kept, or is of another stream.");
  }
  return eventResponse(visit, {
    hello: { since: { epoch: info.epoch, seq } },
    translator: new DurableEventText(info, seq, visit.url.searchParams.get("cursor")),
    headers: {
      ...SAFE,
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      ...(isText(info) ? {} : { "stream-sse-data-encoding": "base64" }),
    },
    retry: false,
    lifetime: LIFETIME,
  });
}

function isKept({ tail, oldest }: DurableInfo, seq: number): boolean {
  return seq >= oldest - 1 && seq <= Math.max(tail, oldest - 1);
}
