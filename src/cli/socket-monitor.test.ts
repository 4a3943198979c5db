import { describe, expect, test } from "vitest";
import { parseTcpTable, peerKey, type TcpTable, watchPeers } from "./socket-monitor.ts";

const HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const row = (peer: string, state: string, unsent: string, timer: string): string =>
  `   1: 0100007F:2253 ${peer} ${state} ${unsent}:00000000 ${timer}:0000002A 00000000     0        0 470433 2 0`;

describe("F6 a table of TCP connections", () => {
  test("has each open connection by its peer's address and port", () => {
    const table = parseTcpTable(
      [HEADER, row("0100007F:8FBC", "01", "00270F00", "04"), row("0100007F:0050", "08", "00000010", "01")].join("\n"),
    );
    expect(table.get(peerKey("127.0.0.1:36796") ?? "")).toEqual({ unsent: 0x270f00, noSpace: true });
    expect(table.get(peerKey("127.0.0.1:80") ?? "")).toEqual({ unsent: 16, noSpace: false });
  });

  test("has IPv6 addresses, and IPv4 addresses within IPv6 as IPv4", () => {
    const table = parseTcpTable(
      [
        HEADER,
        row("B80D01200000000067452301EFCDAB89:0051", "01", "00000000", "00"),
        row("0000000000000000FFFF00000100007F:0052", "01", "00000000", "00"),
      ].join("\n"),
    );
    expect(table.has(peerKey("[2001:db8::123:4567:89ab:cdef]:81") ?? "")).toBe(true);
    expect(table.has(peerKey("127.0.0.1:82") ?? "")).toBe(true);
    expect(table.has(peerKey("[::ffff:127.0.0.1]:82") ?? "")).toBe(true);
  });

  test("has no connection that listens, closes or has been closed", () => {
    const rows = ["0A", "04", "06", "07"].map((state) => row("0100007F:8FBC", state, "00000000", "00"));
    expect(parseTcpTable([HEADER, ...rows].join("\n")).size).toBe(0);
  });

  test.each(["", "127.0.0.1", "999.0.0.1:80", "localhost:80", "[::g]:80"])("has nothing for the peer %j", (peer) => {
    expect(peerKey(peer)).toBeUndefined();
  });
});

/** Watches one peer, whose unsent bytes are as `unsent` says at each time. */
async function watch(unsent: (at: number) => number | undefined, noSpace: boolean): Promise<[string, number]> {
  const peer = "127.0.0.1:80";
  let now = 0;
  const read = async (): Promise<TcpTable> => {
    const bytes = unsent(now);
    return new Map(bytes === undefined ? [] : [[peerKey(peer) ?? "", { unsent: bytes, noSpace }]]);
  };
  const clock = { now: () => now, sleep: async (milliseconds: number) => void (now += milliseconds) };
  const states = await watchPeers([peer], read, clock);
  return [states?.[peer] ?? "", now];
}

describe("F6 a connection", () => {
  test("for which nothing waits is drained", async () => {
    expect(await watch(() => 0, false)).toEqual(["drained", 0]);
    expect(await watch((at) => (at < 300 ? 100_000 : 10), true)).toEqual(["drained", 300]);
  });

  test("without space for more that takes nothing for half a second is stalled", async () => {
    expect(await watch(() => 100_000, true)).toEqual(["stalled", 500]);
  });

  test("whose network loses packets has two seconds", async () => {
    const [state, at] = await watch(() => 100_000, false);
    expect(state).toBe("stalled");
    expect(at).toBeGreaterThan(1_900);
  });

  test("that takes some of what waits is slow, not stalled", async () => {
    expect(await watch((at) => 100_000 + at, true)).toEqual(["slow", 2_000]);
  });

  test("that is no longer there is gone", async () => {
    expect(await watch(() => undefined, false)).toEqual(["gone", 0]);
  });

  test("is unknown where the system has no table", async () => {
    expect(await watchPeers(["127.0.0.1:80"], async () => undefined)).toBeUndefined();
  });
});
