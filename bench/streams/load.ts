import { Agent, request } from "node:http";
import { cpuSecondsOf } from "../processes.ts";
import { percentile } from "../report/stats.ts";

/** How events come in and go out, at one address. */
export interface Target {
  readonly name: string;
  /** Where to POST: one event, or where `batch` is over 1, so many as lines. */
  readonly publish: string;
  readonly subscribe: string;
  /** Subscribers speak roomcast.v1, in which many events are one frame; else a frame is an event. */
  readonly native: boolean;
}

export const SUBSCRIBERS = 10;
/** Characters of an event, about. */
const FILL = "x".repeat(40);

export interface Latency {
  /** Events a second that were received by each subscriber, on average. */
  readonly rate: number;
  /** From just before the POST to the receipt by a subscriber, milliseconds, over all of them. */
  readonly p50: number;
  readonly p99: number;
}

/** Subscribers that only note when what came. */
class Audience {
  readonly delays: number[] = [];
  received = 0;
  readonly #sockets: WebSocket[] = [];

  async open({ subscribe, native }: Target): Promise<void> {
    await Promise.all(
      Array.from({ length: SUBSCRIBERS }, () => {
        const socket = native ? new WebSocket(subscribe, "roomcast.v1") : new WebSocket(subscribe);
        this.#sockets.push(socket);
        return new Promise<void>((resolve, reject) => {
          socket.addEventListener("message", ({ data }) => {
            const frame = String(data);
            if (!native || frame.startsWith('{"t":"ops"')) this.#hear(frame);
            // A snapshot says where events begin.
            else if (frame.includes('"t":"snapshot"')) resolve();
            for (const [, n] of native ? frame.matchAll(/^\{"t":"mark","n":(\d+)\}$/gm) : []) {
              socket.send(`{"t":"ack","n":${n}}`);
            }
          });
          socket.addEventListener("open", () => {
            if (!native) resolve();
            else socket.send(`{"t":"hello","v":1,"client":"${crypto.randomUUID()}","from":{"last":0}}`);
          });
          socket.addEventListener("error", reject);
        });
      }),
    );
  }

  /** The time stands once in each event, in quotes that are escaped where events are in a frame together. */
  #hear(frame: string): void {
    const now = performance.now();
    for (const [, at] of frame.matchAll(/fill\\?":\\?"x+\\?",\\?"at\\?":([0-9.]+)/g)) {
      this.received += 1;
      this.delays.push(now - Number(at));
    }
  }

  /** Resolves when so many have come, or none has come for two seconds. */
  async until(count: number): Promise<void> {
    for (let before = -1; this.received < count && this.received !== before;) {
      before = this.received;
      for (let waited = 0; waited < 2_000 && this.received < count; waited += 5) await pause(5);
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** So many events a second, evenly, in requests of `batch` events each, whether or not earlier ones are answered. */
export async function measureLatency(target: Target, rate: number, batch: number, seconds: number): Promise<Latency> {
  const audience = new Audience();
  const poster = new Poster(target.publish);
  await audience.open(target);
  try {
    await drive(poster, rate, batch, 1);
    await audience.until(rate * SUBSCRIBERS);
    audience.delays.length = 0;
    audience.received = 0;
    const began = performance.now();
    const sent = await drive(poster, rate, batch, seconds);
    await audience.until(sent * SUBSCRIBERS);
    const took = (performance.now() - began) / 1000;
    const sorted = audience.delays.toSorted((a, b) => a - b);
    if (audience.received !== sent * SUBSCRIBERS)
      throw new Error(`${target.name}: ${audience.received} came of ${sent * SUBSCRIBERS}`);
    return { rate: sent / took, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
  } finally {
    audience.close();
    poster.close();
  }
}

export interface Throughput {
  /** Events a second that every subscriber had. */
  readonly rate: number;
  /** Processor time of the server for each event, all deliveries of it included, in microseconds. */
  readonly cpu: number;
}

/** As many as it takes with so many requests in flight. */
export async function measureThroughput(
  target: Target,
  load: { readonly batch: number; readonly inFlight: number; readonly seconds: number; readonly pid: number },
): Promise<Throughput> {
  const { batch, inFlight, seconds, pid } = load;
  const audience = new Audience();
  const poster = new Poster(target.publish);
  await audience.open(target);
  try {
    const warm = performance.now() + 1_000;
    const until = warm + seconds * 1_000;
    let sent = 0;
    let start: { readonly at: number; readonly received: number; readonly cpu: number } | undefined;
    const worker = async (): Promise<void> => {
      while (performance.now() < until) {
        await poster.post(batch);
        sent += batch;
        if (performance.now() > warm) {
          start ??= { at: performance.now(), received: audience.received, cpu: cpuSecondsOf(pid) };
        }
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    await audience.until(sent * SUBSCRIBERS);
    if (start === undefined || audience.received !== sent * SUBSCRIBERS) {
      throw new Error(`${target.name}: ${audience.received} came of ${sent * SUBSCRIBERS}`);
    }
    const events = (audience.received - start.received) / SUBSCRIBERS;
    return {
      rate: events / ((performance.now() - start.at) / 1000),
      cpu: ((cpuSecondsOf(pid) - start.cpu) * 1e6) / events,
    };
  } finally {
    audience.close();
    poster.close();
  }
}

async function drive(poster: Poster, rate: number, batch: number, seconds: number): Promise<number> {
  const requests: Promise<void>[] = [];
  const began = performance.now();
  const total = rate * seconds;
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
    for (; sent + batch <= due; sent += batch) requests.push(poster.post(batch));
    await pause(1);
    if (total - sent < batch) break;
  }
  await Promise.all(requests);
  return Math.floor(total / batch) * batch;
}

class Poster {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(url: string) {
    this.#url = url;
  }

  post(events: number): Promise<void> {
    const at = performance.now().toFixed(3);
    const event = `{"siteId":"bench","type":"pageview","path":"/docs/start","fill":"${FILL}","at":${at}}`;
    const body = `${event}\n`.repeat(events);
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/x-ndjson", "content-length": Buffer.byteLength(body) };
      const asked = request(this.#url, { method: "POST", agent: this.#agent, headers }, (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)),
        );
      });
      asked.on("error", reject);
      asked.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
