import type { Server } from "../servers/server.ts";
import type { WakeSample } from "../results.ts";
import { newRoom, type Bench } from "./context.ts";

const STATE_BYTES = 1024 * 1024;
/** The platform lets a room sleep after 10 s without an event. */
const SLEEP_MS = 13_000;

/** Merges that make a document as large as one may be by default, each small enough to be one mutation. */
function* largeDocument(): Generator<string> {
  const merges = 10;
  const fieldsEach = 100;
  const text = "x".repeat(Math.floor(STATE_BYTES / (merges * fieldsEach)) - 16);
  for (let merge = 0; merge < merges; merge += 1) {
    const names = Array.from({ length: fieldsEach }, (_, i) => `field${merge * fieldsEach + i}`);
    yield JSON.stringify(Object.fromEntries(names.map((name) => [name, text])));
  }
}

/** How long a room with 1 MiB of state takes to answer when it has to be read from disk, and when it has not. */
export async function measureWake(bench: Bench): Promise<void> {
  const { plan, results, servers, say } = bench;
  say("wake of a room with 1 MiB of state");
  const rooms = Array.from({ length: plan.wakeRooms }, newRoom);
  try {
    const first = await servers.get("workerd");
    for (const room of rooms) {
      for (const body of largeDocument()) await first.ask(`/document/${room}/merge`, { method: "POST", body });
    }
    const server = await servers.restart("workerd");
    // Loads the Worker's code, so that only the room is timed.
    await connect(bench, server, newRoom(), undefined);
    for (const room of rooms) {
      await connect(bench, server, room, "restart");
      await connect(bench, server, room, "warm");
    }
    if (plan.hibernate) await measureHibernation(bench, server, rooms);
  } catch (error) {
    results.notes.push(`wake: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Times one connect, from the TCP handshake to the whole snapshot. */
async function connect(
  { load, results }: Bench,
  server: Server,
  room: string,
  after: WakeSample["after"] | undefined,
): Promise<void> {
  const group = newRoom();
  try {
    const [times] = await load.open(
      group,
      { port: server.port, path: `/document/${room}`, codec: "roomcastDocument" },
      1,
    );
    if (times === undefined || after === undefined) return;
    results.wake.push({ after, what: "first byte of the answer", ms: times.firstByte });
    results.wake.push({ after, what: "whole snapshot", ms: times.ready });
  } finally {
    await load.close(group);
  }
}

/** Times a write to rooms that sleep with their sockets open, and the next one, which finds them awake. */
async function measureHibernation(
  { load, results, say }: Bench,
  server: Server,
  rooms: readonly string[],
): Promise<void> {
  const once = { publishers: 1, inFlight: 1, gap: 60_000, warmUpMs: 0, serverPids: [] };
  const instances = new Map<string, string>();
  const instanceOf = async (room: string): Promise<string> => (await server.ask(`/document/${room}/instance`)).text();
  const group = (room: string): string => `asleep-${room}`;
  try {
    for (const room of rooms) {
      await load.open(group(room), { port: server.port, path: `/document/${room}`, codec: "roomcastDocument" }, 1);
      await load.run(group(room), { ...once, measureMs: 200 });
      instances.set(room, await instanceOf(room));
    }
    say(`  waiting ${SLEEP_MS / 1000} s for them to fall asleep`);
    await new Promise((resolve) => setTimeout(resolve, SLEEP_MS));
    for (const room of rooms) {
      const woken = await load.run(group(room), { ...once, measureMs: 500 });
      const awake = await load.run(group(room), { ...once, measureMs: 200 });
      if ((await instanceOf(room)) === instances.get(room)) throw new Error("a room did not sleep");
      results.wake.push({ after: "hibernation", what: "write answered", ms: woken.p50 });
      results.wake.push({ after: "warm", what: "write answered", ms: awake.p50 });
    }
  } finally {
    for (const room of rooms) await load.close(group(room));
  }
}
