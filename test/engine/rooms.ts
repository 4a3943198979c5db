import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { RoomApi } from "../../src/room/api.ts";
import type { Labs } from "../worker/index.ts";

/** A room as the Worker sees it. The platform's own types for RPC make `never` of an op, which may be any JSON. */
export type TestRoom = RoomApi & DurableObjectStub;

export function labs(name: string): TestRoom {
  return env.LABS.getByName(name);
}

export function smallLabs(name: string): TestRoom {
  return env.SMALL_LABS.getByName(name);
}

export function shortCounters(name: string): TestRoom {
  return env.SHORT_COUNTERS.getByName(name);
}

/** Runs in the room's own object, in one turn as far as `work` does not await. */
export function inside<T>(room: TestRoom, work: (room: Labs, state: DurableObjectState) => T | Promise<T>): Promise<T> {
  return runInDurableObject(room as unknown as DurableObjectStub<Labs>, work);
}
