import { beforeEach, expect, test, vi } from "vitest";
import { OPEN } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, type TestRoom } from "./rooms.ts";
import { sleep } from "./sleep.ts";

beforeEach(() => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => logged.mockRestore();
});

/** From now on this connection's attachment takes nothing more, as when it is full. */
async function fill(room: TestRoom, conn: string): Promise<void> {
  await inside(room, (_, state) => {
    for (const ws of state.getWebSockets()) {
      const { id } = ws.deserializeAttachment() as { readonly id: string };
      const real = ws.serializeAttachment.bind(ws);
      ws.serializeAttachment = (value: unknown) => {
        if (id === conn && value !== null) throw new Error("The attachment is full, on purpose");
        real(value);
      };
    }
  });
}

const large = (key: string) => ({ do: "grow", key, units: 300_000 });

test.each([
  ["an op", (room: TestRoom) => room.applyText(JSON.stringify([large("a")]), OPEN)],
  ["a reset", (room: TestRoom) => room.clear(OPEN)],
] as const)(
  "A10 where %s cannot be delivered to one connection, it ends, and those after it get theirs",
  async (what, cause) => {
    const room = labs(`attachment ${what}`);
    await room.applyText('[{"do":"put","key":"a","value":"1"}]', OPEN);
    const full = await Peer.native(room);
    const { conn } = await full.hello({ presence: null });
    await full.expect("snapshot");
    await fill(room, conn);
    const { peer: after } = await Peer.live(room, { presence: null });
    await cause(room);
    expect((await full.closed).code).toBe(4404);
    // It is served as ever, and in order.
    await room.applyText('[{"do":"put","key":"last","value":"word"}]', OPEN);
    for (;;) {
      const message = await after.next();
      if (message.t === "ops" && JSON.stringify(message.entries).includes('"put":"last"')) break;
    }
  },
);

test("A10 P7 a filter or presence that the room cannot keep is refused, and the earlier presence stays", async () => {
  const room = labs("attachment admission");
  const tooLong = await Peer.native(room);
  tooLong.send({ t: "hello", v: 1, client: crypto.randomUUID(), filter: "x".repeat(20_000) });
  expect(await tooLong.expect("refused")).toMatchObject({ code: "too_large" });
  expect((await tooLong.closed).code).not.toBe(4404);

  const { peer, welcome } = await Peer.live(room, { presence: { name: "Ada" } });
  await peer.expect("presence");
  peer.send({ t: "presence", data: { name: "x".repeat(17_000) } });
  expect(await peer.expect("refused")).toMatchObject({ code: "too_large" });
  // Doubles take more room than their text.
  peer.send({ t: "presence", data: { numbers: Array.from({ length: 4_000 }, () => 0.5) } });
  expect(await peer.expect("refused")).toMatchObject({ code: "too_large" });
  expect(await room.roster()).toMatchObject({ [welcome.conn]: { data: { name: "Ada" } } });
  peer.mutate(1, large("a"));
  let message = await peer.next();
  while (message.t !== "ops") message = await peer.next();
  expect(message.seq).toBe(1);
  await sleep(room);
  expect(await room.roster()).toMatchObject({ [welcome.conn]: { data: { name: "Ada" } } });
});
