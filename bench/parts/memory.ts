import type { Contestant } from "../contestants.ts";
import { newRoom, type Bench } from "./context.ts";

/** Sockets that bring code and buffers into memory before anything is counted. */
const FIRST_SOCKETS = 50;
/** A server's memory goes on moving for a moment after the last connect. */
const SETTLE_MS = 700;

/** Memory that a server takes for each socket that is open and silent, in a process of its own. */
export async function measureMemory(bench: Bench): Promise<void> {
  const { plan, contestants, results, say } = bench;
  for (let run = 1; run <= plan.runs; run += 1) {
    say(`memory of ${plan.idleSockets} idle sockets: run ${run} of ${plan.runs}`);
    for (const contestant of contestants) {
      try {
        const bytesPerSocket = await measureOnce(bench, contestant);
        results.memory.push({ run, contestant: contestant.id, sockets: plan.idleSockets, bytesPerSocket });
      } catch (error) {
        results.notes.push(`memory, ${contestant.label}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

async function measureOnce({ load, plan, servers }: Bench, contestant: Contestant): Promise<number> {
  const server = await servers.restart(contestant.server);
  const room = newRoom();
  const target = { port: server.port, path: contestant.path(room), codec: contestant.codec };
  try {
    await load.open(`${room}-first`, target, FIRST_SOCKETS);
    await settled();
    const before = server.residentBytes;
    await load.open(room, target, plan.idleSockets);
    await settled();
    return (server.residentBytes - before) / plan.idleSockets;
  } finally {
    await load.close(room);
    await load.close(`${room}-first`);
    await servers.stop(contestant.server);
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}
