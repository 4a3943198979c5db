import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Peer } from "./peer.ts";

test("A5 H1 the example game: two play, a third watches, and the referee sleeps between moves", async () => {
  const room = env.GAMES.getByName("final");
  const [ada, bob, eve] = [await Peer.native(room), await Peer.native(room), await Peer.native(room)];
  for (const peer of [ada, bob, eve]) {
    await peer.hello();
    await peer.expect("snapshot");
  }
  const everybody = async (): Promise<unknown> => {
    const [seen, ...others] = await Promise.all([ada, bob, eve].map((peer) => peer.expect("ops")));
    for (const other of others) expect(other).toEqual(seen);
    return seen?.entries[0]?.ops[0];
  };

  ada.mutate(1, { type: "join" });
  expect(await everybody()).toMatchObject({ type: "joined", mark: "X" });
  bob.mutate(1, { type: "join" });
  expect(await everybody()).toMatchObject({ type: "joined", mark: "O" });
  eve.mutate(1, { type: "join" });
  expect(await eve.expect("refused")).toMatchObject({ m: 1, code: "conflict", message: "Both seats are taken." });

  const moves = [
    [ada, 0],
    [bob, 3],
    [ada, 1],
    [bob, 4],
    [ada, 2],
  ] as const;
  for (const [index, [player, cell]] of moves.entries()) {
    await evictDurableObject(room);
    player.mutate(index + 2, { type: "play", cell });
    expect(await everybody()).toMatchObject({ type: "played", cell });
  }
  bob.mutate(9, { type: "play", cell: 5 });
  expect(await bob.expect("refused")).toMatchObject({ code: "conflict", message: "This game is over." });
  const { text } = await room.readText();
  expect(JSON.parse(text)).toMatchObject({ result: "X", cells: ["X", "X", "X", "O", "O", null, null, null, null] });
});

test("X5 the example game: a reload keeps the seat, and nobody plays before both seats are taken", async () => {
  const room = env.GAMES.getByName("reload");
  const hello = { guest: "the-secret-of-adas-window" };
  const { peer: ada, welcome } = await Peer.live(room, hello);
  ada.mutate(1, { type: "join" }, { type: "play", cell: 4 });
  expect(await ada.expect("refused")).toMatchObject({ code: "conflict", message: "Nobody has the other seat yet." });
  ada.mutate(2, { type: "join" });
  expect((await ada.expect("ops")).entries[0]?.ops[0]).toMatchObject({ mark: "X", by: welcome.guest });

  const { peer: bob } = await Peer.live(room);
  bob.mutate(1, { type: "join" });
  await bob.expect("ops");
  ada.socket.close(1000);
  await ada.closed;

  const { peer: back, welcome: again } = await Peer.live(room, hello);
  expect(again.you).not.toBe(welcome.you);
  back.mutate(1, { type: "play", cell: 4 });
  expect((await back.expect("ops")).entries[0]?.ops[0]).toMatchObject({ type: "played", mark: "X", cell: 4 });
});
