import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BODY_BYTES_PER_MS, BODY_IDLE_MS, expectJson, mediaType, readBytes, readJson } from "./body.ts";

const put = (body: BodyInit | null, headers: Record<string, string> = {}): Request =>
  new Request("http://rooms.example/doc/a", { method: "PUT", body, headers, duplex: "half" } as RequestInit);

/** A body that notes how much of it was asked for, and never ends by itself. */
function endless(): { readonly stream: ReadableStream<Uint8Array>; readonly pulled: () => number; cancelled: boolean } {
  let bytes = 0;
  const probe = {
    cancelled: false,
    pulled: () => bytes,
    stream: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          bytes += 1024;
          controller.enqueue(new Uint8Array(1024).fill(0x20));
        },
        cancel() {
          probe.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    ),
  };
  return probe;
}

test.each([
  ["application/json", "application/json"],
  ["Application/JSON; charset=UTF-8", "application/json"],
  [" application/merge-patch+json ;x=y", "application/merge-patch+json"],
  ["", undefined],
  [";charset=utf-8", undefined],
  [null, undefined],
])("mediaType(%j) is %j", (header, type) => expect(mediaType(header)).toBe(type));

test.each([
  ["application/json", true],
  ["application/json;charset=utf-8", true],
  ["application/vnd.me+json", true],
  ["text/plain", false],
  ["application/x-www-form-urlencoded", false],
  ["text/json", false],
  ["application/json, text/plain", false],
])("expectJson takes %s: %j", (type, fits) => {
  expect(expectJson(put("{}", { "content-type": type })) === undefined).toBe(fits);
});

describe("readJson", () => {
  test("reads JSON, and hands on the text", async () => {
    expect(await readJson(put('{"a":"é"}'), 100)).toEqual({ text: '{"a":"é"}', value: { a: "é" } });
  });

  test("takes a byte order mark off", async () => {
    expect(await readJson(put(new Uint8Array([0xef, 0xbb, 0xbf, 0x31])), 100)).toEqual({ text: "1", value: 1 });
  });

  test("takes exactly the limit", async () => {
    expect(await readJson(put('"123456"'), 8)).toMatchObject({ value: "123456" });
    expect(await readJson(put('"1234567"'), 8)).toMatchObject({ code: "too_large" });
  });

  test("counts bytes, not characters", async () => {
    expect(await readJson(put('"éé"'), 5)).toMatchObject({ code: "too_large" });
  });

  test("E4 believes a length that says it is too large", async () => {
    const probe = endless();
    const request = put(probe.stream, { "content-length": "1000000" });
    expect(await readJson(request, 1000)).toMatchObject({ code: "too_large" });
    expect(probe.pulled()).toBe(0);
  });

  test("E4 stops reading a body without a length at the limit", async () => {
    const probe = endless();
    expect(await readJson(put(probe.stream), 10_000)).toMatchObject({ code: "too_large" });
    expect(probe.pulled()).toBeLessThanOrEqual(13 * 1024);
    expect(probe.cancelled).toBe(true);
  });

  test.each<[string, BodyInit | null]>([
    ["nothing", null],
    ["an empty body", ""],
    ["half of JSON", '{"a":'],
    ["two values", "1 2"],
    ["an escape out of its envelope", '1},{"type":"set","value":2'],
    ["a comment", "1 // one"],
    ["NaN", "NaN"],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["a cut off character", new Uint8Array([0x22, 0xc3])],
  ])("%s is bad_json", async (_, body) => expect(await readJson(put(body), 1000)).toMatchObject({ code: "bad_json" }));

  test("a million brackets do not bring it down", async () => {
    const answer = await readJson(put("[".repeat(1_000_000)), 1_048_576);
    expect(answer).toMatchObject({ code: "bad_json" });
  });

  test("compressed bodies are not read", async () => {
    expect(await readJson(put("{}", { "content-encoding": "gzip" }), 100)).toMatchObject({
      code: "unsupported_media_type",
    });
  });

  test("a body that breaks off is the sender's affair", async () => {
    const stream = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    expect(await readJson(put(stream), 100)).toMatchObject({ code: "bad_request" });
  });
});

describe("a body that does not arrive in time is given up", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A body that brings one byte each `pause` milliseconds, and never ends. */
  function dripping(pause: number): { readonly stream: ReadableStream<Uint8Array>; cancelled: boolean } {
    let timer: ReturnType<typeof setInterval>;
    const probe = {
      cancelled: false,
      stream: new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array([0x22]));
          timer = setInterval(() => controller.enqueue(new Uint8Array([0x20])), pause);
        },
        cancel() {
          clearInterval(timer);
          probe.cancelled = true;
        },
      }),
    };
    return probe;
  }

  test.each([
    ["brings no further byte", 2 * BODY_IDLE_MS],
    ["comes byte by byte", BODY_IDLE_MS / 10],
  ])("E13 one that %s, and the rest of it is not waited for", async (_, pause) => {
    const body = dripping(pause);
    const read = readJson(put(body.stream), 1_000_000);
    await vi.advanceTimersByTimeAsync(BODY_IDLE_MS + 10);
    expect(await read).toMatchObject({ code: "request_timeout" });
    expect(body.cancelled).toBe(true);
  });

  test("E13 one whose length is known and that is read in one piece", async () => {
    const read = readBytes(put(dripping(1e9).stream, { "content-length": "400" }), 1000, 0);
    await vi.advanceTimersByTimeAsync(BODY_IDLE_MS + 400 / BODY_BYTES_PER_MS);
    expect(await read).toMatchObject({ code: "request_timeout" });
  });

  test("E13 but not one that is only slow, and nothing is left waiting", async () => {
    const body = new TransformStream<Uint8Array, Uint8Array>();
    const read = readJson(put(body.readable), 1_000_000);
    const writer = body.writable.getWriter();
    await writer.write(new Uint8Array(200_000).fill(0x20));
    for (let waited = 0; waited < 2; waited += 1) {
      await vi.advanceTimersByTimeAsync(BODY_IDLE_MS - 1);
      await writer.write(new Uint8Array([0x31]));
    }
    await writer.close();
    expect(await read).toMatchObject({ value: 11 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
