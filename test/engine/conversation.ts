import { SUBPROTOCOL } from "../../src/protocol/version.ts";
import { DIALECT_HEADER } from "../../src/room/api.ts";
import { formatVersion, type Position } from "../../src/protocol/position.ts";
import { Peer } from "./peer.ts";

type Reachable = Pick<DurableObjectStub, "fetch">;

/** What has happened so far in a conversation, for frames that depend on it. */
export interface So {
  /** The position that the peer has been told of last. */
  readonly at: Position;
  /** The version that its welcome named. */
  readonly welcomed: string;
}

/** One move in a conversation, and how many messages each peer hears because of it. */
export interface Move<Room extends Reachable> {
  /** Connects a peer under this name, in a dialect. */
  readonly connect?: string;
  readonly dialect?: string;
  /** What the Worker says of it besides. */
  readonly headers?: Readonly<Record<string, string>>;
  /** This peer closes its socket, or says one frame: messages, or text as it is. */
  readonly by?: string;
  readonly closes?: true;
  readonly says?: string | readonly object[] | ((so: So) => readonly object[]);
  /** The Worker calls the room. */
  readonly calls?: (room: Room) => Promise<unknown>;
  readonly heard?: Readonly<Record<string, number>>;
}

/** What every peer heard after each move, with what is random or a time taken out. */
export type Transcript = readonly Readonly<Record<string, readonly string[]>>[];

/**
 * Plays a conversation in a fresh room. `between(n)` comes after move n has had all its effects. A message
 * too many shows in the transcript of a later move, one too few never comes and fails the test by its time.
 */
export async function play<Room extends Reachable>(
  room: Room,
  moves: readonly Move<Room>[],
  between: (move: number) => Promise<void>,
): Promise<Transcript> {
  const peers = new Map<string, Peer>();
  const at = new Map<string, Position>();
  const welcomed = new Map<string, string>();
  const names = new Names();
  const transcript: Record<string, readonly string[]>[] = [];
  const peer = (name: string): Peer => {
    const found = peers.get(name);
    if (found === undefined) throw new Error(`${name} is not connected.`);
    return found;
  };
  for (const [index, move] of moves.entries()) {
    const heard: Record<string, readonly string[]> = {};
    if (move.connect !== undefined) {
      const { dialect } = move;
      const headers = dialect === undefined ? { "Sec-WebSocket-Protocol": SUBPROTOCOL } : { [DIALECT_HEADER]: dialect };
      peers.set(move.connect, await Peer.connect(room, { ...headers, ...move.headers }));
    }
    if (move.by !== undefined) {
      const { socket } = peer(move.by);
      if (move.closes === true) socket.close(1000);
      const so = { at: at.get(move.by) ?? NOWHERE, welcomed: welcomed.get(move.by) ?? "" };
      const says = typeof move.says === "function" ? move.says(so) : move.says;
      if (typeof says === "string") socket.send(says);
      else if (says !== undefined) socket.send(says.map((message) => JSON.stringify(message)).join("\n"));
    }
    if (move.calls !== undefined) heard["(call)"] = [names.hide(JSON.stringify(await move.calls(room)) ?? "")];
    for (const [name, count] of Object.entries(move.heard ?? {})) {
      const lines: string[] = [];
      for (let n = 0; n < count; n += 1) {
        const line = await inTime(
          peer(name).line(),
          () => `Move ${index}: ${name} heard ${n} of ${count}: ${lines.join("\n")}`,
        );
        const position = positionAfter(line, at.get(name) ?? NOWHERE);
        if (position !== undefined) at.set(name, position);
        if (position !== undefined && line.startsWith('{"t":"welcome"')) welcomed.set(name, formatVersion(position));
        lines.push(names.hide(line));
      }
      heard[name] = lines;
    }
    transcript.push(heard);
    await between(index);
  }
  // What nobody awaited.
  transcript.push(
    Object.fromEntries([...peers].map(([name, { unread }]) => [name, unread.map((line) => names.hide(line))])),
  );
  return transcript;
}

function inTime<T>(promise: Promise<T>, otherwise: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(otherwise())), 20_000);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const NOWHERE: Position = { epoch: "", seq: 0 };

function positionAfter(line: string, before: Position): Position | undefined {
  if (!line.startsWith('{"t":')) return undefined;
  const message = JSON.parse(line) as {
    t: string;
    epoch: string;
    head: number;
    seq: number;
    entries: { ops: unknown[] }[];
  };
  if (message.t === "welcome") return { epoch: message.epoch, seq: message.head };
  if (message.t === "snapshot") return { epoch: message.epoch, seq: message.seq };
  if (message.t !== "ops") return undefined;
  return { ...before, seq: message.seq - 1 + message.entries.flatMap(({ ops }) => ops).length };
}

/** Gives random ids names in the order in which they appear, and takes times out. */
class Names {
  readonly #names = new Map<string, string>();

  hide(line: string): string {
    for (const [, id] of line.matchAll(/"(?:conn|you|by|epoch|address)":"([a-z0-9]+)"/g)) this.#name(id);
    for (const [, id] of line.matchAll(/"([a-z0-9]{8})":\{"by"/g)) this.#name(id);
    for (const [, id] of line.matchAll(/"gone":\["([a-z0-9]{8})"/g)) this.#name(id);
    for (const [, id] of line.matchAll(/"version":"([a-z0-9]+)\.\d+"/g)) this.#name(id);
    let text = line.replaceAll(/"(at|now|savedAt|lastAt|timestamp)":\d+/g, '"$1":0');
    for (const [id, name] of this.#names) text = text.replaceAll(id, name);
    return text;
  }

  #name(id: string | undefined): void {
    if (id !== undefined && id.length > 1 && !this.#names.has(id)) this.#names.set(id, `<${this.#names.size + 1}>`);
  }
}
