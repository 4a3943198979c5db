import type { Counts } from "../workers/counts.ts";
import { newRoom, type Bench } from "./context.ts";
import { IN_FLIGHT } from "./fanout.ts";

const SUBSCRIBERS = 10;

/** Rows written for each op, with 32 in flight and with one, in rooms that count their statements' `rowsWritten`. */
export async function measureRows({ contestants, load, plan, results, servers, say }: Bench): Promise<void> {
  for (const contestant of contestants) {
    const { countedPath } = contestant;
    if (countedPath === undefined) continue;
    say(`rows written: ${contestant.label}`);
    const server = await servers.get(contestant.server);
    for (const inFlight of [IN_FLIGHT, 1]) {
      const room = newRoom();
      const path = countedPath(room);
      const counts = async (): Promise<Counts> => (await (await server.ask(`${path}/counts`)).json()) as Counts;
      try {
        await load.open(room, { port: server.port, path, codec: contestant.codec }, SUBSCRIBERS);
        const options = { publishers: 1, inFlight, gap: 0, measureMs: 100, serverPids: [] };
        // A first run brings the room into its stride; all of the second is counted, from its start to its end.
        const first = await load.run(room, { ...options, warmUpMs: plan.warmUpMs });
        const before = await counts();
        const second = await load.run(room, { ...options, warmUpMs: plan.measureMs });
        const after = await counts();
        results.rows.push({
          contestant: contestant.id,
          inFlight,
          ops: second.sent - first.sent,
          rowsWritten: after.rowsWritten - before.rowsWritten,
          logRows: after.logRows - before.logRows,
        });
      } catch (error) {
        results.notes.push(
          `rows written, ${contestant.label}: ${error instanceof Error ? error.message : String(error)}`,
        );
      } finally {
        await load.close(room);
      }
    }
  }
}
