import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.ts";
import { BadLine, gatherLines, type LineBatch } from "./publish-batches.ts";
import {
  addressOf,
  expectOk,
  pauseBefore,
  reasonOf,
  Refused,
  type ServerOptions,
  streamPath,
} from "./server-option.ts";
import { stopSignal } from "./tail.ts";

/** A request that is not answered for so long is sent again, in milliseconds. */
const PATIENCE = 15_000;
/** How long to go on trying while the server is not to be reached, in milliseconds. */
const PERSISTENCE = 120_000;

export interface PublishOptions extends ServerOptions {
  readonly quiet?: boolean;
}

/** What came of it, for the last line. */
interface Outcome {
  published: number;
  known: number;
  position: string | undefined;
}

/**
 * `roomcast publish`: publishes the events that are given as arguments, or the lines of the standard input as they
 * come. Numbers its batches, so that one whose answer was lost is not published twice. Stops at the first that is refused.
 */
export async function publish(stream: string, events: readonly string[], options: PublishOptions): Promise<void> {
  const address = addressOf(options.server, streamPath(stream));
  const producer = randomUUID();
  const outcome: Outcome = { published: 0, known: 0, position: undefined };
  const stopped = stopSignal();
  // Ends the wait for more lines; the batch that is under way is answered first.
  stopped.addEventListener("abort", () => process.stdin.destroy());
  let seq = 0;
  for await (const batch of named(batches(events), outcome, stopped)) {
    seq += 1;
    const headers = new Headers(options.header);
    headers.set("content-type", "application/x-ndjson");
    headers.set("roomcast-producer", producer);
    headers.set("roomcast-seq", String(seq));
    try {
      const answer = await persist(() => post(address, headers, batch.lines.join("\n")), stopped);
      outcome.published += answer.count ?? batch.lines.length;
      outcome.known += answer.duplicates?.length ?? 0;
      outcome.position = answer.position ?? outcome.position;
    } catch (error) {
      if (stopped.aborted && !(error instanceof Refused)) {
        console.error(
          `roomcast: ${plural(batch.lines.length, "event")} more may have been published: ${reasonOf(error)}.`,
        );
        break;
      }
      const before = plural(outcome.published, "event");
      throw new Failure(`${reasonOf(error)}\n${before} published before ${placeOf(batch)}, and nothing of it.`);
    }
  }
  if (seq === 0 && !stopped.aborted)
    throw new Failure("There is nothing to publish: give events as arguments, or lines on the standard input.");
  if (options.quiet === true) return;
  const { published, known, position } = outcome;
  const parts = [`${plural(published, "event")} published`];
  if (known > 0) parts.push(`${known} known already`);
  if (position !== undefined) parts.push(`newest ${position}`);
  console.log(parts.join(", "));
}

/** The batches, until it is told to stop, or up to a line that cannot be sent: that ends it, with what was published before. */
async function* named(
  batches: AsyncIterable<LineBatch>,
  outcome: Outcome,
  stopped: AbortSignal,
): AsyncGenerator<LineBatch> {
  try {
    for await (const batch of batches) {
      if (stopped.aborted) return;
      yield batch;
    }
  } catch (error) {
    if (stopped.aborted) return;
    if (!(error instanceof BadLine)) throw error;
    throw new Failure(`${error.message}\n${plural(outcome.published, "event")} published before it.`);
  }
}

async function* batches(events: readonly string[]): AsyncGenerator<LineBatch> {
  if (events.length > 0 && !(events.length === 1 && events[0] === "-")) {
    const lines = events.map((event, index) => oneLine(event, index + 1));
    yield { numbers: lines.map((_, index) => index + 1), lines };
    return;
  }
  if (process.stdin.isTTY) return;
  yield* gatherLines(process.stdin as AsyncIterable<Uint8Array>);
}

/** An event that was written over lines: only of what is JSON is it known that its line breaks mean nothing. */
function oneLine(event: string, number: number): string {
  if (!/[\r\n]/.test(event)) return event;
  try {
    JSON.parse(event);
  } catch {
    throw new Failure(`Event ${number} is not JSON. Nothing was published.`);
  }
  return event.trim().replaceAll(/[\r\n]+/g, " ");
}

interface Answer {
  readonly count?: number;
  readonly position?: string;
  readonly duplicates?: readonly unknown[];
}

async function post(address: URL, headers: Headers, body: string): Promise<Answer> {
  const response = await fetch(address, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE) });
  await expectOk(response);
  const answer = (await response.json()) as Answer & { readonly repeated?: boolean };
  // Taken under this number before: what it counted then is not said again.
  return answer.repeated === true ? {} : answer;
}

/** Tries until there is an answer, for a while, or until it is told to stop. What is refused is not tried again. */
async function persist<T>(ask: () => Promise<T>, stopped: AbortSignal): Promise<T> {
  const since = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof Refused || stopped.aborted || Date.now() - since > PERSISTENCE) throw error;
      if (attempt === 1) console.error(`roomcast: ${reasonOf(error)}; trying again.`);
      await sleep(pauseBefore(attempt), undefined, { signal: stopped }).catch(() => undefined);
    }
  }
}

function placeOf({ numbers }: LineBatch): string {
  const [first] = numbers;
  const last = numbers.at(-1);
  return first === last ? `line ${first}` : `lines ${first} to ${last}`;
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
