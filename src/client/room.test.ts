import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket as WsSocket } from "ws";
import { connect, type Rooms } from "./connect.ts";
import { RoomcastError } from "./errors.ts";
import { changed, TestServer } from "./fixtures/server.ts";
import { tallyKind, type Tally, type TallyIntent, type TallyOp } from "./fixtures/tally.ts";
import type { ConnectOptions, Room } from "./types.ts";

let server: TestServer<Tally, TallyIntent, TallyOp>;
const opened: Rooms[] = [];
const errors: Error[] = [];

function client(options: ConnectOptions = {}): Room<Tally, TallyIntent> {
  const rooms = connect(server.url, { onError: (error) => errors.push(error), ...options });
  opened.push(rooms);
  return rooms.room(tallyKind, "a/b");
}

beforeEach(async () => {
  // No jitter: what reconnects, reconnects at once.
  vi.spyOn(Math, "random").mockReturnValue(0);
  errors.length = 0;
  server = new TestServer(tallyKind);
  await server.listen();
});

afterEach(async () => {
  for (const rooms of opened.splice(0)) rooms.close();
  await server.stop();
  vi.restoreAllMocks();
});

test("S1 a mutation shows at once and resolves when the room has it", async () => {
  const room = client();
  expect(room.status).toEqual({ phase: "connecting" });
  expect(room.state).toBeUndefined();
  await room.ready();
  expect(server.visits).toEqual(["/room/tally/a%2Fb/ws"]);
  expect(room.status).toEqual({ phase: "live" });
  expect(room.state).toEqual({ n: 0, tags: [], ids: [] });
  expect(room.can).toEqual(["read", "write"]);

  const added = room.mutate({ type: "add", by: 2 });
  expect(room.state?.n).toBe(2);
  expect(room.pending).toBe(1);
  const shown = room.state;
  await added;
  expect(room.pending).toBe(0);
  expect(room.version).toBe(server.room.version);
  expect(server.room.state.n).toBe(2);
  // What was predicted came true, so that nothing is drawn anew.
  expect(room.state).toBe(shown);
});

test("mutations of one turn travel in one frame, and wait for the connection", async () => {
  const room = client();
  const answers = [1, 2, 3].map((by) => room.mutate({ type: "add", by }));
  await Promise.all(answers);
  expect(room.state?.n).toBe(6);
  await Promise.all([room.mutate({ type: "add", by: 4 }), room.mutate([{ type: "add", by: 5 }, { type: "nothing" }])]);
  const mutations = server.frames.filter((frame) => frame.includes('"mutate"'));
  expect(mutations.map((frame) => frame.split("\n").length)).toEqual([3, 2]);
});

test("frames stay under the room's limit", async () => {
  const room = client();
  await room.ready();
  const tag = "x".repeat(60_000);
  await Promise.all([1, 2, 3, 4].map(() => room.mutate({ type: "append", tag })));
  expect(Math.max(...server.frames.map((frame) => frame.length))).toBeLessThan(65_536);
});

test("S1 a refusal rolls back and reaches the caller, with its place", async () => {
  const room = client();
  await room.ready();
  server.eager = false;
  const first = room.mutate({ type: "add", by: 1 });
  const refused = room.mutate([
    { type: "append", tag: "t" },
    { type: "take", tag: "u" },
    { type: "take", tag: "v" },
  ]);
  // The room is going to refuse it: not shown, but not rejected before the room has spoken.
  expect(room.state).toMatchObject({ n: 1, tags: [] });
  await expect(refused).rejects.toMatchObject({ code: "conflict", intent: 2, path: "/n" });
  expect(room.pending).toBe(1);
  server.room.flush();
  await first;
  expect(room.lastError).toBeInstanceOf(RoomcastError);
  expect(errors).toEqual([]);
});

test("S1 a wrong prediction is put right", async () => {
  const one = client();
  const two = client();
  await Promise.all([one.ready(), two.ready()]);
  await two.mutate({ type: "add", by: 1 });
  await changed(one, () => one.state?.n === 1);
  server.eager = false;
  const mine = one.mutate({ type: "take", tag: "one" });
  await server.until(() => server.frames.at(-1)?.includes('"one"') === true);
  const theirs = two.mutate({ type: "take", tag: "two" });
  expect(two.state).toMatchObject({ n: 0, tags: ["two"] });
  await server.until(() => server.frames.at(-1)?.includes('"two"') === true);
  server.room.flush();
  await expect(theirs).rejects.toMatchObject({ code: "conflict" });
  await mine;
  await changed(two, () => two.state?.n === 0);
  expect(two.state).toEqual(one.state);
});

