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

test("Q3 Q8 a client that names other addresses is counted by its own, in all rooms and wire formats together", async () => {
  const say = (room: string, n: number) =>
    fetch(`${server.url}/chat/${room}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...forged(n) },
      body: JSON.stringify({ text: `message ${n}` }),
    });
  for (let n = 1; n <= 5; n += 1) expect((await say("one", n)).status).toBe(200);
  const over = await say("one", 6);
  expect(over.status).toBe(429);
  expect(Number(over.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);

  const socket = new WebSocket(`${server.webSocketUrl}/api/room/one/websocket`);
  const errors: unknown[] = [];
  const limited = new Promise<void>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      const { error } = JSON.parse(String(data)) as { readonly error?: string };
      if (error === undefined) return;
      errors.push(error);
      resolve();
    });
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  socket.send(JSON.stringify({ name: "Ada" }));
  socket.send(JSON.stringify({ message: "one" }));
  socket.send(JSON.stringify({ message: "two" }));
  await limited;
  expect(errors[0]).toBe("Your IP is being rate-limited, please try again later.");
  socket.close();

  // A new room asks before it trusts.
  expect((await say("other", 7)).status).toBe(429);
  // Documents have a budget of their own.
  const document = await fetch(`${server.url}/doc/rates`, {
    method: "PUT",
    headers: { "content-type": "application/json", ...forged(9) },
    body: "{}",
  });
  expect(document.status).toBe(200);
});
