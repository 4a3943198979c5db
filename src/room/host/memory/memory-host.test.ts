import { expect, test } from "vitest";
import { describeHost } from "../contract.ts";
import { SYSTEM_CLOCK } from "../durable-object.ts";
import { Disk } from "./disk.ts";
import { MemoryHost } from "./memory-host.ts";
import { MemorySocket } from "./socket.ts";

const deaf = { frame: () => {}, closed: () => {} };

function open(disk = new Disk()): { readonly host: MemoryHost; readonly disk: Disk } {
  const object = {
    id: "id",
    name: "name",
    disk,
    sockets: new Set<MemorySocket>(),
    durable: async () => disk.commit(),
    gate: (leave: () => void) => leave(),
  };
  return { host: new MemoryHost(object, SYSTEM_CLOCK), disk };
}

describeHost("memory", async (work) => {
  const { host, disk } = open();
  await work({ host, socket: () => new MemorySocket(deaf) });
  disk.close();
});

test("a crash takes back what was not durable, the alarm too", async () => {
  const { host, disk } = open();
  host.sql.exec("CREATE TABLE t (a)");
  host.alarm.set(1_000);
  await host.durable();
  host.sql.exec("INSERT INTO t VALUES (1)");
  host.alarm.set(2_000);
  disk.rollback();
  const after = open(disk).host;
  expect(after.sql.exec("SELECT * FROM t").toArray()).toEqual([]);
  expect(await after.alarm.get()).toBe(1_000);
  disk.close();
});

test("after its end a host refuses everything, and its timers do not run", async () => {
  const { host, disk } = open();
  const ran: string[] = [];
  host.clock.after(0, () => ran.push("late"));
  host.end();
  await new Promise((resolve) => void setTimeout(resolve));
  expect(ran).toEqual([]);
  expect(() => host.sql.exec("SELECT 1")).toThrow("ended");
  disk.close();
});
