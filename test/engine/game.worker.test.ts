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
