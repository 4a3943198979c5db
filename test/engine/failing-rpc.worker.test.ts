import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import type { Chats, Documents, Maps, Streams } from "../worker/index.ts";
import { dump } from "./ledger.ts";

beforeEach(() => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => logged.mockRestore();
});

const bytes = (text: string): ArrayBuffer => Uint8Array.from(new TextEncoder().encode(text)).buffer;

interface Write {
  readonly name: string;
  readonly room: () => DurableObjectStub;
  /** What is there before it. */
  readonly before: (room: never) => Promise<unknown>;
  readonly write: (room: never) => Promise<unknown>;
}

const document = {
  room: () => env.DOCUMENTS.getByName("failing document"),
  before: async (room: Documents) => {
    await room.set({ n: 1 });
    await room.saveVersion("v");
    await room.set({ n: 2 });
  },
};
const text = { contentType: "text/plain", body: bytes("a") };
const stream = {
  room: () => env.STREAMS.getByName("failing stream"),
  before: (room: Streams) => room.durableCreate(text, OPEN),
};

const WRITES: readonly Write[] = [
  { ...document, name: "saving a version", write: (room: Documents) => room.saveVersion("w") },
  { ...document, name: "saving a version again", write: (room: Documents) => room.saveVersion("v") },
  { ...document, name: "deleting a version", write: (room: Documents) => room.deleteVersion("v") },
  { ...document, name: "restoring a version", write: (room: Documents) => room.restoreVersion("v") },
  { ...document, name: "clearing", write: (room: Documents) => room.clear(OPEN, { idempotencyKey: "k" }) },
  {
    name: "saving a version of a new room",
    room: () => env.DOCUMENTS.getByName("failing new document"),
    before: () => Promise.resolve(),
    write: (room: Documents) => room.saveVersion("first"),
  },
  {
    name: "moderating a chat",
    room: () => env.CHATS.getByName("failing chat"),
    before: (room: Chats) => room.send("a"),
    write: (room: Chats) => room.applyText('[{"type":"rules","locked":true}]', { ...OPEN, address: "192.0.2.1" }, {}),
  },
  {
    name: "importing into a map",
    room: () => env.MAPS.getByName("failing map"),
    before: (room: Maps) => room.change([{ type: "setPin", at: [0, 0] }]),
    write: (room: Maps) =>
      room.importText('[{"geometry":{"type":"Point","coordinates":[1,2]}}]', OPEN, { idempotencyKey: "k" }),
  },
  {
    name: "publishing",
    room: () => env.STREAMS.getByName("failing events"),
    before: (room: Streams) => room.publish('{"type":"a","id":"1"}', OPEN),
    write: (room: Streams) => room.publish('{"type":"a","id":"2"}', OPEN, { visitor: "v" }),
  },
  {
    name: "making a stream",
    room: () => env.STREAMS.getByName("failing new stream"),
    before: () => Promise.resolve(),
    write: (room: Streams) => room.durableCreate(text, OPEN),
  },
  { ...stream, name: "appending", write: (room: Streams) => room.durableAppend(text, OPEN) },
  {
    ...stream,
    name: "closing",
    write: (room: Streams) => room.durableAppend({ body: bytes(""), close: true }, OPEN),
  },
  { ...stream, name: "deleting a stream", write: (room: Streams) => room.durableDelete(OPEN) },
];

test.each(WRITES.map((write) => [write.name, write] as const))(
  "C3 %s answers storage_failed or storage_full where storage fails, changes nothing, and succeeds afterwards",
  async (_, { room, before, write }) => {
    let refused = 0;
    await runInDurableObject(room(), async (instance, { storage }) => {
      await before(instance as never);
      const { sql } = storage;
      const exec = sql.exec.bind(sql);
      const was = JSON.stringify(dump(storage));
      // From the first statement that changes something on, then from the second, and so on.
      for (let from = 1; ; from += 1) {
        const isFull = from % 2 === 0;
        let n = 0;
        sql.exec = ((...args: Parameters<typeof exec>) => {
          if (/^\s*(INSERT|DELETE|UPDATE|CREATE)/.test(args[0])) n += 1;
          if (n < from) return exec(...args);
          throw new Error(isFull ? "database or disk is full: SQLITE_FULL" : "disk I/O error: SQLITE_IOERR");
        }) as typeof exec;
        const outcome = await write(instance as never).catch((error: unknown) => ({ threw: error }));
        delete (sql as { exec?: unknown }).exec;
        const isRefused = typeof outcome === "object" && outcome !== null && "ok" in outcome && outcome.ok === false;
        // What fails after the commit, such as planning the alarm, is no failure of the write.
        expect([from, JSON.stringify(dump(storage)) === was]).toEqual([from, isRefused]);
        expect(outcome).not.toHaveProperty("threw");
        if (!isRefused) return;
        expect(outcome).toMatchObject({ code: isFull ? "storage_full" : "storage_failed" });
        refused += 1;
      }
    });
    expect(refused).toBeGreaterThan(0);
  },
);
