import { setTimeout as sleep } from "node:timers/promises";
import { cpuSecondsOf } from "../processes.ts";
import { percentile } from "../report/stats.ts";
import type { Server } from "../servers/server.ts";
import { Wire } from "./wire.ts";

/** What a stream holds, and how one message of it looks. */
export interface Format {
  readonly type: "application/octet-stream" | "application/json";
  /** Bytes of a message. */
  readonly size: number;
  /** Not UTF-8. */
  readonly binary?: true;
  /** Messages in one request; more than one is a JSON list. */
  readonly batch?: number;
}

/** Milliseconds between messages where latency is measured: a room that is left alone in between. */
const IDLE_GAP = 25;
const WARM_UP = 300;

export const pathOf = (stream: string): string => `/v1/stream/${stream}`;

/** One request's body. */
export function bodyOf({ type, size, binary, batch = 1 }: Format): Buffer {
  if (binary === true) return Buffer.alloc(size, 0xff);
  if (type === "application/octet-stream") return Buffer.alloc(size, "x");
  const one = `{"fill":"${"x".repeat(size - 11)}"}`;
  return Buffer.from(batch === 1 ? one : `[${Array.from({ length: batch }, () => one).join(",")}]`);
}

export async function create(server: Server, stream: string, { type }: Pick<Format, "type">): Promise<void> {
  await server.ask(pathOf(stream), { method: "PUT", headers: { "content-type": type } });
}

/** An idempotent producer with a connection of its own: its next request goes out when the last is answered. */
class Producer {
  readonly #wire: Wire;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  #seq = 0;

  private constructor(wire: Wire, stream: string, id: string, { type }: Pick<Format, "type">) {
    this.#wire = wire;
    this.#path = pathOf(stream);
    this.#headers = { "content-type": type, "producer-id": id, "producer-epoch": "0", "producer-seq": "0" };
  }

  static async open(port: number, stream: string, id: string, format: Pick<Format, "type">): Promise<Producer> {
    return new Producer(await Wire.open(port), stream, id, format);
  }

  async append(body: Buffer): Promise<void> {
    this.#headers["producer-seq"] = String(this.#seq);
    this.#seq += 1;
    const { status } = await this.#wire.ask("POST", this.#path, this.#headers, body);
    if (status !== 200) throw new Error(`An append was answered ${status}.`);
  }

  close(): void {
    this.#wire.close();
  }
}

export interface AppendResult {
  /** Appends answered a second. */
  readonly rate: number;
  /** From an append to its answer, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server for each, microseconds. */
  readonly cpu: number;
}

async function open(server: Server, stream: string, count: number, format: Format): Promise<Producer[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => Producer.open(server.port, stream, `p${n}`, format)));
}

/** As many appends as it takes from so many producers at once. What is answered while it is measured counts. */
export async function measureAppends(
  server: Server,
  stream: string,
  format: Format,
  load: { readonly producers: number; readonly milliseconds: number },
): Promise<AppendResult> {
  await create(server, stream, format);
  const producers = await open(server, stream, load.producers, format);
  const body = bodyOf(format);
  const delays: number[] = [];
  const clock: { phase: "warming up" | "measuring" | "over" } = { phase: "warming up" };
  const work = async (producer: Producer): Promise<void> => {
    while (clock.phase !== "over") {
      const asked = performance.now();
      await producer.append(body);
      if (clock.phase === "measuring") delays.push(performance.now() - asked);
    }
  };
  const all = Promise.all(producers.map(work));
  all.catch(() => undefined);
  try {
    await sleep(WARM_UP);
    clock.phase = "measuring";
    const [began, cpu] = [performance.now(), cpuOf(server)];
    await sleep(load.milliseconds);
    clock.phase = "over";
    const [took, used] = [performance.now() - began, cpuOf(server) - cpu];
    await all;
    const sorted = delays.toSorted((a, b) => a - b);
    return {
      rate: (delays.length / took) * 1_000,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      cpu: (used * 1e6) / delays.length,
    };
  } finally {
    for (const producer of producers) producer.close();
  }
}

/** Makes a stream of so many messages, or as many as there is time for. Answers how many. */
export async function fill(
  server: Server,
  stream: string,
  format: Format,
  limit: { readonly messages: number; readonly milliseconds: number },
): Promise<number> {
  await create(server, stream, format);
  const producers = await open(server, stream, 16, format);
  const body = bodyOf(format);
  const { batch = 1 } = format;
  const until = performance.now() + limit.milliseconds;
  let asked = 0;
  try {
    await Promise.all(
      producers.map(async (producer) => {
        while (asked < limit.messages && performance.now() < until) {
          asked += batch;
          await producer.append(body);
        }
      }),
    );
    return asked;
  } finally {
    for (const producer of producers) producer.close();
  }
}

