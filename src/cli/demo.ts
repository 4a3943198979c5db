import { setTimeout as sleep } from "node:timers/promises";
import { InvalidArgumentError } from "commander";
import { traffic } from "../testing/traffic.ts";
import { addressOf, expectOk, reasonOf, Refused, type ServerOptions, streamPath } from "./server-option.ts";
import { stopSignal } from "./tail.ts";

/** How often events are sent, in milliseconds. */
const BEAT = 100;
/** The most events in a request. What has gathered while nobody answered would be more than the server takes at once. */
export const MOST = 2_000;

export interface DemoOptions extends ServerOptions {
  /** Events a second. */
  readonly rate: number;
  readonly visitors: number;
}

export function parseRate(text: string): number {
  const rate = Number(text);
  if (rate > 0 && rate <= 20_000) return rate;
  throw new InvalidArgumentError("Events a second, up to 20000.");
}

/** `roomcast demo`: publishes the events of an imaginary site until it is told to stop. */
export async function demo(stream: string, options: DemoOptions): Promise<void> {
  const { server, rate, visitors, header } = options;
  const address = addressOf(server, streamPath(stream));
  const site = traffic(stream, { visitors });
  const stopped = stopSignal();
  const headers = new Headers(header);
  headers.set("content-type", "application/x-ndjson");
  console.log(`${rate} events a second to ${address.href}. Stop with Ctrl-C.`);
  console.log(
    `Watch them with: roomcast tail ${/^[\w.-]+$/.test(stream) ? stream : `'${stream.replaceAll("'", "'\\''")}'`} --server ${server.href}`,
  );
  let sent = 0;
  let owed = 0;
  let last = Date.now();
  while (!stopped.aborted) {
    const now = Date.now();
    // After a pause the traffic goes on rather than making up for it.
    owed = Math.min(owed + (rate * (now - last)) / 1000, rate);
    last = now;
    const count = Math.floor(owed);
    owed -= count;
    for (let left = count; left > 0 && !stopped.aborted; left -= MOST) {
      const lines = Array.from({ length: Math.min(left, MOST) }, () => JSON.stringify(site.next(now)));
      try {
        const request = { method: "POST", headers, body: lines.join("\n"), signal: stopped };
        await expectOk(await fetch(address, request)).then((response) => response.arrayBuffer());
        sent += lines.length;
      } catch (error) {
        if (stopped.aborted) break;
        if (error instanceof Refused) throw error;
        console.error(`roomcast: ${reasonOf(error)}; trying again.`);
        await sleep(1000, undefined, { signal: stopped }).catch(() => undefined);
        break;
      }
    }
    await sleep(BEAT, undefined, { signal: stopped }).catch(() => undefined);
  }
  console.log(`${sent} events sent.`);
}
