import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, type Rooms } from "../../src/client/index.ts";
import { TestServer } from "../harness/server.ts";

const OPEN_FILES = 4096;
/** Three files each would be more than there may be. */
const ROOMS = 1600;
const AT_ONCE = 50;
/** More connections than the server may have open. */
const SILENT = 4200;

let server: TestServer;
let rooms: Rooms;

beforeEach(async () => {
  server = await TestServer.start({ openFiles: OPEN_FILES });
  rooms = connect(server.url);
});

afterEach(async () => {
  rooms?.close();
  await server?.stop();
});

test(
  "Q12 one address that asks for hundreds of rooms does not use up the open files: it is refused in time",
  { timeout: 120_000 },
  async () => {
    const statuses = new Set<number>();
    let next = 0;
    const ask = async (): Promise<void> => {
      while (next < ROOMS) {
        const response = await fetch(`${server.url}/doc/room-${next++}`);
        await response.arrayBuffer();
        statuses.add(response.status);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    expect(statuses).toEqual(new Set([200, 429]));
    expect(server.output).not.toContain("workerd ended");
  },
);

test("E13 a body that stops coming is answered with 408", { timeout: 120_000 }, async () => {
  const socket = connectTcp(Number(new URL(server.url).port), "127.0.0.1");
  const answer = new Promise<string>((resolve, reject) => {
    socket.setEncoding("latin1").once("data", resolve).once("error", reject);
  });
  socket.write(
    "PUT /doc/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
  );
  expect(await answer).toMatch(/^HTTP\/1.1 408 /);
  socket.destroy();
});

test(
  "X2 thousands of silent connections end workerd at worst, which comes back on its port: a client resumes",
  { timeout: 120_000 },
  async () => {
    const document = rooms.document<{ readonly count: number }>("resumes");
    await document.ready();
    await document.set({ count: 1 });
    const port = Number(new URL(server.url).port);
    const sockets: Socket[] = [];
    for (let count = 0; count < SILENT; count += 1) {
      const socket = connectTcp(port, "127.0.0.1");
      sockets.push(socket);
      const settled = new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
      socket.on("error", () => undefined);
      if (count % AT_ONCE === 0) await settled;
    }
    for (const socket of sockets) socket.destroy();
    await document.set({ count: 2 });
    expect(await (await fetch(`${server.url}/doc/resumes`)).json()).toEqual({ count: 2 });
  },
);
