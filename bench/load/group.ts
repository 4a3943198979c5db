import { Check } from "./check.ts";
import { Connection, type ConnectTimes, type Target } from "./connection.ts";
import { Publisher } from "./publisher.ts";
import { cpuSecondsOf } from "../processes.ts";
import { percentile } from "../report/stats.ts";

/** One measurement in a room whose sockets are open. */
export interface RunOptions {
  readonly publishers: number;
  /** Messages in flight over all publishers together; each sends its next when one of its own comes back. */
  readonly inFlight: number;
  /** Milliseconds to wait before the next message; 0 for at once. Only with one in flight. */
  readonly gap: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The processes of the server, to tell how busy they were. */
  readonly serverPids: readonly number[];
}

export interface RunResult {
  readonly sockets: number;
  readonly publishers: number;
  readonly seconds: number;
  /** Checked messages, each counted once a subscriber. */
  readonly deliveries: number;
  readonly deliveriesPerSecond: number;
  /** Messages that were published in the measured time. */
  readonly messages: number;
  /** Messages that were sent in this room since it was opened, all of them received by everybody. */
  readonly sent: number;
  /** Milliseconds from publish to the publisher's own copy. */
  readonly p50: number;
  readonly p99: number;
  /** Bytes that each subscriber read for each message, frames and all. */
  readonly bytesPerDelivery: number;
  /** Share of one core: CPU seconds a second. */
  readonly clientCpu: number;
  readonly serverCpu: number;
}

const DRAIN_DEADLINE_MS = 20_000;
/** Connects under way at once. */
const CONNECT_BATCH = 50;

/** The sockets of one room. Publishers are the last to join, so that their own copies are the last to be sent. */
export class Group {
  readonly #check = new Check();
  readonly #connections: Connection[] = [];
  #publishers: Publisher[] = [];

  /** Milliseconds that each connect took. */
  get connectTimes(): readonly ConnectTimes[] {
    return this.#connections.map((connection) => connection.times);
  }

  async open(target: Target, sockets: number): Promise<void> {
    for (let opened = 0; opened < sockets; opened += CONNECT_BATCH) {
      const batch: Connection[] = [];
      for (let i = opened; i < Math.min(sockets, opened + CONNECT_BATCH); i += 1) {
        batch.push(new Connection(target, this.#check));
      }
      this.#connections.push(...batch);
      await Promise.all(batch.map((connection) => connection.ready()));
    }
  }

  /** Publishes for the given time and waits until every subscriber has everything. Throws on any fault. */
  async run(options: RunOptions): Promise<RunResult> {
    this.#recruit(options);
    for (const publisher of this.#publishers) publisher.start();
    if (options.warmUpMs > 0) {
      await sleep(options.warmUpMs);
      for (const publisher of this.#publishers) publisher.times = [];
    }
    const before = this.#meter(options.serverPids);
    await sleep(options.measureMs);
    const after = this.#meter(options.serverPids);
    for (const publisher of this.#publishers) publisher.stop();
    await this.#drain();
    const times = this.#publishers.flatMap((publisher) => publisher.times).toSorted((a, b) => a - b);
    const seconds = (after.at - before.at) / 1000;
    const deliveries = after.deliveries - before.deliveries;
    return {
      sockets: this.#connections.length,
      publishers: options.publishers,
      seconds,
      deliveries,
      deliveriesPerSecond: deliveries / seconds,
      messages: after.messages - before.messages,
      sent: this.#check.head,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      bytesPerDelivery: (after.bytes - before.bytes) / Math.max(1, deliveries),
      clientCpu: (after.clientCpu - before.clientCpu) / seconds,
      serverCpu: (after.serverCpu - before.serverCpu) / seconds,
    };
  }

  async close(): Promise<void> {
    for (const publisher of this.#publishers) publisher.stop();
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  #recruit(options: RunOptions): void {
    const joined = this.#connections.length;
    for (let index = this.#publishers.length; index < options.publishers; index += 1) {
      const connection = this.#connections[joined - 1 - index];
      if (connection === undefined) throw new Error(`${options.publishers} publishers need as many sockets`);
      this.#publishers.push(new Publisher(connection, this.#check, index));
    }
    for (const [index, publisher] of this.#publishers.entries()) {
      const share = Math.floor(options.inFlight / options.publishers);
      const extra = index < options.inFlight % options.publishers ? 1 : 0;
      publisher.inFlight = index < options.publishers ? share + extra : 0;
      publisher.gap = options.gap;
    }
  }

  #meter(serverPids: readonly number[]): Meter {
    this.#assertSound();
    const { user, system } = process.cpuUsage();
    let deliveries = 0;
    let bytes = 0;
    for (const connection of this.#connections) {
      deliveries += connection.position;
      bytes += connection.bytes;
    }
    const serverCpu = serverPids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
    return {
      at: performance.now(),
      deliveries,
      bytes,
      messages: this.#check.head,
      clientCpu: (user + system) / 1e6,
      serverCpu,
    };
  }

  /** Every subscriber must have every message that was sent. */
  async #drain(): Promise<void> {
    const deadline = performance.now() + DRAIN_DEADLINE_MS;
    while (!this.#isDrained()) {
      this.#assertSound();
      if (performance.now() > deadline) throw new Error(`messages lost: ${this.#missing()}`);
      await sleep(5);
    }
    this.#assertSound();
  }

  #isDrained(): boolean {
    const sent = this.#publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
    return this.#check.head === sent && this.#connections.every(({ position }) => position === sent);
  }

  #missing(): string {
    const sent = this.#publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
    const behind = this.#connections.filter(({ position }) => position !== sent);
    const least = Math.min(...behind.map(({ position }) => position));
    return `${sent} sent, ${behind.length} of ${this.#connections.length} sockets have fewer, the least ${least}`;
  }

  #assertSound(): void {
    if (this.#check.fault !== undefined) throw new Error(this.#check.fault);
  }
}

interface Meter {
  readonly at: number;
  readonly deliveries: number;
  readonly bytes: number;
  readonly messages: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
