import { createConnection, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";
import { findWorkerd, watchMemory } from "./memory.ts";

const DEAF_READERS = 20;
const HEALTHY_READERS = 3;
/** 100 MB in all. */
const EVENTS = 1_600;
const EVENT_BYTES = 62_500;
const EVENTS_A_BATCH = 10;
const MOST_RESIDENT_MIB = 500;

let server: TestServer;
const deaf: Socket[] = [];

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(async () => {
  for (const socket of deaf) socket.destroy();
  await server?.stop();
});

/** A raw-event reader that never reads what follows the upgrade. */
async function openDeaf(path: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = createConnection(Number(port), hostname);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("data", (head: Buffer) => {
      socket.pause();
      if (head.toString("latin1").startsWith("HTTP/1.1 101")) resolve();
      else reject(new Error(head.toString("latin1")));
    });
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  return socket;
}

/** A raw-event reader that sends nothing. `numbers` resolves with those of the events once it has the last. */
async function openHealthy(url: string): Promise<{ readonly numbers: Promise<readonly number[]> }> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(new Error("It did not open.")), { once: true });
  });
  const numbers = new Promise<readonly number[]>((resolve, reject) => {
    const received: number[] = [];
    socket.addEventListener("message", ({ data }) => {
      received.push((JSON.parse(String(data)) as { readonly n: number }).n);
      if (received.length === EVENTS) socket.close();
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (received.length === EVENTS) resolve(received);
      else reject(new Error(`Closed after ${received.length} events: ${code} ${reason}`));
    });
  });
  // Its failure is looked at once everything is published.
  numbers.catch(() => undefined);
  return { numbers };
}

test.runIf(process.platform === "linux")(
  "F6 readers of JSON documents that do not read, wave after wave, cost bounded memory",
  async () => {
    const memory = watchMemory(findWorkerd());
    const fill = "x".repeat(100_000);
    let written = 0;
    for (let wave = 0; wave < 6; wave += 1) {
      for (let n = 0; n < DEAF_READERS; n += 1) deaf.push(await openDeaf("/doc/deaf/ws"));
      for (let n = 0; n < 60; n += 1) {
        // A room that restarts to free memory fails the requests under way.
        const response = await fetch(`${server.url}/doc/deaf`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ n, fill }),
        });
        await response.text();
        if (response.ok) written += 1;
      }
    }
    const peak = memory.stop();
    process.stdout.write(`6 waves of ${DEAF_READERS} deaf documents: ${peak} MiB at most, ${written} of 360 written\n`);
    expect(written).toBeGreaterThan(300);
    expect(peak).toBeLessThan(MOST_RESIDENT_MIB);
  },
  120_000,
);

test.runIf(process.platform === "linux")(
  "F6 readers of raw frames that do not read cost bounded memory, and silent ones that read get every event",
  async () => {
    for (let n = 0; n < DEAF_READERS; n += 1) deaf.push(await openDeaf("/stream/deaf/ws"));
    const healthy: Promise<readonly number[]>[] = [];
    for (let n = 0; n < HEALTHY_READERS; n += 1) {
      healthy.push((await openHealthy(`${server.webSocketUrl}/stream/deaf/ws`)).numbers);
    }
    const memory = watchMemory(findWorkerd());
    const fill = "x".repeat(EVENT_BYTES - 20);
    for (let n = 0; n < EVENTS; n += EVENTS_A_BATCH) {
      const events = Array.from({ length: EVENTS_A_BATCH }, (_, index) => JSON.stringify({ n: n + index, fill }));
      const response = await fetch(`${server.url}/stream/deaf`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: events.join("\n"),
      });
      await response.text();
      expect(response.status).toBeLessThan(300);
    }
    const all = Array.from({ length: EVENTS }, (_, n) => n);
    for (const numbers of await Promise.all(healthy)) expect(numbers).toEqual(all);
    const peak = memory.stop();
    process.stdout.write(`100 MB past ${DEAF_READERS} deaf readers: ${peak} MiB at most\n`);
    expect(peak).toBeLessThan(MOST_RESIDENT_MIB);
  },
  90_000,
);
