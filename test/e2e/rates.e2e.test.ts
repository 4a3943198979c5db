import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

/** Headers by which a client may try to be somebody else, another one each time. */
const forged = (n: number): Record<string, string> => ({
  "cf-connecting-ip": `203.0.113.${n}`,
  "x-forwarded-for": `203.0.113.${n}`,
  "x-real-ip": `203.0.113.${n}`,
  forwarded: `for=203.0.113.${n}`,
});

interface JsonSocket {
  readonly socket: WebSocket;
  /** Resolves with the first error that the room sends. */
  readonly error: Promise<string>;
}

async function jsonSocket(room: string, name: string): Promise<JsonSocket> {
  const socket = new WebSocket(`${server.webSocketUrl}/api/room/${room}/websocket`);
  const error = new Promise<string>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as { readonly error?: string };
      if (frame.error !== undefined) resolve(frame.error);
    });
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  socket.send(JSON.stringify({ name }));
  return { socket, error };
}

test("Q3 Q8 a client that names other addresses is counted by its own, in all rooms and wire formats together", async () => {
  const say = (room: string, n: number) =>
    fetch(`${server.url}/chat/${room}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...forged(n) },
      body: JSON.stringify({ text: `message ${n}` }),
    });
  const flood = (room: string, count: number) => Promise.all(Array.from({ length: count }, (_, n) => say(room, n + 1)));
  const sockets = await Promise.all(["Ada", "Ben", "Cem"].map((name) => jsonSocket("one", name)));
  const answers = await flood("one", 80);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(40);
  const over = answers.filter(({ status }) => status === 429);
  expect(over.length).toBeGreaterThan(0);
  for (const { headers } of over) expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);

  // None of them is over a rate of its own; the address that they share is.
  for (let n = 1; n <= 10; n += 1) {
    for (const { socket } of sockets) socket.send(JSON.stringify({ message: `line ${n}` }));
  }
  expect(await Promise.race(sockets.map(({ error }) => error))).toBe(
    "Your IP is being rate-limited, please try again later.",
  );
  for (const { socket } of sockets) socket.close();

  // A new room asks before it trusts.
  expect((await flood("other", 20)).map(({ status }) => status)).toContain(429);
  // Documents have a budget of their own.
  const document = await fetch(`${server.url}/doc/rates`, {
    method: "PUT",
    headers: { "content-type": "application/json", ...forged(9) },
    body: "{}",
  });
  expect(document.status).toBe(200);
});