test("a rejection that nobody looks at is told to onError, and is no unhandled rejection", async () => {
  const unhandled = vi.fn<(reason: unknown) => void>();
  process.on("unhandledRejection", unhandled);
  const told = Promise.withResolvers<[Error, unknown]>();
  const room = client({ onError: (error, where) => told.resolve([error, where]) });
  await room.ready();
  void room.mutate({ type: "take", tag: "t" });
  const [error, where] = await told.promise;
  expect(error).toMatchObject({ code: "conflict" });
  expect(where).toEqual({ kind: "tally", id: "a/b" });
  await new Promise(setImmediate);
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test("without onError it is written to the console", async () => {
  const warned = Promise.withResolvers<unknown>();
  vi.spyOn(console, "warn").mockImplementation((text) => warned.resolve(text));
  const rooms = connect(server.url);
  opened.push(rooms);
  void rooms.room(tallyKind, "a").mutate({ type: "take", tag: "t" });
  expect(await warned.promise).toBe('roomcast: tally "a": conflict: Nothing left.');
});

test("what the app has of the state is frozen: changed in place, it would no longer be what the room has", async () => {
  const room = client();
  await room.mutate([
    { type: "add", by: 1 },
    { type: "append", tag: "a" },
  ]);
  const state = room.state as unknown as { n: number; tags: string[] };
  expect(() => (state.n = 7)).toThrow(TypeError);
  expect(() => state.tags.push("b")).toThrow(TypeError);
  await room.mutate({ type: "add", by: 1 });
  expect(room.state).toMatchObject({ n: 2, tags: ["a"] });
});

test("an address that cannot be had is told once, and tried for again", async () => {
  let fails = 3;
  const query = (): Record<string, string> => {
    fails -= 1;
    if (fails >= 0) throw new Error("The token service is down.");
    return {};
  };
  const room = client({ query });
  await room.ready();
  expect(errors).toEqual([expect.objectContaining({ code: "no_address", message: "The token service is down." })]);
  // It is live now.
  expect(room.lastError).toBeUndefined();
});

test("S4 why the server turns a client away for now is in the status and in lastError, reported once, and gone when live", async () => {
  const whole = "The binding NOTES is missing: add it to durable_objects in wrangler.jsonc, then deploy again. ".repeat(
    2,
  );
  server.onConnect = (socket) => {
    socket.send(JSON.stringify({ t: "refused", code: "internal", message: whole }));
    socket.close(4404, `internal: ${whole}`.slice(0, 120));
  };
  const room = client();
  await changed(room, () => room.status.phase === "reconnecting" && room.status.attempt === 3);
  expect(room.status).toMatchObject({ code: "internal", reason: whole });
  expect(room.lastError).toMatchObject({ code: "internal", message: whole });
  expect(errors).toEqual([room.lastError]);

  server.onConnect = (socket) => socket.close(4401, "room_full: Try later.");
  await changed(room, () => room.lastError?.code === "room_full");
  expect(room.status).toMatchObject({ phase: "reconnecting", code: "room_full", reason: "Try later." });

  server.onConnect = undefined;
  await room.ready();
  expect(room.status).toEqual({ phase: "live" });
  expect(room.lastError).toBeUndefined();
  expect(errors.map(({ message }) => message)).toEqual([whole, "Try later."]);
});

test("lastError is gone once a mutation made after it has succeeded", async () => {
  const room = client();
  const refused = room.mutate({ type: "take", tag: "t" });
  const meanwhile = room.mutate({ type: "add", by: 1 });
  await expect(refused).rejects.toMatchObject({ code: "conflict" });
  await meanwhile;
  expect(room.lastError).toMatchObject({ code: "conflict" });
  await room.mutate({ type: "add", by: 1 });
  expect(room.lastError).toBeUndefined();
});

test("P1 presence that begins between the hello and the welcome reaches the others, and they are seen", async () => {
  const other = client();
  other.presence.set({ name: "other" });
  await other.ready();
  const held: string[] = [];
  const room = client();
  server.onConnect = (socket) => {
    const connection = server.room.connect((frame) => held.push(frame));
    socket.on("message", (data: Buffer) => server.room.receive(connection, data.toString()));
    socket.once("message", () => {
      // The room has read the hello; its welcome is on the way.
      room.presence.set({ name: "late" });
      for (const frame of held.splice(0)) socket.send(frame);
      held.push = (...frames) => {
        for (const frame of frames) socket.send(frame);
        return 0;
      };
    });
  };
  await changed(other.presence, () => other.presence.peers.some(({ data }) => data["name"] === "late"));
  await changed(room.presence, () => room.presence.peers.length === 1);
  expect(room.presence.peers[0]?.data).toEqual({ name: "other" });
});

test("what is not JSON is refused before anything shows", async () => {
  const room = client();
  await room.ready();
  const refused = room.mutate([{ type: "nothing" }, { type: "add", by: NaN }]);
  expect(room.pending).toBe(0);
  expect(room.state?.n).toBe(0);
  await expect(refused).rejects.toMatchObject({ code: "bad_intent", intent: 1, path: "/by" });
  expect(() => room.presence.set({ at: new Date(0) as unknown as string })).toThrow(RoomcastError);
});

test("a refusal that nobody waits for is told", async () => {
  const room = client();
  await room.ready();
  const closed = changed(room, () => room.status.phase === "closed");
  for (const socket of server.sockets) socket.close(4503, "forbidden: Your access has ended.");
  await closed;
  expect(errors).toEqual([expect.objectContaining({ code: "forbidden", message: "Your access has ended." })]);
});

test("what is not JSON or too large is rejected without being sent", async () => {
  const room = client();
  await room.ready();
  const circle: unknown[] = [];
  circle.push(circle);
  await expect(room.mutate({ type: "append", tag: circle as unknown as string })).rejects.toMatchObject({
    code: "bad_intent",
  });
  await expect(room.mutate({ type: "append", tag: "é".repeat(66_000) })).rejects.toMatchObject({ code: "too_large" });
  await room.mutate([]);
  expect(server.frames.filter((frame) => frame.includes('"mutate"'))).toEqual([]);
});

test("what the caller changes afterwards changes nothing here", async () => {
  const room = client();
  await room.ready();
  const intent = { type: "append", tag: "before" } as { type: "append"; tag: string };
  const sent = room.mutate(intent);
  intent.tag = "after";
  expect(room.state?.tags).toEqual(["before"]);
  await sent;
  expect(server.room.state.tags).toEqual(["before"]);
});

test("S2 what was under way when the connection broke is applied once, in order", async () => {
  const room = client();
  await room.ready();
  server.eager = false;
  // One that the room takes but cannot answer for, one that never gets there.
  const first = room.mutate({ type: "append", tag: "first" });
  await server.until(() => server.frames.at(-1)?.includes('"first"') === true);
  server.mute = true;
  server.room.flush();
  server.cut();
  const second = room.mutate({ type: "append", tag: "second" });
  await changed(room, () => room.status.phase === "reconnecting");
  const third = room.mutate({ type: "append", tag: "third" });
  expect(room.state?.tags).toEqual(["first", "second", "third"]);
  server.mute = false;
  server.eager = true;
  await Promise.all([first, second, third]);
  expect(room.state?.tags).toEqual(["first", "second", "third"]);
  expect(server.room.state).toEqual(room.state);
  const hello = JSON.parse(server.frames.findLast((frame) => frame.includes('"hello"')) ?? "") as { since: unknown };
  expect(hello.since).toEqual({ epoch: server.room.epoch, seq: 0 });
});

test("S2 at most 500 are unanswered at a time", async () => {
  const room = client();
  await room.ready();
  server.eager = false;
  const answers = Array.from({ length: 1200 }, () => room.mutate({ type: "add", by: 1 }));
  const sent = (): number => server.frames.join("\n").split('"mutate"').length - 1;
  await server.until(() => sent() >= 500);
  expect(sent()).toBe(500);
  expect(room.pending).toBe(1200);
  server.eager = true;
  server.room.flush();
  await Promise.all(answers);
  expect(server.room.state.n).toBe(1200);
});

test("ops that do not join are healed by a snapshot", async () => {
  const room = client();
  await room.ready();
  for (const socket of server.sockets)
    socket.send('{"t":"ops","seq":7,"at":0,"entries":[{"ops":[{"type":"add","by":9}]}]}');
  await server.until(() => server.visits.length === 2);
  await changed(room, () => room.status.phase === "live");
  expect(room.state?.n).toBe(0);
  expect(server.frames.findLast((frame) => frame.includes('"hello"'))).not.toContain("since");
});

test("frames that are no messages are a broken connection; unknown messages are nothing", async () => {
  const room = client();
  await room.ready();
  vi.spyOn(console, "error").mockImplementation(() => {});
  for (const socket of server.sockets) socket.send('{"t":"news","of":"tomorrow"}\n{"t":"mark","n":3}');
  await server.until(() => server.frames.includes('{"t":"ack","n":3}'));
  expect(server.visits).toHaveLength(1);
  for (const socket of server.sockets) socket.send("{nonsense");
  await server.until(() => server.visits.length === 2);
  await changed(room, () => room.status.phase === "live");
});

test("a restore replaces the state", async () => {
  const room = client();
  await room.mutate({ type: "add", by: 1 });
  server.room.restore({ n: 40, tags: [], ids: [] });
  await changed(room, () => room.state?.n === 40);
  await room.mutate({ type: "add", by: 2 });
  expect(room.state?.n).toBe(42);
});

test("S4 a terminal close ends it, with code and reason; everything pending is rejected", async () => {
  server.onConnect = (socket) => socket.close(4503, "forbidden: Not yours.");
  const room = client();
  const pending = room.mutate({ type: "add", by: 1 });
  await expect(room.ready()).rejects.toMatchObject({ code: "forbidden" });
  expect(room.status).toEqual({ phase: "closed", code: "forbidden", reason: "Not yours." });
  await expect(pending).rejects.toMatchObject({ code: "forbidden", message: "Not yours." });
  await expect(room.mutate({ type: "add", by: 1 })).rejects.toMatchObject({ code: "forbidden" });
  await expect(room.ready()).rejects.toMatchObject({ code: "forbidden" });
  expect(room.state).toBeUndefined();
  expect(server.visits).toHaveLength(1);
});

test("a room whose kind is newer than the client ends it too", async () => {
  server.onConnect = (socket) => {
    socket.send(
      '{"t":"welcome","v":1,"kind":"tally","conn":"c","you":"y","can":[],"last":0,"gaps":[],"epoch":"e","head":0,"resume":"snapshot","now":0}',
    );
    socket.send('{"t":"snapshot","epoch":"e","seq":0,"kv":2,"state":{}}');
  };
  const room = client();
  await expect(room.ready()).rejects.toMatchObject({ code: "unsupported_version" });
});

test("close rejects what is pending, and is final", async () => {
  const room = client();
  await room.ready();
  server.eager = false;
  const pending = room.mutate({ type: "add", by: 1 });
  room.close();
  await expect(pending).rejects.toMatchObject({ code: "closed" });
  expect(room.status.phase).toBe("closed");
  expect(room.state?.n).toBe(0);
  await server.until(() => server.visits.length === 1);
});

test("listeners: once a frame, not within one another, one that throws stops no other", async () => {
  const room = client();
  await room.ready();
  vi.spyOn(console, "error").mockImplementation(() => {});
  const seen: (number | undefined)[] = [];
  let depth = 0;
  room.subscribe(() => {
    throw new Error("mine alone");
  });
  const stop = room.subscribe(() => {
    expect(depth).toBe(0);
    depth += 1;
    seen.push(room.state?.n);
    if (room.state?.n === 2) void room.mutate({ type: "add", by: 10 });
    depth -= 1;
  });
  await Promise.all([room.mutate({ type: "add", by: 1 }), room.mutate({ type: "add", by: 1 })]);
  await changed(room, () => room.pending === 0);
  // The first at once, the second at the end of the turn, the listener's own after it, then two answers.
  expect(seen).toEqual([1, 2, 12, 12, 12]);
  stop();
  await room.mutate({ type: "add", by: 1 });
  expect(seen).toHaveLength(5);
});

test("a state that is slow to read is announced less often", async () => {
  const room = client();
  await room.ready();
  server.mute = true;
  void room.mutate({ type: "add", by: 1 });
  let clock = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (clock += 20));
  const seen: (number | undefined)[] = [];
  room.subscribe(() => seen.push(room.state?.n));
  for (const seq of [1, 2, 3]) {
    for (const socket of server.sockets)
      socket.send(`{"t":"ops","seq":${seq},"at":0,"entries":[{"ops":[{"type":"add","by":10}]}]}`);
  }
  await changed(room, () => room.version?.endsWith(".3") === true);
  expect(seen).toEqual([11, 31]);
  expect(room.state?.n).toBe(31);
});

test("presence: who else is here, what they show, and who left", async () => {
  const one = client();
  const two = client();
  await Promise.all([one.ready(), two.ready()]);
  expect(server.frames.join()).not.toContain("presence");
  two.presence.set({ name: "Two" });
  await server.until(() => server.frames.join().includes('"Two"'));
  await changed(one.presence, () => one.presence.peers.length === 1);
  const [peer] = one.presence.peers;
  expect(peer).toMatchObject({ by: two.you, data: { name: "Two" } });
  expect(one.presence.peers).toBe(one.presence.peers);
  expect(two.presence.peers).toEqual([]);
  // Shown again after a reconnect, though the server forgot.
  one.presence.set({ name: "One" });
  await changed(two.presence, () => two.presence.peers.length === 1);
  server.cut();
  await server.until(() => server.visits.length === 4);
  await changed(two.presence, () => two.presence.peers.some(({ data }) => data["name"] === "One"));
  one.close();
  await changed(two.presence, () => two.presence.peers.length === 0);
  two.presence.clear();
  two.presence.set({ name: "Again" });
  await server.until(() => server.frames.join().includes('"Again"'));
});

test("the ws package works as well as the global class", async () => {
  const room = client({ WebSocket: WsSocket, query: async () => ({ token: "s e&cret" }) });
  await room.mutate({ type: "add", by: 1 });
  expect(server.visits).toEqual(["/room/tally/a%2Fb/ws?token=s%20e%26cret"]);
  expect(server.room.state.n).toBe(1);
});
