import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { TestServer } from "../../harness/server.ts";
import { ClientWriter, RequestWriter, Room, type Target, type Writer } from "./traffic.ts";

/** The server is killed within this time after the writers have begun, in milliseconds. */
const MAX_UPTIME_MS = 800;
/** How long the writers go on after it is up again. */
const AFTER_MS = 200;
/** The most tokens that one writer uses. */
const TOKENS_EACH = 100_000;
/** Once in so many rounds it is killed again as soon as it serves. */
const TWICE_EVERY = 8;

/** What came of a number of rounds. */
export interface Totals {
  rounds: number;
  kills: number;
  acknowledged: number;
  refused: number;
}

/**
 * Rounds of traffic on rooms of every kind, over sockets and HTTP, with kill -9 of the server's process group at a random
 * moment in each. Throws where a write that was acknowledged is not there, once and in order.
 */
export async function crashRounds(rounds: number, log: (line: string) => void): Promise<Totals> {
  const server = await TestServer.start({ config: "test/crash/project/wrangler.jsonc" });
  const totals: Totals = { rounds: 0, kills: 0, acknowledged: 0, refused: 0 };
  // Written to in every round, so that they have lived through all the crashes.
  const lasting = new Lasting();
  try {
    for (let round = 1; round <= rounds; round += 1) {
      await oneRound(server, round, lasting, totals);
      totals.rounds = round;
      log(`round ${round} of ${rounds}: ${totals.acknowledged} acknowledged, ${totals.kills} kills so far`);
    }
  } finally {
    await server.stop();
  }
  return totals;
}

/** Rooms of all rounds, and what was acknowledged in them. */
class Lasting {
  readonly rooms = Room.all("lasting");
  readonly writers: Writer[] = [];
}

async function oneRound(server: TestServer, round: number, lasting: Lasting, totals: Totals): Promise<void> {
  let up = Promise.resolve();
  const target: Target = { url: server.url, up: () => up };
  const rooms = Room.all(`round-${round}`);
  let begun = round * 1_000;
  const first = (): number => (begun += 1) * TOKENS_EACH;
  const writers: Writer[] = rooms.flatMap((room) => [
    new ClientWriter(target, room, first()),
    new ClientWriter(target, room, first()),
    new RequestWriter(target, room, first()),
  ]);
  const others = lasting.rooms.map((room) => new ClientWriter(target, room, first()));
  lasting.writers.push(...others);
  const all = [...writers, ...others];
  let goesOn = true;
  try {
    const done = Promise.all(all.map((writer) => writer.run(() => goesOn)));
    for (let kills = round % TWICE_EVERY === 0 ? 2 : 1; kills > 0; kills -= 1) {
      await sleep(Math.random() * MAX_UPTIME_MS);
      const { promise, resolve } = Promise.withResolvers<void>();
      up = promise;
      await server.kill9();
      totals.kills += 1;
      await server.restart();
      resolve();
      for (const writer of all) writer.retry();
    }
    await sleep(AFTER_MS);
    goesOn = false;
    await done;
    for (const room of rooms)
      await check(
        target,
        room,
        writers.filter((writer) => writer.room === room),
      );
    for (const room of lasting.rooms)
      await check(
        target,
        room,
        lasting.writers.filter((writer) => writer.room === room),
      );
    for (const { acknowledged, refused } of all) {
      totals.acknowledged += acknowledged.size;
      totals.refused += refused.size;
    }
  } finally {
    for (const writer of all) writer.end();
  }
}

async function check(target: Target, room: Room, writers: readonly Writer[]): Promise<void> {
  const places = new Map<string, number[]>();
  for (const [place, token] of (await room.tokens(target)).entries())
    places.set(token, [...(places.get(token) ?? []), place]);
  const where = `${room.kind} ${room.id}`;
  for (const { acknowledged, refused } of writers) {
    let before = { token: "", place: -1 };
    for (const token of acknowledged) {
      const [place, ...again] = places.get(token) ?? [];
      assert.ok(place !== undefined, `${where}: ${token} was acknowledged and is not in the log`);
      // What is undone may come back.
      assert.ok(room.script.repeats === true || again.length === 0, `${where}: ${token} is there more than once`);
      if (numberIn(token) > numberIn(before.token))
        assert.ok(place > before.place, `${where}: ${token} is before ${before.token}`);
      before = { token, place };
    }
    for (const token of refused) assert.ok(!places.has(token), `${where}: ${token} was refused and is in the log`);
  }
}

function numberIn(token: string): number {
  return Number(token.split("-").at(-1));
}
