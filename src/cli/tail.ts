import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidArgumentError } from "commander";
import { Failure } from "./failure.ts";
import {
  addressOf,
  expectOk,
  pauseBefore,
  reasonOf,
  Refused,
  type ServerOptions,
  streamPath,
} from "./server-option.ts";
import { type Frame, readFrames } from "./tail-frames.ts";
import { eventLine, printable } from "./tail-line.ts";

/** A connection on which nothing comes for so long, in milliseconds, is dead: the server says something every 25 s. */
const SILENCE = 60_000;

/** A connection that has held for so long was a good one, in milliseconds. */
const STEADY = 15_000;

export interface TailOptions extends ServerOptions {
  /** Where to begin, as `from` in the address has it. */
  readonly since?: string;
  readonly last: number;
  readonly filter?: string;
  readonly json?: boolean;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `10m`, a time, a position or `start`, as the server takes it. */
export function parseSince(text: string): string {
  const [, count = "", unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== "") return String(Math.max(0, Date.now() - Number(count) * (UNITS[unit] ?? 0) * 1000));
  if (text === "start" || text === "now" || /^[a-z0-9]+\.\d+$/.test(text)) return text;
  const time = new Date(text);
  if (/\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError("Such as 10m, 2h, 2026-11-21T10:00:00Z, a position, or start.");
}

export function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number.");
}

/** `roomcast tail`: prints a stream's events until it is told to stop. Comes back after a loss where it was. */
export async function tail(stream: string, options: TailOptions): Promise<void> {
  const path = streamPath(stream);
  const stopped = stopSignal();
  const from = options.since ?? (options.last === 0 ? "now" : `last:${options.last}`);
  const query = { from, ...(options.filter !== undefined && { filter: options.filter }) };
  const address = addressOf(options.server, path, query);
  const print = printer(options.json === true, stopped);
  for await (const { event, data } of follow(address, options, stopped)) {
    if (event === "position") continue;
    if (event === "reset") note(`What came before is gone: ${printable(data ?? "")}`);
    else if (data !== undefined) await print(data);
  }
}

/** What the server sends, across losses of the connection. What was taken is not given again. */
async function* follow(address: URL, options: TailOptions, stopped: AbortSignal): AsyncGenerator<Frame> {
  let position: string | undefined;
  let reached = false;
  let lost = false;
  let failures = 0;
  while (!stopped.aborted) {
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(new Error("nothing was heard for a minute")), SILENCE);
    let reason = "the server ended it";
    const since = Date.now();
    try {
      const headers = new Headers(options.header);
      headers.set("accept", "text/event-stream");
      if (position !== undefined) headers.set("last-event-id", position);
      const response = await fetch(address, { headers, signal: AbortSignal.any([stopped, silent.signal]) });
      const { body } = await expectOk(response);
      const type = response.headers.get("content-type") ?? "no type";
      if (body === null || !/^text\/event-stream\b/i.test(type)) {
        await body?.cancel();
        throw new Refused(
          `${address.origin}${address.pathname} is no stream to follow: it answered with ${printable(type)}.`,
        );
      }
      reached = true;
      if (lost) note("Connected again.");
      lost = false;
      for await (const frame of readFrames(body, () => timer.refresh())) {
        // A position alone is no headway: a server that says it and ends would be asked again at once.
        if (frame.data !== undefined) failures = 0;
        yield frame;
        // Only what was taken counts as had.
        if (frame.id !== undefined) position = frame.id;
      }
    } catch (error) {
      if (stopped.aborted) break;
      if (error instanceof Refused) throw error;
      if (!reached) throw new Failure(`No stream to follow at ${options.server.href} (${reasonOf(error)}).`);
      reason = reasonOf(error);
    } finally {
      clearTimeout(timer);
    }
    if (!lost) note(`The connection is lost (${reason}). Trying again.`);
    lost = true;
    failures = Date.now() - since > STEADY ? 1 : failures + 1;
    await sleep(pauseBefore(failures), undefined, { signal: stopped }).catch(() => undefined);
  }
}

/** Writes a line to the output, no faster than it is taken. */
function printer(json: boolean, stopped: AbortSignal): (data: string) => Promise<void> {
  const { stdout } = process;
  // Whoever reads has had enough, as `head` does.
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const colours = wantsColours();
  return async (data) => {
    const line = json ? data : eventLine(data, Date.now(), colours);
    if (stdout.write(`${line}\n`)) return;
    await once(stdout, "drain", { signal: stopped }).catch((error: unknown) => {
      if (!stopped.aborted) throw error;
    });
  };
}

function wantsColours(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0";
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === "");
}

function note(text: string): void {
  console.error(`roomcast: ${text}`);
}

/** Aborts when the person at the terminal, or the system, asks to stop. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stop.abort());
  return stop.signal;
}
