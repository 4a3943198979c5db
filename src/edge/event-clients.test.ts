import { getBytes, getLines, getMessages } from "@microsoft/fetch-event-source/lib/cjs/parse.js";
import { EventSource } from "eventsource";
import { expect, test } from "vitest";
import type { RoomMessage } from "../protocol/room/index.ts";
import { EventText } from "./event-text.ts";
import { STREAM_WORDING } from "./streams/event-text.ts";

const ops: RoomMessage = {
  t: "ops",
  seq: 4,
  at: 0,
  entries: [{ ops: [{ type: "event", event: { data: '{"n":4}' } }], skip: 2 }],
};

/** A stream's answer as `eventStream` begins it, with a heartbeat: its start, and what comes after it. */
function answers(): { readonly start: string; readonly rest: string } {
  const translator = new EventText(STREAM_WORDING);
  const text = (message: RoomMessage): string =>
    translator
      .message(message)
      .map((item) => ("text" in item ? item.text : ""))
      .join("");
  const start = text({ t: "snapshot", epoch: "e", seq: 3, kv: 1, state: {} });
  return { start: `retry: 1\n${start}:\n`, rest: `${text(ops)}:\n` };
}

function response(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

test("B10 npm's eventsource comes back with the position that it has, also before its first event", async () => {
  const asked: (string | null)[] = [];
  const came: string[] = [];
  const { start, rest } = answers();
  const source = new EventSource("http://localhost/events", {
    fetch: async (_url, init) => {
      asked.push(new Headers(init.headers).get("last-event-id"));
      return response(asked.length === 1 ? start : asked.length === 2 ? rest : start);
    },
  });
  source.addEventListener("message", ({ data }) => came.push(String(data)));
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(3);
  source.close();
  expect(asked.slice(0, 3)).toEqual([null, "e.3", "e.6"]);
  expect(came).toEqual(['{"n":4}']);
});

test("B10 fetch-event-source gets no message without data, and the position from each", async () => {
  const { start, rest } = answers();
  const messages: string[] = [];
  const ids: string[] = [];
  const onLine = getMessages(
    (id) => void ids.push(id),
    () => undefined,
    ({ event, data }) => void messages.push(`${event} ${data}`),
  );
  await getBytes(response(start + rest).body as ReadableStream<Uint8Array>, getLines(onLine));
  expect(messages).toEqual(['position {"position":"e.3"}', ' {"n":4}', 'position {"position":"e.6"}']);
  expect(ids).toEqual(["e.3", "e.4", "e.6"]);
});
