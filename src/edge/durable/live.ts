import { isOf } from "../../kinds/stream/durable/state.ts";
import type { DurableInfo } from "../../room/durable/api.ts";
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
import { hear, type Heard } from "./ops.ts";
import { durableOf } from "./room.ts";

/** Events end after about this long, milliseconds, so that readers can be brought together on one connection of a cache. */
const LIFETIME = 60_000;

/**
 * Resolves with the first that comes after a position, data or the stream's close; with undefined when the stream has
 * to be asked: after the longest that a poll waits, or when it is another one, or no more. Held by the Worker over a
 * hibernatable socket: the room sleeps meanwhile.
 */
export async function waitForMore(visit: Visit, since: Offset, longPollMs: number): Promise<Heard | undefined> {
  const socket = await connectRoom(visit, NATIVE);
  if (socket instanceof Refusal) return undefined;
  const { promise, resolve } = Promise.withResolvers<Heard | undefined>();
  const timer = setTimeout(resolve, longPollMs, undefined);
  visit.request.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  socket.addEventListener("close", () => resolve(undefined));
  let head = since.seq;
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") return;
    const runs: Heard[] = [];
    for (const line of data.split("\n")) {
      if (!line.startsWith("{")) continue;
      const message = JSON.parse(line) as RoomMessage;
      if (message.t === "ops") {
        // Ops are missing: the room is asked instead.
        if (message.seq > (runs.at(-1)?.last ?? since.seq) + 1) return resolve(undefined);
        runs.push(hear(message, since.seq));
      }
      if (message.t === "welcome" && message.resume === "tail") head = Math.max(head, message.head);
      else if (message.t === "welcome" || message.t === "snapshot") resolve(undefined);
    }
    const last = runs.at(-1)?.last;
    if (last === undefined) return;
    const messages = runs.flatMap((run) => run.messages);
    const closed = runs.some((run) => run.closed);
    // Else there is more than one frame took, or nothing for the reader.
    const isWhole = last >= head && (messages.length > 0 || closed);
    resolve(isWhole ? { messages, last, closed } : undefined);
  });
  socket.accept();
  const hello: Hello = { t: "hello", v: PROTOCOL_VERSION, client: crypto.randomUUID(), since };
  socket.send(JSON.stringify(hello));
  const heard = await promise;
  clearTimeout(timer);
  try {
    socket.close(1000, "The reader has its answer.");
  } catch {
    // Closed already.
  }
  return heard;
}

/** Server-sent events: every message with the offset after it. */
export async function followEvents(visit: Visit, offset: Offset | "start" | "now"): Promise<Answer> {
  const found = await durableOf(visit).durableHead();
  if (found.is !== "found") return absent(found.is);
  const { info } = found;
  const seq = offset === "now" ? info.tail : offset === "start" ? info.oldest - 1 : offset.seq;
  if (typeof offset === "object" && (!isOf(info, info.epoch, offset) || !isKept(info, seq))) {
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
