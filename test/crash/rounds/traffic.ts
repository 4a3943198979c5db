import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Rooms } from "../../../src/client/connect.ts";
import { chat } from "../../simulation/actors/chat.ts";
import { document } from "../../simulation/actors/document.ts";
import { map } from "../../simulation/actors/map.ts";
import type { Handle, Script } from "../../simulation/actors/script.ts";
import { stream } from "../../simulation/actors/stream.ts";
import { tally } from "../../simulation/actors/tally.ts";
import { Chance } from "../../simulation/random.ts";

/** What people of the simulation do, but that nothing is deleted: each write has to be found. */
const KINDS = {
  document,
  chat: { ...chat, mutate: (handle, _chance, token) => ({ token, promise: handle.send(token) }) } as typeof chat,
  map,
  stream,
  tally,
} as unknown as Readonly<Record<string, Script>>;

/** Mutations of one client that are unanswered at a time, at most. */
const IN_FLIGHT = 6;
const MAX_PAUSE_MS = 15;
const RETRY_MS = 50;

/** After these nobody can say whether a mutation was applied. */
const UNCERTAIN: ReadonlySet<string> = new Set(["closed", "unknown", "receipt_expired"]);

/** The server, which is killed and started again. */
export interface Target {
  readonly url: string;
  /** Resolves when it is up. */
  up(): Promise<void>;
}

/** Somebody who writes into one room until told to stop, each write with a token of its own, numbered from `first` on. */
export interface Writer {
  readonly room: Room;
  /** The tokens of what was acknowledged, in the order in which it was asked for. */
  readonly acknowledged: Set<string>;
  /** Those of what was refused, and so may not be there. */
  readonly refused: Set<string>;
  run(goesOn: () => boolean): Promise<void>;
  /** The server is up again. */
  retry(): void;
  end(): void;
}

/** One room and its log. */
export class Room {
  readonly kind: string;
  readonly script: Script;
  readonly id: string;

  constructor(kind: string, id: string) {
    this.kind = kind;
    this.script = KINDS[kind] as Script;
    this.id = id;
  }

  static all(id: string): readonly Room[] {
    return Object.keys(KINDS).map((kind) => new Room(kind, id));
  }

  url({ url }: Target, path = ""): string {
    return `${url}${this.script.path(this.id)}${path}`;
  }

  /** The tokens in the log, in its order. Throws where an op is missing. */
  async tokens(target: Target): Promise<readonly string[]> {
    const tokens: string[] = [];
    let expected = 1;
    for (let from: number | undefined = 1; from !== undefined;) {
      const response = await fetch(this.url(target, `/history?from=${from}&limit=1000`));
      if (!response.ok) throw new Error(`${this.kind}: history answers ${response.status} ${await response.text()}`);
      const page = (await response.json()) as {
        readonly runs: readonly {
          readonly seq: number;
          readonly entries: readonly { readonly ops: readonly never[] }[];
        }[];
        readonly next?: number;
      };
      for (const { seq, entries } of page.runs) {
        if (seq !== expected) throw new Error(`${this.kind}: op ${expected} is missing before ${seq}`);
        for (const op of entries.flatMap(({ ops }) => ops)) {
          expected += 1;
          tokens.push(...this.script.tokens(op));
        }
      }
      from = page.next;
    }
    return tokens;
  }
}

/** A stream is read by subscriptions, and those are what tries again. */
interface Retrying {
  retry(): void;
  subscribe(listener: () => void): Partial<Retrying>;
}

/** With the package's own client, over a WebSocket. */
export class ClientWriter implements Writer {
  readonly room: Room;
  readonly acknowledged = new Set<string>();
  readonly refused = new Set<string>();
  readonly #first: number;
  readonly #rooms: Rooms;
  readonly #handle: Handle;
  /** Ends the wait for the next try to connect. */
  readonly #retry: () => void;
  readonly #open = new Set<Promise<void>>();

  constructor(target: Target, room: Room, first: number) {
    this.room = room;
    this.#first = first;
    this.#rooms = connect(target.url, { onError: () => {} });
    const handle = room.script.open(this.#rooms, room.id, false) as Handle & Partial<Retrying>;
    this.#handle = handle;
    const retrying = handle.retry === undefined ? handle.subscribe?.(() => {}) : handle;
    this.#retry = () => retrying?.retry?.();
  }

  async run(goesOn: () => boolean): Promise<void> {
    for (let n = this.#first; goesOn(); n += 1) {
      this.#write(`token-${n}`, new Chance(n));
      await sleep(Math.random() * MAX_PAUSE_MS);
      if (this.#open.size >= IN_FLIGHT) await Promise.race(this.#open);
    }
    await Promise.all(this.#open);
  }

  #write(asked: string, chance: Chance): void {
    const { token, promise } = this.room.script.mutate(this.#handle, chance, asked, 2_000);
    const settled = this.#note(token, promise);
    this.#open.add(settled);
    void settled.finally(() => this.#open.delete(settled));
  }

  async #note(token: string | undefined, answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
      if (token !== undefined) this.acknowledged.add(token);
    } catch (error) {
      const { code } = error as { readonly code: string };
      if (token !== undefined && !UNCERTAIN.has(code)) this.refused.add(token);
    }
  }

  retry(): void {
    this.#retry();
  }

  end(): void {
    this.#rooms.close();
  }
}

/** Over HTTP, one write at a time, each under a key of its own and sent until it is answered. */
export class RequestWriter implements Writer {
  readonly room: Room;
  readonly acknowledged = new Set<string>();
  readonly refused = new Set<string>();
  readonly #first: number;
  readonly #target: Target;

  constructor(target: Target, room: Room, first: number) {
    this.room = room;
    this.#target = target;
    this.#first = first;
  }

  async run(goesOn: () => boolean): Promise<void> {
    for (let n = this.#first; goesOn(); n += 1) {
      const token = `token-${n}`;
      const status = await this.#insist(token, new Chance(n));
      if (status < 300) this.acknowledged.add(token);
      else this.refused.add(token);
      await sleep(Math.random() * MAX_PAUSE_MS);
    }
  }

  retry(): void {}

  end(): void {}

  async #insist(token: string, chance: Chance): Promise<number> {
    const { path, body } = this.room.script.request(chance, token);
    const headers = { "content-type": "application/json", "idempotency-key": `key-${token}` };
    for (;;) {
      await this.#target.up();
      try {
        const response = await fetch(this.room.url(this.#target, path), { method: "POST", headers, body });
        await response.arrayBuffer();
        if (response.status < 500) return response.status;
      } catch {
        // Cut off.
      }
      await sleep(RETRY_MS);
    }
  }
}
