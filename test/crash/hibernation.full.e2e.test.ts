import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RoomMessage } from "../../src/protocol/room/index.ts";
import { TestServer } from "../harness/server.ts";
import { NativeSocket } from "./native-socket.ts";
import { Reader } from "./reader.ts";

/** The runtime puts an object to sleep after ten idle seconds; nothing tells when it has. */
const IDLE = 13_000;

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ config: "test/worker/long.wrangler.jsonc" });
});

afterAll(async () => {
  await server.stop();
});

test("H1 H2 P4 a room sleeps by itself, its sockets stay, and it wakes as it was", async () => {
  const { url, webSocketUrl } = server;
  const life = async (): Promise<string> => (await fetch(`${url}/life/sleepy`)).text();
  const room = `${webSocketUrl}/doc/sleepy/ws`;
  const ada = await Reader.open(room, (op) => op);
  const rosters: RoomMessage[] = [];
  const bob = await NativeSocket.open(room, { client: crypto.randomUUID() }, (message) => {
    if (message.t === "presence") rosters.push(message);
  });
  bob.send({ t: "presence", data: { name: "Bob" } });
  ada.socket.send({ t: "mutate", m: 1, intents: [{ type: "merge", value: { n: 1 } }] });
  await ada.until(() => ada.seq === 1);
  const first = await life();
  expect(await life()).toBe(first);

  await setTimeout(IDLE);
  // Pings neither wake it nor keep it awake.
  await bob.caughtUp();
  await setTimeout(1_000);
  const second = await life();
  expect(second).not.toBe(first);

  const heard = rosters.length;
  ada.socket.send({ t: "mutate", m: 2, intents: [{ type: "merge", value: { n: 2 } }] });
  await ada.until(() => ada.seq === 2);
  expect(ada.snapshots).toHaveLength(1);
  const presence = (await (await fetch(`${url}/doc/sleepy/presence`)).json()) as unknown;
  expect(JSON.stringify(presence)).toContain('"data":{"name":"Bob"}');
  await bob.caughtUp();
  expect(rosters).toHaveLength(heard);
  bob.close();
  ada.socket.close();
});

test("H2 pings alone let it sleep", async () => {
  const { url, webSocketUrl } = server;
  const ada = await Reader.open(`${webSocketUrl}/doc/pinged/ws`, (op) => op);
  const life = async (): Promise<string> => (await fetch(`${url}/life/pinged`)).text();
  const first = await life();
  for (let waited = 0; waited < IDLE; waited += 1_000) {
    await ada.socket.caughtUp();
    await setTimeout(1_000);
  }
  expect(await life()).not.toBe(first);
  ada.socket.close();
});
