import type { RoomMessage } from "../../src/protocol/room/index.ts";
import type { Position } from "../../src/protocol/position.ts";
import { Follower } from "./follower.ts";
import { Peer } from "./peer.ts";

export interface Count {
  readonly count: number;
}

export interface Add {
  readonly add: number;
}

/** What all clients of one room have seen between them. Whatever two of them see differently is an error. */
export class World {
  readonly #ops = new Map<string, string>();
  readonly #states = new Map<string, number>();
  readonly #mutations = new Map<string, string>();

  /** O2, X1: one op under each number, one number for each mutation. */
  op({ epoch, seq }: Position, op: Add, by: string | undefined, m: number | undefined): void {
    const at = `${epoch}.${seq}`;
    once(this.#ops, at, JSON.stringify([op, by, m]), "op");
    if (by !== undefined && m !== undefined) once(this.#mutations, `${by} ${m}`, at, "mutation");
  }

  /** S3: one state at each version. */
  state({ epoch, seq }: Position, { count }: Count): void {
    once(this.#states, `${epoch}.${seq}`, count, "state");
  }

  /** The state that an epoch began with, when somebody has seen it. */
  base(epoch: string): number | undefined {
    return this.#states.get(`${epoch}.0`);
  }
}

function once<T>(map: Map<string, T>, key: string, value: T, what: string): void {
  const before = map.get(key);
  if (before !== undefined && before !== value) {
    throw new Error(`${what} ${key} was ${String(before)} and is ${String(value)}.`);
  }
  map.set(key, value);
}

/** A client that keeps what PROTOCOL.md tells a client to keep, and loses its connection now and then. */
export class Client {
  readonly #id = crypto.randomUUID();
  readonly #world: World;
  /** What is not answered, and the version of the welcome under which it was first sent. */
  readonly #pending = new Map<number, { readonly amount: number; first?: string }>();
  /** What it has asked for, by mutation number. */
  readonly asked: number[] = [];
  #you: string | undefined;
  #kept: { readonly position: Position; readonly state: Count } | undefined;
  #follower: Follower<Count, Add> | undefined;
  #failure: Error | undefined;
  welcome: Extract<RoomMessage, { t: "welcome" }> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get connected(): boolean {
    return this.#follower !== undefined;
  }

  get follower(): Follower<Count, Add> {
    if (this.#follower === undefined) throw new Error("Not connected.");
    return this.#follower;
  }

  async connect(room: Pick<DurableObjectStub, "fetch">, withSince: boolean): Promise<void> {
    if (this.#follower !== undefined) return;
    const peer = await Peer.native(room);
    const from = withSince ? this.#kept : undefined;
    // What comes after the connection was lost did not come.
    const ifAlive = <T extends readonly unknown[]>(hear: (...args: T) => void) => {
      return (...args: T): void => {
        if (this.#follower !== follower) return;
        try {
          hear(...args);
        } catch (error) {
          this.#failure ??= error instanceof Error ? error : new Error(String(error));
        }
      };
    };
    const follower: Follower<Count, Add> = new Follower<Count, Add>(
      peer,
      {
        fold: (state, { add }) => ({ count: state.count + add }),
        onOp: ifAlive(({ op, by, m }) => {
          this.#world.op(follower.position, op, by, m);
          this.#world.state(follower.position, follower.state ?? { count: Number.NaN });
          if (by === this.#you && m !== undefined) this.#pending.delete(m);
        }),
        onSnapshot: ifAlive((snapshot) => this.#world.state(snapshot, snapshot.state as Count)),
        onMessage: ifAlive((message) => this.#hear(message)),
      },
      from,
    );
    this.#follower = follower;
    this.welcome = undefined;
    peer.send({
      t: "hello",
      v: 1,
      client: this.#id,
      ...(from === undefined ? {} : { since: { ...from.position } }),
      presence: null,
    });
  }

  drop(): void {
    if (this.#follower === undefined) return;
    const { peer, position, state } = this.#follower;
    if (state !== undefined) this.#kept = { position, state };
    this.#follower = undefined;
    peer.socket.close(1000);
  }

  add(amount: number): void {
    const m = this.asked.push(amount);
    this.#pending.set(m, { amount });
    if (this.welcome !== undefined) this.#send(m);
  }

  /** Sends its latest again, answered or not, as one that is not sure of anything. */
  repeat(count: number): void {
    if (this.welcome === undefined) return;
    const again = `${this.welcome.epoch}.${this.welcome.head}`;
    for (let m = Math.max(1, this.asked.length - count + 1); m <= this.asked.length; m += 1) {
      this.#follower?.peer.send({ t: "mutate", m, again, intents: [{ add: this.asked[m - 1] }] });
    }
  }

  /** Resolves when it is at the position and nothing that it asked is unanswered. */
  async settled(position: Position): Promise<void> {
    await this.answered();
    await this.follower.until(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.follower.epoch === position.epoch && this.follower.seq === position.seq;
    });
  }

  /** Resolves when nothing that it asked is unanswered. */
  async answered(): Promise<void> {
    await this.follower.until(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.welcome !== undefined && this.#pending.size === 0;
    });
  }

  toString(): string {
    const at = this.#follower === undefined ? "offline" : `${this.#follower.epoch}.${this.#follower.seq}`;
    return `at ${at}, pending ${[...this.#pending.keys()].join(",")}`;
  }

  #hear(message: RoomMessage): void {
    if (message.t === "welcome") {
      if (this.#you !== undefined && this.asked.length > 0 && message.last > 0 && message.you !== this.#you) {
        throw new Error("Its public name has changed.");
      }
      this.welcome = message;
      this.#you = message.you;
      for (const m of this.#pending.keys()) {
        const applied = m <= message.last && !message.gaps.some(([from, to]) => m >= from && m <= to);
        if (applied && message.resume !== "tail") this.#pending.delete(m);
        // With a tail, its op is on the way, or it changed nothing and is answered again.
        else if (!applied) this.#send(m);
      }
    } else if (message.t === "done") {
      this.#pending.delete(message.m);
    } else if (message.t === "refused") {
      if (message.m === undefined || message.code !== "conflict")
        throw new Error(`${message.code}: ${message.message}`);
      this.#pending.delete(message.m);
    }
  }

  #send(m: number): void {
    const pending = this.#pending.get(m);
    if (pending === undefined || this.welcome === undefined) return;
    const again = pending.first;
    pending.first ??= `${this.welcome.epoch}.${this.welcome.head}`;
    const intents = [{ add: pending.amount }];
    this.#follower?.peer.send({ t: "mutate", m, intents, ...(again === undefined ? {} : { again }) });
  }
}
