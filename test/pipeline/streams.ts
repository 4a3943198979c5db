import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { OPEN, type RoomApi } from "../../src/room/api.ts";
import type { Past } from "../../src/room/past.ts";
import type { KeptStreams } from "../worker/index.ts";

export type Stream = RoomApi & DurableObjectStub & Pick<KeptStreams, "counted">;

/** One that is archived, and counted by nobody. */
export function archivedStream(name: string): Stream {
  return env.ARCHIVED_STREAMS.getByName(name);
}

/** One that is archived and counted. */
export function countedStream(name: string): Stream {
  return env.KEPT_STREAMS.getByName(name);
}

/** Publishes events as one commit. */
export async function publish(room: Stream, events: readonly unknown[]): Promise<void> {
  const published = events.map((event) => ({ data: typeof event === "string" ? event : JSON.stringify(event) }));
  const outcome = await room.applyText(JSON.stringify([{ type: "publish", events: published }]), OPEN);
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
}

/** Runs in the room's own object. */
export function inside<T>(room: Stream, work: (room: Inside, state: DurableObjectState) => T | Promise<T>): Promise<T> {
  return runInDurableObject(room as unknown as DurableObjectStub<KeptStreams>, (instance, state) =>
    work(instance as unknown as Inside, state),
  );
}

/** What a room shows to its own class alone. */
export interface Inside {
  readonly past: Past;
  webSocketMessage(ws: WebSocket, data: string): void;
  webSocketClose(ws: WebSocket): void;
  readonly engine: { readonly ledger: { readonly oldest: number; readonly position: { seq: number; epoch: string } } };
}

interface Fact {
  readonly [column: string]: SqlStorageValue;
}

/** What the room's storage answers to a query. */
export function query<T extends Fact>(room: Stream, text: string): Promise<readonly T[]> {
  return inside(room, (_, { storage }) => storage.sql.exec<T>(text).toArray());
}

/** Resolves when the archive reaches op `seq`, as the room notes it. */
export async function archived(room: Stream, seq: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { epoch } = await inside(room, ({ engine }) => engine.ledger.position);
      // The segments of a history that was cleared stay until the archive begins anew.
      const [row] = await query<{ last: number | null }>(
        room,
        `SELECT max(last) AS last FROM segments JOIN meta WHERE key = 'archive-epoch' AND value = '${epoch}'`,
      );
      if ((row?.last ?? 0) < seq) throw new Error(`Archived up to ${row?.last ?? 0}, not ${seq}`);
    },
    { timeout: 30_000, interval: 10 },
  );
}

/** Every event that the room can still give, oldest first: from its archive, then from its log. */
export async function everyEvent(room: Stream): Promise<readonly string[]> {
  const found: string[] = [];
  let next: number | undefined;
  let expected: number | undefined;
  do {
    const page = await room.history(next === undefined ? { limit: 1_000 } : { from: next, limit: 1_000 });
    if ("ok" in page) throw new Error(`${page.code}: ${page.message}`);
    for (const run of page.runs) {
      if (expected !== undefined && run.seq !== expected) throw new Error(`${run.seq} came instead of ${expected}`);
      expected = run.seq;
      for (const { ops } of run.entries) {
        for (const op of ops as unknown as readonly { readonly event: { readonly data: string } }[]) {
          found.push(op.event.data);
          expected += 1;
        }
      }
    }
    ({ next } = page);
  } while (next !== undefined);
  return found;
}

export function numbered(from: number, to: number): readonly { readonly n: number }[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ n: from + index }));
}
