import assert from "node:assert/strict";

interface Entry {
  readonly by?: string;
  readonly m?: number;
  readonly ops: readonly unknown[];
  readonly skip?: number;
}

interface Line {
  readonly t: string;
  readonly epoch?: string;
  readonly seq?: number;
  readonly head?: number;
  readonly resume?: string;
  readonly entries?: readonly Entry[];
  readonly reset?: string;
  readonly since?: { readonly epoch: string; readonly seq: number };
  readonly filter?: string;
  readonly from?: unknown;
  readonly n?: number;
  readonly m?: number;
  readonly you?: string;
  readonly conn?: string;
  readonly presence?: unknown;
  readonly all?: boolean;
  readonly set?: object;
  readonly gone?: readonly string[];
  readonly state?: unknown;
}

/** One op as a client was sent it. */
export interface SeenOp {
  readonly epoch: string;
  readonly seq: number;
  readonly by: string | undefined;
  readonly m: number | undefined;
  readonly op: unknown;
}

/** Units that a client which never answers a mark is sent at most: the window, one frame, and a catch-up's page. */
const WINDOW_UNITS = 1024 * 1024 + 600_000;

/**
 * One native connection, read as PROTOCOL.md has it: what is sent must be right for any client, not only for ours, which
 * heals itself by connecting again.
 */
export class Wire {
  readonly seen: SeenOp[] = [];
  /** The permissions of its connection. */
  readonly can: string;
  /** The numbers of the mutations that it sent. */
  readonly sent = new Set<number>();
  readonly snapshots: { readonly epoch: string; readonly seq: number; readonly state: unknown }[] = [];
  filter: string | undefined;
  #hello: Line | undefined;
  #welcomed = false;
  #epoch = "";
  /** Everything up to here has come; undefined where a snapshot is to come first. */
  #seq: number | undefined;
  #roster: Set<string> | undefined;
  #owed = 0;
  watching = false;
  /** This connection's key in the roster. */
  conn: string | undefined;
  /** Its client's public name. */
  you: string | undefined;

  constructor(can: string) {
    this.can = can;
  }

  up(data: string): void {
    for (const text of data.split("\n")) {
      const line = JSON.parse(text) as Line;
      if (line.t === "hello") {
        this.#hello = line;
        this.filter = line.filter;
      }
      if (line.t === "mutate" && line.m !== undefined) this.sent.add(line.m);
      if (line.t === "ack") this.#owed = 0;
      if (line.t === "presence" || (line.t === "hello" && line.presence !== undefined)) this.watching = true;
    }
  }

  down(data: string): void {
    assert.ok(
      this.can.includes("read") || data.startsWith('{"t":"refused"'),
      "A4: somebody who may not read is sent this",
    );
    this.#owed += data.length;
    assert.ok(this.#owed <= WINDOW_UNITS, `F2: ${this.#owed} units are unanswered`);
    for (const text of data.split("\n")) this.#line(JSON.parse(text) as Line);
  }

  /** The members that this connection was told of; undefined for one that does not watch. */
  get roster(): ReadonlySet<string> | undefined {
    return this.#roster;
  }

  #line(line: Line): void {
    assert.ok(this.#welcomed || line.t === "welcome" || line.t === "refused", `${line.t} came before welcome`);
    switch (line.t) {
      case "welcome":
        this.#welcome(line);
        break;
      case "snapshot":
        this.#snapshot(line);
        break;
      case "ops":
        this.#ops(line);
        break;
      case "presence":
        this.#presence(line);
        break;
      default:
    }
  }

  #welcome(line: Line): void {
    this.#welcomed = true;
    this.conn = line.conn;
    this.you = line.you;
    this.#epoch = line.epoch ?? "";
    const since = this.#hello?.since;
    if (line.resume === "tail") {
      assert.equal(since?.epoch, line.epoch, "R1: a tail is of the client's own history");
      this.#seq = since?.seq;
    }
    if (line.presence !== undefined) this.#roster = new Set(Object.keys(line.presence as object));
  }

  #snapshot(line: Line): void {
    const { epoch = "", seq = 0 } = line;
    if (epoch === this.#epoch && this.#seq !== undefined && line.reset === undefined) {
      assert.ok(seq >= this.#seq, `R2: a snapshot goes back from ${this.#seq} to ${seq}`);
    }
    this.#epoch = epoch;
    this.#seq = seq;
    if (this.#hello?.from === undefined) this.snapshots.push({ epoch, seq, state: line.state });
  }

  #ops({ seq = 0, entries = [] }: Line): void {
    assert.ok(this.#seq !== undefined, "Ops came before the snapshot that they follow");
    assert.ok(seq <= this.#seq + 1, `R1: ops from ${seq} follow ${this.#seq}`);
    let at = seq;
    for (const { by, m, ops, skip = 0 } of entries) {
      for (const op of ops) {
        if (at > this.#seq) {
          this.seen.push({ epoch: this.#epoch, seq: at, by, m, op });
          this.#seq = at;
        }
        at += 1;
      }
      at += skip;
      this.#seq = Math.max(this.#seq, at - 1);
    }
  }

  #presence({ all, set = {}, gone = [] }: Line): void {
    assert.ok(this.watching, "P6: one that did not ask for the roster is told of it");
    if (all === true) this.#roster = new Set();
    assert.ok(this.#roster !== undefined, "P1: a change of the roster came before the roster");
    for (const conn of Object.keys(set)) {
      assert.ok(!gone.includes(conn), "P2: a connection comes and goes in one message");
      this.#roster.add(conn);
    }
    for (const conn of gone) this.#roster.delete(conn);
  }
}
