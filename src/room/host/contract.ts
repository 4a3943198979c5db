import { describe, expect, test } from "vitest";
import type { Host, HostSocket } from "./host.ts";

/** A host under test, and what makes sockets for it. */
export interface HostUnderTest {
  readonly host: Host;
  /** A socket that the room may accept, whose peer does nothing. */
  readonly socket: () => HostSocket;
}

/** What every host does alike. `run` gives each test a host of its own. */
export function describeHost(
  name: string,
  run: (work: (given: HostUnderTest) => Promise<void>) => Promise<void>,
): void {
  const hostTest = (title: string, work: (given: HostUnderTest) => Promise<void> | void): void =>
    // oxlint-disable-next-line vitest/valid-title -- each title is given below
    test(title, () => run(async (given) => work(given)));

  describe(`${name}: SQL`, () => {
    hostTest("values come back as they were stored", ({ host: { sql } }) => {
      sql.exec("CREATE TABLE t (a, b, c, d)");
      sql.exec("INSERT INTO t VALUES (?, ?, ?, ?)", "é", 1.5, null, new Uint8Array([1, 2]).buffer);
      const row = sql.exec<{ a: string; b: number; c: null; d: ArrayBuffer }>("SELECT * FROM t").one();
      expect({ ...row, d: [...new Uint8Array(row.d)] }).toEqual({ a: "é", b: 1.5, c: null, d: [1, 2] });
    });

    hostTest("a cursor is read once, as a list or one by one", ({ host: { sql } }) => {
      const query = "SELECT 1 AS n UNION SELECT 2 AS n ORDER BY n";
      expect(sql.exec(query).toArray()).toEqual([{ n: 1 }, { n: 2 }]);
      expect([...sql.exec(query)]).toEqual([{ n: 1 }, { n: 2 }]);
      expect(() => sql.exec(query).one()).toThrow("one");
      expect(() => sql.exec("SELECT 1 AS n WHERE 0").one()).toThrow("one");
    });

    hostTest("a statement says how many rows it wrote", ({ host: { sql } }) => {
      sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY)");
      expect(sql.exec("INSERT INTO t VALUES (1), (2), (3)").rowsWritten).toBe(3);
      expect(sql.exec("DELETE FROM t WHERE a > 1").rowsWritten).toBe(2);
      expect(sql.exec("SELECT * FROM t").rowsWritten).toBe(0);
    });

    hostTest("a wrong statement throws and changes nothing", ({ host: { sql } }) => {
      sql.exec("CREATE TABLE t (a INTEGER PRIMARY KEY)");
      sql.exec("INSERT INTO t VALUES (1)");
      expect(() => sql.exec("INSERT INTO t VALUES (1)")).toThrow("UNIQUE");
      expect(() => sql.exec("SELECT * FROM missing")).toThrow("missing");
      expect(sql.exec("SELECT * FROM t").toArray()).toEqual([{ a: 1 }]);
    });
  });

  describe(`${name}: transactions`, () => {
    hostTest("one that throws leaves nothing behind", ({ host }) => {
      host.sql.exec("CREATE TABLE t (a)");
      const fail = (): void => {
        host.sql.exec("INSERT INTO t VALUES (1)");
        throw new Error("no");
      };
      expect(() => host.transaction(fail)).toThrow("no");
      expect(host.sql.exec("SELECT * FROM t").toArray()).toEqual([]);
    });

    hostTest("an inner one can fail alone", ({ host }) => {
      host.sql.exec("CREATE TABLE t (a)");
      const inner = (): void => {
        host.sql.exec("INSERT INTO t VALUES (2)");
        throw new Error("no");
      };
      const result = host.transaction(() => {
        host.sql.exec("INSERT INTO t VALUES (1)");
        expect(() => host.transaction(inner)).toThrow("no");
        return "done";
      });
      expect(result).toBe("done");
      expect(host.sql.exec("SELECT * FROM t").toArray()).toEqual([{ a: 1 }]);
    });

    hostTest("what was written is durable in the end", async ({ host }) => {
      host.sql.exec("CREATE TABLE t (a)");
      await host.durable();
      expect(host.sql.exec("SELECT * FROM t").toArray()).toEqual([]);
    });
  });

  describe(`${name}: alarm`, () => {
    const later = Date.UTC(2100, 0);

    hostTest("there is one, and the last time counts", async ({ host }) => {
      expect(await host.alarm.get()).toBe(null);
      host.alarm.set(later);
      host.alarm.set(later + 1_000);
      expect(await host.alarm.get()).toBe(later + 1_000);
    });
  });

  describe(`${name}: alarm and transactions`, () => {
    hostTest("an alarm that was set in a transaction that failed is not set", async ({ host }) => {
      const fail = (): void => {
        host.alarm.set(Date.UTC(2100, 0));
        throw new Error("no");
      };
      expect(() => host.transaction(fail)).toThrow("no");
      expect(await host.alarm.get()).toBe(null);
    });
  });

  describe(`${name}: clock`, () => {
    hostTest("a timer runs once, and not at all when it is stopped", async ({ host: { clock } }) => {
      const ran: string[] = [];
      clock.after(1, () => ran.push("first"));
      const stop = clock.after(1, () => ran.push("stopped"));
      stop();
      await new Promise<void>((resolve) => void clock.after(5, resolve));
      expect(ran).toEqual(["first"]);
      stop();
    });

    hostTest("time is in milliseconds since 1970", ({ host: { clock } }) => {
      expect(clock.now()).toBeGreaterThan(Date.UTC(2020, 0));
    });
  });

  describe(`${name}: sockets`, () => {
    hostTest("an accepted socket is among all, with its attachment", ({ host, socket }) => {
      const ws = socket();
      host.sockets.accept(ws);
      ws.serializeAttachment({ name: "é", list: [1, null] });
      const [found, ...others] = host.sockets.all();
      expect(others).toEqual([]);
      expect(found?.deserializeAttachment()).toEqual({ name: "é", list: [1, null] });
      expect(host.sockets.pingedAt(ws)).toBe(0);
    });

    hostTest("one without an attachment has null", ({ host, socket }) => {
      const ws = socket();
      host.sockets.accept(ws);
      expect(ws.deserializeAttachment()).toBe(null);
    });

    hostTest("an attachment has a limit, and the earlier one stays", ({ host, socket }) => {
      const ws = socket();
      host.sockets.accept(ws);
      ws.serializeAttachment("x".repeat(16_000));
      expect(() => ws.serializeAttachment("x".repeat(17_000))).toThrow("16384");
      expect(ws.deserializeAttachment()).toHaveLength(16_000);
    });

    hostTest(
      "a socket that the room has closed takes no more, but closing it again is no fault",
      ({ host, socket }) => {
        const ws = socket();
        host.sockets.accept(ws);
        ws.send("hello");
        ws.close(4000, "enough");
        expect(() => ws.send("more")).toThrow("close");
        expect(() => ws.close(4000, "enough")).not.toThrow();
        // Until its peer answers.
        expect(host.sockets.all()).toHaveLength(1);
      },
    );

    hostTest("a wrong close code, and a reason that is too long, throw", ({ host, socket }) => {
      const ws = socket();
      host.sockets.accept(ws);
      expect(() => ws.close(999, "")).toThrow("close code");
      expect(() => ws.close(4000, "x".repeat(124))).toThrow("reason");
    });
  });
}
