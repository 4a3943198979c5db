import { beforeEach, expect, test, vi, type MockInstance } from "vitest";
import { DIALECT_HEADER, OPEN, PARAMS_HEADER } from "../../src/room/api.ts";
import { Peer } from "./peer.ts";
import { inside, labs, type TestRoom } from "./rooms.ts";
import { sleep } from "./sleep.ts";

const PUT = { do: "put", key: "a", value: "1" };
const ENDED = { code: 4404, reason: "internal: The room failed on this connection." };

let logged: MockInstance;

beforeEach(() => {
  logged = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => logged.mockRestore();
});

async function failingOn(room: TestRoom, event: string): Promise<Peer> {
  const peer = await Peer.connect(room, { [DIALECT_HEADER]: "faulty" });
  peer.socket.send(JSON.stringify({ fail: event }));
  expect(await peer.line()).toBe("ready");
  return peer;
}

test("A10 a wire format that fails on what is committed ends its own connection; all others get it, and the room goes on", async () => {
  const room = labs("faulty run");
  // In the order in which they are told.
  const failing = await failingOn(room, "run");
  const well = await failingOn(room, "nothing");
  const { peer } = await Peer.live(room);
  peer.mutate(1, PUT);
  expect((await peer.expect("ops")).seq).toBe(1);
  expect(await well.line()).toBe("run");
  expect(await failing.closed).toEqual(ENDED);
  expect(failing.unread).toEqual([]);
  expect(logged).toHaveBeenCalledExactlyOnceWith(
    "roomcast: lab: a connection failed",
    expect.objectContaining({ message: "secret of the dialect" }),
  );
  // What follows a commit was not passed over.
  const tasks = await inside(room, (_, { storage }) => storage.sql.exec("SELECT task FROM alarms").toArray());
  expect(tasks).toEqual([{ task: "expire" }]);
  peer.mutate(2, PUT);
  expect(await well.line()).toBe("run");
});

test.each([
  ["frame", (_: TestRoom, peer: Peer) => peer.socket.send("anything")],
  ["refused", (_: TestRoom, peer: Peer) => peer.socket.send('{"ask":{"do":"unknown"}}')],
  ["reset", (room: TestRoom) => room.clear(OPEN)],
  ["joined", (room: TestRoom) => Peer.live(room, { presence: { x: 1 } })],
  [
    "left",
    async (room: TestRoom) => {
      const { peer } = await Peer.live(room, { presence: { x: 1 } });
      peer.socket.close();
    },
  ],
] as const)("A10 a wire format that fails on `%s` ends its own connection", async (event, cause) => {
  const room = labs(`faulty ${event}`);
  const failing = await failingOn(room, event);
  const well = await failingOn(room, "nothing");
  await cause(room, failing);
  expect(await failing.closed).toEqual(ENDED);
  well.socket.send(JSON.stringify({ ask: PUT }));
  expect(await well.line()).toBe("run");
});

test("A10 a wire format that fails when the socket opens ends its own connection", async () => {
  const room = labs("faulty open");
  const params = { [PARAMS_HEADER]: '{"fail":true}' };
  const failing = await Peer.connect(room, { [DIALECT_HEADER]: "faulty", ...params });
  expect(await failing.closed).toEqual(ENDED);
  await Peer.live(room);
});

test("A10 a filter that fails ends the connection that brought it, live or when it comes back", async () => {
  const room = labs("faulty filter");
  const { peer: filtered } = await Peer.live(room, { filter: "any" });
  const { peer, snapshot } = await Peer.live(room);
  peer.mutate(1, PUT);
  await peer.expect("ops");
  expect(await filtered.expect("refused")).toMatchObject({ code: "internal" });
  expect(await filtered.closed).toEqual(ENDED);

  await sleep(room);
  const back = await Peer.native(room);
  await back.hello({ filter: "any", since: { epoch: snapshot.epoch, seq: 0 } });
  expect(await back.expect("refused")).toMatchObject({ code: "internal" });
  expect(await back.closed).toEqual(ENDED);
  peer.mutate(2, PUT);
  expect((await peer.expect("ops")).seq).toBe(2);
});

test("A10 what a frame asked for before it failed is committed, and everybody told", async () => {
  const room = labs("faulty presence");
  const { peer: failing } = await Peer.live(room);
  const { peer } = await Peer.live(room);
  failing.send({ t: "mutate", m: 1, intents: [PUT] }, { t: "presence", data: { fault: true } });
  expect((await peer.expect("ops")).seq).toBe(1);
  expect(await failing.closed).toEqual(ENDED);
});