export interface CatchUpResult {
  readonly messages: number;
  /** Millions of bytes a second, of messages. */
  readonly megabytes: number;
  readonly pages: number;
  readonly cpu: number;
}

/** Reads the stream from its beginning to its end, page by page on one connection, again and again. Every byte is counted. */
export async function measureCatchUp(
  server: Server,
  stream: string,
  format: Format,
  load: { readonly messages: number; readonly milliseconds: number },
): Promise<CatchUpResult> {
  const wire = await Wire.open(server.port);
  let reads = 0;
  let pages = 0;
  try {
    await readAll(wire, stream, format, load.messages);
    const cpu = cpuOf(server);
    const began = performance.now();
    const until = began + load.milliseconds;
    while (performance.now() < until) {
      pages += await readAll(wire, stream, format, load.messages);
      reads += 1;
    }
    const seconds = (performance.now() - began) / 1_000;
    const messages = reads * load.messages;
    return {
      messages: messages / seconds,
      megabytes: (messages * format.size) / seconds / 1e6,
      pages: pages / reads,
      cpu: ((cpuOf(server) - cpu) * 1e6) / messages,
    };
  } finally {
    wire.close();
  }
}

async function readAll(wire: Wire, stream: string, { type, size }: Format, messages: number): Promise<number> {
  let offset = "-1";
  let bytes = 0;
  let pages = 0;
  for (let done = false; !done;) {
    const { status, headers } = await wire.ask("GET", `${pathOf(stream)}?offset=${offset}`, {}, undefined, (piece) => {
      bytes += piece.length;
    });
    if (status !== 200) throw new Error(`A page was answered ${status}.`);
    pages += 1;
    offset = headers.get("stream-next-offset") ?? "";
    done = headers.get("stream-up-to-date") === "true";
  }
  // A page of JSON is a list: a comma after each but the last, and two brackets.
  const expected = messages * size + (type === "application/json" ? messages + pages : 0);
  if (bytes !== expected) throw new Error(`${stream}: ${bytes} bytes were read of ${expected}.`);
  return pages;
}

export interface LatencyResult {
  /** From just before the append to the receipt of its message, milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** One producer that appends to an otherwise idle stream, and one reader. A message that does not come fails the run. */
export async function measureLatency(
  server: Server,
  stream: string,
  live: "sse" | "long-poll",
  messages: number,
): Promise<LatencyResult> {
  const format: Pick<Format, "type"> = { type: "application/json" };
  await create(server, stream, format);
  const producer = await Producer.open(server.port, stream, "p", format);
  const wire = await Wire.open(server.port);
  const delays: number[] = [];
  let rest = "";
  const hear = (piece: Buffer): void => {
    const now = performance.now();
    rest += piece.toString("latin1");
    for (const [, at] of rest.matchAll(/"at":([0-9.]+),"fill":"x+"\}/g)) delays.push(now - Number(at));
    rest = rest.slice(rest.lastIndexOf("}") + 1);
  };
  let stopped = false;
  const reading = live === "sse" ? follow(wire, stream, hear) : poll(wire, stream, hear, () => stopped);
  reading.catch(() => undefined);
  try {
    await sleep(100);
    for (let sent = 0; sent < messages; sent += 1) {
      await producer.append(Buffer.from(`{"at":${performance.now().toFixed(3)},"fill":"${"x".repeat(70)}"}`));
      await sleep(IDLE_GAP);
    }
    for (let waited = 0; delays.length < messages && waited < 2_000; waited += 10) await sleep(10);
    if (delays.length !== messages) throw new Error(`${delays.length} messages came of ${messages}.`);
    // The first pay for what is set up once.
    const sorted = delays.slice(Math.min(10, messages >> 1)).toSorted((a, b) => a - b);
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
  } finally {
    stopped = true;
    producer.close();
    wire.close();
  }
}

async function follow(wire: Wire, stream: string, hear: (piece: Buffer) => void): Promise<void> {
  await wire.ask("GET", `${pathOf(stream)}?offset=-1&live=sse`, {}, undefined, hear);
}

async function poll(wire: Wire, stream: string, hear: (piece: Buffer) => void, stopped: () => boolean): Promise<void> {
  let offset = "-1";
  while (!stopped()) {
    const { headers } = await wire.ask("GET", `${pathOf(stream)}?offset=${offset}&live=long-poll`, {}, undefined, hear);
    offset = headers.get("stream-next-offset") ?? offset;
  }
}

function cpuOf({ pids }: Server): number {
  return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
}
