import type { Contestant } from "../contestants.ts";
import type { Cell } from "../results.ts";
import { newRoom, type Bench } from "./context.ts";

/** Messages in flight in a fan-out cell, over all publishers together. */
export const IN_FLIGHT = 32;
export const MANY_PUBLISHERS = 20;
/** Milliseconds between messages in the cell where the room is left alone in between. */
export const PAUSE = 20;
/** Subscribers in the cells that time a single message. */
export const LATENCY_SUBSCRIBERS = 10;

/** Cells that are measured one after the other on the same open sockets. */
interface Session {
  readonly sockets: number;
  readonly cells: readonly Cell[];
}

function sessionsFor(subscribers: number): readonly Session[] {
  const busy = (publishers: number): Cell => ({ subscribers, publishers, inFlight: IN_FLIGHT, gap: 0 });
  const single = (gap: number): Cell => ({ subscribers, publishers: 1, inFlight: 1, gap });
  const timed = subscribers === LATENCY_SUBSCRIBERS ? [single(0), single(PAUSE)] : [];
  if (subscribers >= MANY_PUBLISHERS) {
    return [{ sockets: subscribers, cells: [busy(1), busy(MANY_PUBLISHERS), ...timed] }];
  }
  // Everybody in a room receives, so twenty publishers make a room of twenty.
  return [
    { sockets: subscribers, cells: [...timed, busy(1)] },
    { sockets: MANY_PUBLISHERS, cells: [busy(MANY_PUBLISHERS)] },
  ];
}

/** Deliveries a second and latencies: every contestant in every cell, in turn, as often as planned. */
export async function measureFanout(bench: Bench): Promise<void> {
  const { plan, contestants, say } = bench;
  for (let run = 1; run <= plan.runs; run += 1) {
    for (const subscribers of plan.sizes) {
      say(`fan-out: run ${run} of ${plan.runs}, ${subscribers} subscribers`);
      // Each run begins with another contestant, so that drift of the machine meets all alike.
      for (let turn = 0; turn < contestants.length; turn += 1) {
        const contestant = contestants[(turn + run - 1) % contestants.length];
        if (contestant === undefined) continue;
        for (const session of sessionsFor(subscribers)) await measureSession(bench, run, contestant, session);
      }
    }
  }
}

async function measureSession(bench: Bench, run: number, contestant: Contestant, session: Session): Promise<void> {
  const { plan, load, results, servers, say } = bench;
  const server = await servers.get(contestant.server);
  const room = newRoom();
  const target = { port: server.port, path: contestant.path(room), codec: contestant.codec };
  let done = 0;
  try {
    await load.open(room, target, session.sockets);
    for (const cell of session.cells) {
      const { warmUpMs, measureMs } = plan;
      const result = await load.run(room, { ...cell, warmUpMs, measureMs, serverPids: server.pids });
      results.samples.push({ run, contestant: contestant.id, cell, result });
      done += 1;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(`  ${contestant.label}: ${message}`);
    for (const cell of session.cells.slice(done)) {
      results.samples.push({ run, contestant: contestant.id, cell, error: message });
    }
  } finally {
    await load.close(room);
  }
}
