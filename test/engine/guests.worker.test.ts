import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ADMISSION_HEADER } from "../../src/room/api.ts";
import type { Chats } from "../worker/rooms.ts";
import { Peer } from "./peer.ts";
import { labs } from "./rooms.ts";
import { sleep } from "./sleep.ts";

const room = (id: string): DurableObjectStub<Chats> => env.CHATS.getByName(`guests ${id}`);
const at = (address: number, who: object = {}): Record<string, string> => ({
  [ADMISSION_HEADER]: JSON.stringify({ can: ["read", "write"], address: `198.18.0.${address}`, ...who }),
});
const ADA = "adas-secret-of-all-her-rooms";
const said = async (peer: Peer): Promise<unknown> => {
  for (;;) {
    const told = await peer.next();
    if (told.t === "ops") return told.entries[0]?.ops[0];
    if (told.t === "refused") return told.code;
  }
};

test("X6 X8 a client's public name is the same after a reconnect, though it wrote nothing, and whenever the room slept", async () => {
  const lab = labs("guests-you");
  const client = crypto.randomUUID();
  const { peer, welcome } = await Peer.live(lab, { client });
  peer.socket.close(1000);
  await peer.closed;
  await sleep(lab);
  const { welcome: again } = await Peer.live(lab, { client });
  expect(again.you).toBe(welcome.you);
  const { welcome: elsewhere } = await Peer.live(labs("guests-you-elsewhere"), { client });
  expect(elsewhere.you).not.toBe(welcome.you);
  const { welcome: other } = await Peer.live(lab);
  expect(other.you).not.toBe(welcome.you);
});

test("X5 X8 a guest is one person on every connection with the same secret, another in each room; clients stay apart", async () => {
  const stub = room("one person");
  const hello = { guest: ADA, presence: { name: "Ada" } };
  const { peer: one, welcome } = await Peer.live(stub, hello, at(1));
  const { welcome: two } = await Peer.live(stub, hello, at(2));
  expect(two.guest).toBe(welcome.guest);
  expect(two.you).not.toBe(welcome.you);
  expect(Object.values(two.presence ?? {}).map(({ guest }) => guest)).toEqual([welcome.guest, welcome.guest]);
  expect(JSON.stringify([welcome, two])).not.toContain(ADA);
  const { welcome: elsewhere } = await Peer.live(room("another room"), hello, at(1));
  expect(elsewhere.guest).not.toBe(welcome.guest);
  await sleep(stub);
  one.mutate(1, { type: "send", text: "mine" });
  expect(await said(one)).toMatchObject({ message: { from: `g:${welcome.guest}` } });
});

test("X8 a user is known by the user's id, whatever secret comes along", async () => {
  const { peer, welcome } = await Peer.live(room("users"), { guest: ADA }, at(1, { user: { id: "7" } }));
  expect(welcome.guest).toBeUndefined();
  peer.mutate(1, { type: "send", text: "mine" });
  expect(await said(peer)).toMatchObject({ message: { from: "u:7" } });
});

test("X8 a secret that is too short or too long is refused", async () => {
  for (const guest of ["short", "x".repeat(65)]) {
    const peer = await Peer.native(room("bad"));
    peer.send({ t: "hello", v: 1, client: crypto.randomUUID(), guest });
    expect(await peer.expect("refused")).toMatchObject({ code: "bad_message" });
    expect((await peer.closed).code).toBe(4501);
  }
});

test("T4 T18 after a reload a guest edits and deletes what they said before; nobody else does", async () => {
  const stub = room("reload");
  const { peer } = await Peer.live(stub, { guest: ADA }, at(1));
  peer.mutate(1, { type: "send", text: "frist" });
  await said(peer);
  peer.socket.close(1000);
  await peer.closed;
  const { peer: eve } = await Peer.live(stub, { guest: "a-secret-of-eves-own" }, at(2));
  eve.mutate(1, { type: "edit", n: 1, text: "mine now" });
  expect(await said(eve)).toBe("forbidden");
  const { peer: later } = await Peer.live(stub, { guest: ADA }, at(3));
  later.mutate(1, { type: "edit", n: 1, text: "first" });
  expect(await said(later)).toMatchObject({ type: "edit", n: 1, text: "first" });
  later.mutate(2, { type: "delete", n: 1 });
  expect(await said(later)).toMatchObject({ type: "delete", n: 1 });
});

test("T3 T9 T18 in two tabs a guest reacts once, and what mutes one tab mutes the other", async () => {
  const stub = room("tabs");
  const { peer: one, welcome } = await Peer.live(stub, { guest: ADA }, at(61));
  const { peer: two } = await Peer.live(stub, { guest: ADA }, at(62));
  one.mutate(1, { type: "send", text: "hi" });
  await said(one);
  await said(two);
  two.mutate(1, { type: "react", n: 1, reaction: "👍" });
  await said(one);
  await said(two);
  one.mutate(2, { type: "react", n: 1, reaction: "👍" });
  expect(await one.next()).toEqual({ t: "done", m: 2 });
  await stub.transact([{ type: "mute", person: `g:${welcome.guest}` }]);
  await said(one);
  await said(two);
  for (const peer of [one, two]) {
    peer.mutate(3, { type: "send", text: "still here" });
    expect(await said(peer)).toBe("forbidden");
  }
});

test("T9 T18 a banned guest who comes again with the same secret from elsewhere is not let in", async () => {
  const stub = room("ban");
  const { peer, welcome } = await Peer.live(stub, { guest: ADA }, at(1));
  await stub.transact([{ type: "ban", person: `g:${welcome.guest}` }]);
  expect((await peer.closed).code).toBe(4503);
  const again = await Peer.native(stub, at(2));
  again.send({ t: "hello", v: 1, client: crypto.randomUUID(), guest: ADA });
  expect((await again.closed).code).toBe(4503);
});
