import { expect, test } from "vitest";
import { findWorkerd, residentMiB, watchMemory } from "../crash/memory.ts";
import { stress } from "./stress.ts";

/** How much the server's memory may grow, in MiB, however many events are published. */
const MAX_GROWTH_MIB = 150;

export interface ManySubscribersOptions {
  readonly events: number;
  readonly batch: number;
  readonly timeoutMs: number;
}

/** Defines the test of many events that ten subscribers follow, of a server whose Worker is bench/streams. */
export function testManySubscribers(url: () => string, options: ManySubscribersOptions): void {
  const { events, batch, timeoutMs } = options;
  test(
    `B3 B10 ${events} events, ten subscribers of three kinds, two of which drop: each has every event once, in order`,
    { timeout: timeoutMs },
    async () => {
      const pid = findWorkerd();
      let warm = 0;
      const memory = watchMemory(pid);
      const began = performance.now();
      const drops = await stress({
        url: url(),
        id: "stress",
        events,
        batch,
        after: (answered) => {
          if (warm === 0 && answered >= events / 5) warm = residentMiB(pid);
        },
      });
      const seconds = (performance.now() - began) / 1000;
      const peak = memory.stop();
      const { rows } = (await (await fetch(`${url()}/counts/stress`)).json()) as { rows: number };
      process.stdout.write(
        `${events} events in ${seconds.toFixed(1)} s, ${drops} drops, ${(rows / events).toFixed(4)} rows an event, ` +
          `${warm} MiB after a fifth, ${peak} MiB at most\n`,
      );
      expect(rows / events).toBeLessThan(0.05);
      expect(peak - warm).toBeLessThan(MAX_GROWTH_MIB);
    },
  );
}
