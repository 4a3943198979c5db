import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { clientFrame } from "../load/frames.ts";
import { Server } from "../servers/server.ts";
import { RawSocket } from "./raw-socket.ts";

/** The probe sends its next mutation this long after the answer to the last. */
const PROBE_PAUSE_MS = 2;
const QUIET_MS = 1_500;
/** How long each flood is watched after it was written. */
const WATCHED_MS = 6_000;

interface Flood {
  readonly name: string;
  readonly frames: number;
  readonly frame: (n: number) => string;
  readonly hello?: object;
}

const mutation = (m: number, a: number): string =>
  JSON.stringify({ t: "mutate", m, intents: [{ type: "merge", value: { a } }] });

const FLOODS: readonly Flood[] = [
  { name: "one byte", frames: 300_000, frame: () => "x" },
  { name: "mutations with one number", frames: 100_000, frame: () => mutation(1, 1) },
  { name: "acks", frames: 100_000, frame: () => JSON.stringify({ t: "ack", n: 1 }) },
  {
    name: "presence",
    frames: 100_000,
    frame: (i) => JSON.stringify({ t: "presence", data: { i } }),
    hello: { presence: {} },
  },
  { name: "older pings", frames: 300_000, frame: () => "ping" },
  { name: "heartbeats", frames: 300_000, frame: () => "\u0005" },
];

const hello = (client: string, more: object = {}): string =>
  JSON.stringify({ t: "hello", v: 1, client: client.padEnd(20, "x"), ...more });

/** Writes into a room of its own, one mutation after the other, and keeps the longest wait for an answer. */
class Probe {
  answers = 0;
  readonly #socket: RawSocket;
  #worst = 0;
  #m = 0;
  #sentAt = 0;
  #runs = true;

  constructor(socket: RawSocket) {
    this.#socket = socket;
    socket.onText = (text) => this.#heard(text);
    socket.text(hello("probe"));
  }

  /** The longest wait since the last call, in milliseconds; one that goes on counts too. */
  worst(): number {
    const waits = this.#sentAt === 0 ? 0 : performance.now() - this.#sentAt;
    const worst = Math.max(this.#worst, waits);
    this.#worst = 0;
    this.answers = 0;
    return worst;
  }

  stop(): void {
    this.#runs = false;
    this.#socket.destroy();
  }

  #heard(text: string): void {
    if (!text.includes('"t":"snapshot"') && !text.includes('"m":')) return;
    if (this.#sentAt > 0) {
      this.#worst = Math.max(this.#worst, performance.now() - this.#sentAt);
      this.answers += 1;
    }
    this.#sentAt = 0;
    setTimeout(() => this.#send(), PROBE_PAUSE_MS);
  }

  #send(): void {
    if (!this.#runs) return;
    this.#m += 1;
    this.#sentAt = performance.now();
    this.#socket.text(mutation(this.#m, this.#m));
  }
}

async function measure({ name, frames, frame, hello: more }: Flood): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "roomcast-floods-"));
  const server = await Server.start("workerd", dataDir);
  try {
    const probe = new Probe(await RawSocket.open(server.port, "/document/probe", "roomcast.v1"));
    const flooder = await RawSocket.open(server.port, "/document/flood", "roomcast.v1");
    flooder.text(hello("flood", more));
    const bytes = Buffer.concat(Array.from({ length: frames }, (_, n) => clientFrame(frame(n))));
    await wait(QUIET_MS);
    const quiet = probe.worst();
    const begun = performance.now();
    flooder.write(bytes);
    await wait(WATCHED_MS);
    const { answers } = probe;
    console.table({
      [name]: {
        "worst wait before, ms": Math.round(quiet),
        "worst wait, ms": Math.round(probe.worst()),
        answers,
        "close code": flooder.closeCode ?? "none",
        "closed after, ms": flooder.closedAt === undefined ? "open" : Math.round(flooder.closedAt - begun),
      },
    });
    probe.stop();
    flooder.destroy();
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const only = process.argv[2];
for (const flood of FLOODS) if (only === undefined || flood.name === only) await measure(flood);
