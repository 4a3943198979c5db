import { describe, expect, test } from "vitest";
import type { RoomMessage } from "../protocol/room/index.ts";
import { STREAM_WORDING } from "./streams/event-text.ts";
import { EventText, STATE_WORDING, readFrame } from "./event-text.ts";

const welcome = (over: Partial<Extract<RoomMessage, { t: "welcome" }>> = {}): RoomMessage => ({
  t: "welcome",
  v: 1,
  kind: "document",
  conn: "c",
  you: "y",
  can: ["read"],
  last: 0,
  gaps: [],
  epoch: "e",
  head: 3,
  resume: "snapshot",
  now: 0,
  ...over,
});
const snapshot: RoomMessage = { t: "snapshot", epoch: "e", seq: 3, kv: 1, state: { a: "x\ny" } };
const SNAPSHOT = 'event: snapshot\nid: e.3\ndata: {"value":{"a":"x\\ny"}}\n\n';
const frame = (...messages: RoomMessage[]): string => messages.map((message) => JSON.stringify(message)).join("\n");
const texts = (translator: EventText, ...messages: RoomMessage[]): string =>
  messages
    .flatMap((message) => translator.message(message))
    .map((item) => ("text" in item ? item.text : "mark" in item ? `(mark ${item.mark})` : "(end)"))
    .join("");

describe("EventText", () => {
  test("a first visit is a snapshot", () => {
    expect(texts(new EventText(STATE_WORDING), welcome(), snapshot)).toBe(SNAPSHOT);
  });

  test("each op is an event with its own number, across entries and runs", () => {
    const translator = new EventText(STATE_WORDING, 3);
    texts(translator, welcome({ resume: "tail" }));
    const ops: RoomMessage = {
      t: "ops",
      seq: 4,
      at: 0,
      entries: [{ ops: [{ type: "a" }, { type: "b" }] }, { by: "me", m: 1, ops: [{ type: "c" }] }],
    };
    expect(texts(translator, ops, { ...ops, seq: 7, entries: [{ ops: [7] }] })).toBe(
      'event: op\nid: e.4\ndata: {"type":"a"}\n\n' +
        'event: op\nid: e.5\ndata: {"type":"b"}\n\n' +
        'event: op\nid: e.6\ndata: {"type":"c"}\n\n' +
        "event: op\nid: e.7\ndata: 7\n\n",
    );
  });

  test("a reader that was in the middle of a run gets the rest of it", () => {
    const translator = new EventText(STATE_WORDING, 5);
    texts(translator, welcome({ resume: "tail" }));
    const run = (seq: number, ...ops: number[]): RoomMessage => ({ t: "ops", seq, at: 0, entries: [{ ops }] });
    expect(texts(translator, run(4, 4, 5, 6))).toBe("event: op\nid: e.6\ndata: 6\n\n");
    expect(texts(translator, run(4, 4, 5, 6))).toBe("");
    expect(texts(translator, run(7, 7))).toBe("event: op\nid: e.7\ndata: 7\n\n");
  });

  test("a snapshot counts from where it is, be it before the reader's own position", () => {
    const translator = new EventText(STATE_WORDING, 50);
    texts(translator, welcome({ resume: "reset", reason: "ahead" }), snapshot);
    expect(texts(translator, { t: "ops", seq: 4, at: 0, entries: [{ ops: [4] }] })).toContain("id: e.4");
  });

  test("a position that the room does not know is a reset, then a snapshot", () => {
    expect(texts(new EventText(STATE_WORDING), welcome({ resume: "reset", reason: "gone" }), snapshot)).toBe(
      `event: reset\ndata: {"reason":"gone"}\n\n${SNAPSHOT}`,
    );
  });

  test("a position that was not even asked about is told once", () => {
    const translator = new EventText(STATE_WORDING, 0, "unknown");
    expect(texts(translator, welcome(), snapshot)).toBe(`event: reset\ndata: {"reason":"unknown"}\n\n${SNAPSHOT}`);
    expect(texts(translator, snapshot)).toBe(SNAPSHOT);
  });

  test("a replaced history is a reset, and later ops are of the new one", () => {
    const translator = new EventText(STATE_WORDING);
    texts(translator, welcome(), snapshot);
    const restored: RoomMessage = { t: "snapshot", epoch: "f", seq: 0, kv: 1, state: {}, reset: "restored" };
    expect(texts(translator, restored, { t: "ops", seq: 1, at: 0, entries: [{ ops: [1] }] })).toBe(
      'event: reset\ndata: {"reason":"restored"}\n\nevent: snapshot\nid: f.0\ndata: {"value":{}}\n\n' +
        "event: op\nid: f.1\ndata: 1\n\n",
    );
  });

  test("marks keep their place; presence and answers are nothing; lines that are not messages are nothing", () => {
    const translator = new EventText(STATE_WORDING, 3);
    texts(translator, welcome());
    const ops: RoomMessage = { t: "ops", seq: 4, at: 0, entries: [{ ops: [1] }] };
    const heard = readFrame(`${frame(ops, { t: "mark", n: 9 }, { t: "presence", set: {}, gone: [] })}\npong\n`);
    const got = heard.flatMap((message) => translator.message(message));
    expect(got).toEqual([{ text: "event: op\nid: e.4\ndata: 1\n\n" }, { mark: 9 }]);
    expect(readFrame("pong")).toEqual([]);
  });

  test.each([STATE_WORDING, STREAM_WORDING])("E6 B10 a gap ends the events, whatever comes after it", (wording) => {
    const translator = new EventText(wording, 3);
    texts(translator, welcome({ resume: "tail" }));
    const run = (seq: number): RoomMessage => ({ t: "ops", seq, at: 0, entries: [{ ops: [1] }] });
    expect(texts(translator, run(5), run(6), snapshot)).toBe("(end)");
  });

  test("B1 B10 an event that was stored with a bare CR, and where a reader is, go out as whole blocks with data", () => {
    const translator = new EventText(STREAM_WORDING);
    const event = (data: string): unknown => ({ type: "event", event: { data } });
    const ops: RoomMessage = { t: "ops", seq: 4, at: 0, entries: [{ ops: [event('{"a":1,\r"b":2}')], skip: 2 }] };
    expect(texts(translator, welcome(), { ...snapshot, reset: "cleared" }, ops)).toBe(
      'event: reset\ndata: {"reason":"cleared","oldest":"e.4"}\n\n' +
        'event: position\nid: e.3\ndata: {"position":"e.3"}\n\n' +
        'id: e.4\ndata: {"a":1, "b":2}\n\n' +
        'event: position\nid: e.6\ndata: {"position":"e.6"}\n\n',
    );
  });

  test("keys that mean something elsewhere are data", () => {
    const state = '{"__proto__":{"x":1},"constructor":2}';
    const text = `{"t":"snapshot","epoch":"e","seq":1,"kv":1,"state":${state}}`;
    expect(readFrame(text).flatMap((message) => new EventText(STATE_WORDING).message(message))).toEqual([
      { text: `event: snapshot\nid: e.1\ndata: {"value":${state}}\n\n` },
    ]);
  });
});
