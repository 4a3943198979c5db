import type { RoomMessage } from "../../src/protocol/room/index.ts";
import type { Position } from "../../src/protocol/position.ts";
import { PING, PONG } from "../../src/protocol/version.ts";
import type { Peer } from "./peer.ts";

/** One op as it was numbered, with its author. */
export interface Seen<Op> {
  readonly epoch: string;
  readonly seq: number;
  readonly op: Op;
  readonly by?: string;
  readonly m?: number;
}

export interface Following<State, Op> {
  readonly fold: (state: State, op: Op) => State;
  /** Whether it answers marks; it may start and stop. */
  readonly answers?: boolean;
  /** Called with each op that is new to this follower. */
  readonly onOp?: (seen: Seen<Op>) => void;
  /** Called with each snapshot, when its state is this follower's. */
  readonly onSnapshot?: (snapshot: Extract<RoomMessage, { t: "snapshot" }>) => void;
  /** Called with everything that is neither a snapshot nor ops. */
  readonly onMessage?: (message: RoomMessage) => void;
}

/**
 * A client as PROTOCOL.md wants it, which trusts nothing: it keeps the fold of what it hears, and an op
 * that is missing, or that comes under a number it has had already with other content, is an error.
 */
export class Follower<State, Op> {
  readonly peer: Peer;
  answers: boolean;
  state: State | undefined;
  epoch = "";
  seq = 0;
  /** UTF-16 units heard since the last mark, and since the last answer to one; marks do not count. */
  sinceMark = 0;
  unanswered = 0;
  /** The largest that the two have been. */
  readonly largest = { sinceMark: 0, unanswered: 0 };
  pongs = 0;
  readonly snapshots: Extract<RoomMessage, { t: "snapshot" }>[] = [];
  #unansweredMark: number | undefined;
  #failure: Error | undefined;
  #waiting: (() => void)[] = [];
  readonly #had = new Map<number, string>();
  readonly #how: Following<State, Op>;

  constructor(peer: Peer, how: Following<State, Op>, from?: { readonly position: Position; readonly state: State }) {
    this.peer = peer;
    this.#how = how;
    this.answers = how.answers ?? true;
    if (from !== undefined) {
      this.epoch = from.position.epoch;
      this.seq = from.position.seq;
      this.state = from.state;
    }
    void this.#follow();
  }

  get position(): Position {
    return { epoch: this.epoch, seq: this.seq };
  }

  /** Resolves when the condition holds; rejects when this follower has met an error. */
  async until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Answers the latest mark, and every one from now on. */
  answer(): void {
    this.answers = true;
    if (this.#unansweredMark !== undefined) this.peer.send({ t: "ack", n: this.#unansweredMark });
    this.#unansweredMark = undefined;
    this.unanswered = 0;
  }

  /** Resolves when everything that the room had sent by now has come. */
  async caughtUp(): Promise<void> {
    const pongs = this.pongs + 1;
    this.peer.socket.send(PING);
    await this.until(() => this.pongs >= pongs);
  }

  async #follow(): Promise<void> {
    for (;;) {
      const line = await this.peer.line();
      try {
        if (line === PONG) this.pongs += 1;
        else this.#hear(line, JSON.parse(line) as RoomMessage);
      } catch (error) {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      }
      for (const waiting of this.#waiting.splice(0)) waiting();
    }
  }

  #hear(line: string, message: RoomMessage): void {
    if (message.t !== "mark") this.#count(line);
    switch (message.t) {
      case "snapshot":
        this.snapshots.push(message);
        this.epoch = message.epoch;
        this.seq = message.seq;
        this.state = message.state as State;
        this.#had.clear();
        this.#how.onSnapshot?.(message);
        break;
      case "ops":
        this.#hearOps(message);
        break;
      case "mark":
        this.sinceMark = 0;
        this.#unansweredMark = message.n;
        if (this.answers) this.answer();
        break;
      case "welcome":
      case "presence":
      case "done":
      case "refused":
        this.#how.onMessage?.(message);
        break;
    }
  }

  #hearOps(message: Extract<RoomMessage, { t: "ops" }>): void {
    if (message.seq > this.seq + 1) throw new Error(`Ops ${this.seq + 1} to ${message.seq - 1} are missing.`);
    let { seq } = message;
    for (const { ops, by, m } of message.entries) {
      for (const op of ops) {
        const text = JSON.stringify([op, by, m]);
        if (seq > this.seq) {
          if (this.state === undefined) throw new Error("An op before any snapshot.");
          this.state = this.#how.fold(this.state, op as Op);
          this.seq = seq;
          this.#had.set(seq, text);
          const author = { ...(by === undefined ? {} : { by }), ...(m === undefined ? {} : { m }) };
          this.#how.onOp?.({ epoch: this.epoch, seq, op: op as Op, ...author });
        } else if ((this.#had.get(seq) ?? text) !== text) {
          throw new Error(`Op ${seq} came as ${this.#had.get(seq) ?? ""} and as ${text}.`);
        }
        seq += 1;
      }
    }
  }

  #count(line: string): void {
    this.sinceMark += line.length;
    this.unanswered += line.length;
    this.largest.sinceMark = Math.max(this.largest.sinceMark, this.sinceMark);
    this.largest.unanswered = Math.max(this.largest.unanswered, this.unanswered);
  }
}
