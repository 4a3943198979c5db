import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReaderState } from "../protocol/reader-state.ts";

/** The name by which rooms find it. */
export const SOCKETS_BINDING = "ROOMCAST_SOCKETS";

/** The kernel holds this little of a connection only if nothing waits for it in workerd. */
const DRAINED_BYTES = 4096;
const LOOK_EVERY_MS = 50;
/** A connection whose peer advertises no space and takes nothing for this long is stalled. */
const NO_SPACE_MS = 500;
/** One that takes nothing for any other reason, such as a network that loses packets. */
const NOTHING_TAKEN_MS = 2000;

const ESTABLISHED = "01";
const CLOSE_WAIT = "08";
/** Of the kernel's timers: it asks a peer without space whether it has some. */
const ZERO_WINDOW_PROBE = "04";

/** One TCP connection, as the kernel shows it. */
export interface TcpConnection {
  /** Given to the kernel, and not acknowledged by the peer. */
  readonly unsent: number;
  /** The peer has no space for more. */
  readonly noSpace: boolean;
}

/** Connections by the peer's address and port, as `peerKey` writes them. */
export type TcpTable = ReadonlyMap<string, TcpConnection>;

/** Reads what Linux knows of the open TCP connections; undefined elsewhere. */
export async function readTcpTable(): Promise<TcpTable | undefined> {
  const texts = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => undefined)),
  );
  if (texts.every((text) => text === undefined)) return undefined;
  return new Map(texts.flatMap((text) => [...parseTcpTable(text ?? "")]));
}

/** The connections of a table in the format of `/proc/net/tcp` and `/proc/net/tcp6`. */
export function parseTcpTable(text: string): TcpTable {
  const found = new Map<string, TcpConnection>();
  for (const line of text.split("\n").slice(1)) {
    const [, , peer, state, queues, timer] = line.trim().split(/\s+/);
    if (peer === undefined || queues === undefined || timer === undefined) continue;
    if (state !== ESTABLISHED && state !== CLOSE_WAIT) continue;
    const [address = "", port = ""] = peer.split(":");
    const unsent = parseInt(queues.slice(0, 8), 16);
    found.set(`${inNetworkOrder(address)}:${port}`, { unsent, noSpace: timer.startsWith(ZERO_WINDOW_PROBE) });
  }
  return found;
}

/** The kernel writes addresses as 32-bit words of a little-endian machine. IPv4 within IPv6 counts as IPv4. */
function inNetworkOrder(words: string): string {
  const hex = words.replace(/(..)(..)(..)(..)/g, "$4$3$2$1").toUpperCase();
  return hex.replace(/^0{20}FFFF(?=.{8}$)/, "");
}

/** `127.0.0.1:8000` or `[::1]:8000` as the table has it; undefined for anything else. */
export function peerKey(peer: string): string | undefined {
  const [, address, port] = /^(.+):(\d{1,5})$/.exec(peer) ?? [];
  if (address === undefined || port === undefined) return undefined;
  const bytes = address.includes(":") ? ipv6(address.replace(/^\[|\]$/g, "")) : ipv4(address);
  const suffix = Number(port).toString(16).padStart(4, "0").toUpperCase();
  return bytes === undefined ? undefined : `${bytes}:${suffix}`;
}

function ipv4(address: string): string | undefined {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || !parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256)) return undefined;
  return parts
    .map((part) => part.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

function ipv6(address: string): string | undefined {
  const url = URL.parse(`http://[${address}]`);
  if (url === null) return undefined;
  const [head = "", tail] = url.hostname.slice(1, -1).split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const front = groups(head);
  const back = groups(tail ?? "");
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  const hex = [...front, ...zeros, ...back]
    .map((group) => group.padStart(4, "0"))
    .join("")
    .toUpperCase();
  return hex.replace(/^0{20}FFFF(?=.{8}$)/, "");
}

/** What has been seen of one connection. */
interface Watched {
  readonly peer: string;
  readonly key: string | undefined;
  unsent: number;
  /** Since when it has taken nothing. */
  since: number;
  state: ReaderState | undefined;
}

export interface MonitorClock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

const SYSTEM: MonitorClock = { now: () => performance.now(), sleep: (milliseconds) => sleep(milliseconds) };

/**
 * Watches the connections of `peers` until it is known of each whether it reads, for two seconds at most. Undefined where
 * the system does not tell.
 */
export async function watchPeers(
  peers: readonly string[],
  read: () => Promise<TcpTable | undefined> = readTcpTable,
  clock: MonitorClock = SYSTEM,
): Promise<Record<string, ReaderState> | undefined> {
  const start = clock.now();
  const all = peers.map((peer): Watched => {
    return { peer, key: peerKey(peer), unsent: -1, since: start, state: undefined };
  });
  for (;;) {
    const table = await read();
    if (table === undefined) return undefined;
    const now = clock.now();
    for (const watched of all) if (watched.state === undefined) look(watched, table, now);
    const late = now - start >= NOTHING_TAKEN_MS;
    if (late || all.every(({ state }) => state !== undefined)) break;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return Object.fromEntries(all.map(({ peer, state = "slow" }) => [peer, state]));
}

function look(watched: Watched, table: TcpTable, now: number): void {
  const found = watched.key === undefined ? undefined : table.get(watched.key);
  if (found === undefined) {
    watched.state = "gone";
    return;
  }
  if (found.unsent < DRAINED_BYTES) {
    watched.state = "drained";
    return;
  }
  if (found.unsent !== watched.unsent) {
    watched.unsent = found.unsent;
    watched.since = now;
  } else if (now - watched.since >= (found.noSpace ? NO_SPACE_MS : NOTHING_TAKEN_MS - LOOK_EVERY_MS)) {
    watched.state = "stalled";
  }
}
