import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

test("the test worker answers", async () => {
  const response = await exports.default.fetch("http://example.com/");
  expect(await response.text()).toBe("roomcast test worker");
});

test("a hibernatable socket outlives an eviction", async () => {
  const stub = env.PROBE.getByName("socket");
  const response = await stub.fetch("http://example.com/", { headers: { upgrade: "websocket" } });
  const socket = response.webSocket;
  if (socket === null) throw new Error("no socket");
  socket.accept();
  const next = () =>
    new Promise((resolve) => socket.addEventListener("message", (e) => resolve(e.data), { once: true }));
  const first = next();
  socket.send("one");
  expect(await first).toBe("one");
  await evictDurableObject(stub);
  const second = next();
  socket.send("two");
  expect(await second).toBe("two");
  socket.close(1000, "done");
});
