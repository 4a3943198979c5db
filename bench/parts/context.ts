import type { Contestant } from "../contestants.ts";
import type { Load } from "../load/client.ts";
import type { Plan } from "../plan.ts";
import type { Results } from "../results.ts";
import type { Servers } from "../servers/servers.ts";

/** What the parts of a benchmark work with. */
export interface Bench {
  readonly plan: Plan;
  readonly contestants: readonly Contestant[];
  readonly load: Load;
  readonly servers: Servers;
  readonly results: Results;
  readonly say: (line: string) => void;
}

let rooms = 0;

/** A room that nobody has used. */
export function newRoom(): string {
  rooms += 1;
  return `r${process.pid}x${rooms}`;
}
