import type { Command } from "../dialects/dialect.ts";
import { doneMessage, readFrame, refusedMessage } from "../dialects/native/codec.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Hello } from "../protocol/client/hello.ts";
import { CODES } from "../protocol/codes.ts";
import type { JsonObject } from "../protocol/json.ts";
import { DEFAULT_LIMITS, DEFAULT_RETENTION, type Limits, type Retention } from "../protocol/limits.ts";
import { formatVersion } from "../protocol/position.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Welcome } from "../protocol/room/welcome.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { admitIntents, overBytes } from "./admit.ts";
import { Alarms } from "./alarms.ts";
import type { Admission, Outcome } from "./api.ts";
import { Broadcast, NATIVE, type AnyDialect } from "./broadcast.ts";
import { Connection } from "./connection.ts";
import { randomId } from "./ids.ts";
import { Ledger, type Author, type Mutation, type Numbered } from "./ledger.ts";
import { Pace } from "./pace.ts";
import { Roster } from "./presence.ts";
import { Store } from "./storage/store.ts";

export interface EngineOptions<State, Intent, Op> {
  readonly kind: Kind<State, Intent, Op>;
  readonly dialects: readonly AnyDialect<State, Op>[];
  readonly limits?: Partial<Limits>;
  readonly retention?: Partial<Retention>;
}

/** A member that has not pinged for this long is gone, whatever its socket says. Clients ping every 25 s. */
const SILENCE = 90_000;
/** How often to look for such members while nothing else wakes the room. */
const SWEEP_EVERY = 5 * 60_000;

/** A frame says a little more than the intents that it carries. */
const ENVELOPE_BYTES = 512;

/** Who waits for the next commit. */
type Waiter = (failed: Refusal | undefined) => void;

/** One room, awake: what its connections ask goes through admit, decide, commit and broadcast. */
export class Engine<State, Intent, Op> {
  readonly ledger: Ledger<State, Intent, Op>;
  readonly roster = new Roster();
  readonly limits: Limits;
  readonly store: Store;
  readonly #kind: Kind<State, Intent, Op>;
  readonly #ctx: DurableObjectState;
  readonly #alarms: Alarms;
  readonly #broadcast: Broadcast<State, Intent, Op>;
  readonly #dialects: ReadonlyMap<string, AnyDialect<State, Op>>;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #pace: Pace;
  #waiters: Waiter[] = [];
  #rosterTimer: ReturnType<typeof setTimeout> | undefined;
  #sweptAt = 0;

  constructor(ctx: DurableObjectState, options: EngineOptions<State, Intent, Op>) {
    const { kind } = options;
    this.#ctx = ctx;
    this.#kind = kind;
    this.limits = { ...DEFAULT_LIMITS, ...kind.limits, ...options.limits };
    this.store = new Store(ctx.storage);
    this.#alarms = new Alarms(ctx.storage);
    this.#dialects = new Map(options.dialects.map((dialect) => [dialect.name, dialect]));
    const retention = { ...DEFAULT_RETENTION, ...kind.retention, ...options.retention };
    this.ledger = new Ledger(kind, this.limits, retention, this.store, () => this.#clients());
    this.#broadcast = new Broadcast({
      kind,
      ledger: this.ledger,
      store: this.store,
      roster: this.roster,
      dialects: this.#dialects,
      connections: () => this.#connections.values(),
    });
    this.#pace = new Pace({
      staged: () => this.ledger.staged,
      flush: () => this.#flush(),
      durable: () => this.store.durable(),
    });
    for (const ws of ctx.getWebSockets()) {
      const connection = Connection.restore(ws);
      if (connection === undefined) continue;
      this.#connections.set(ws, connection);
      // Live ones were sent every op, and saving each time would cost more than sending.
      if (connection.lag === undefined) connection.flow.also(Math.max(0, this.ledger.total - connection.counted));
      const { record } = connection;
      if (record !== undefined) this.roster.restore(connection.id, record);
    }
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Takes a socket in. A native one is silent until it says hello. */
  accept(ws: WebSocket, dialect: string, admission: Admission): void {
    // A connected client must find the same epoch after a sleep, so the room is born now at the latest.
    this.store.transaction(() => this.ledger.birth());
    this.#ctx.acceptWebSocket(ws);
    const connection = Connection.open(ws, randomId(8), dialect, admission, Date.now());
    connection.session = this.#dialects.get(dialect)?.start ?? null;
    connection.save();
    this.#connections.set(ws, connection);
    if (dialect !== NATIVE) {
      // What is staged reaches it as a run; the snapshot must not have it yet.
      this.#carryOut(connection, this.#broadcast.step(connection, { type: "open", state: this.ledger.state }));
    }
  }

  speaks(dialect: string): boolean {
    return dialect === NATIVE || this.#dialects.has(dialect);
  }

  /** A frame from a client. */
  receive(ws: WebSocket, data: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) return;
    if (typeof data === "string" ? overBytes(data, this.limits.frameBytes) : data.byteLength > this.limits.frameBytes) {
      this.#end(connection, refuse("too_large", `A frame may have ${this.limits.frameBytes} bytes.`));
    } else if (connection.dialect !== NATIVE) {
      const refusal = typeof data === "string" ? this.#tooLarge(data) : undefined;
      if (refusal !== undefined) this.#broadcast.step(connection, { type: "refused", refusal });
      else this.#carryOut(connection, this.#broadcast.step(connection, { type: "frame", data }));
    } else if (typeof data !== "string") {
      this.#end(connection, refuse("bad_message", "Frames of this protocol are text."));
    } else {
      this.#receiveNative(connection, data);
    }
    this.#pace.turn();
    this.#turnRoster();
  }

  closed(ws: WebSocket): void {
    // One that closes while the room sleeps is not among the sockets that the room finds when it wakes.
    const connection = this.#connections.get(ws) ?? Connection.restore(ws);
    if (connection === undefined) return;
    const { record } = connection;
    if (!this.#connections.delete(ws) && record !== undefined) this.roster.restore(connection.id, record);
    this.roster.remove(connection.id);
    connection.forget();
    this.#turnRoster();
  }

  /** A mutation from the Worker: RPC or HTTP. Resolves once it is written. */
  write(author: Author, mutation: Mutation<unknown>): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let seq = 0;
    const answer: Waiter = (failed) => {
      const { epoch } = this.ledger.position;
      resolve(failed === undefined ? { ok: true, version: formatVersion({ epoch, seq }) } : toFailed(failed));
    };
    const staged = this.#stage(author, mutation, answer);
    // Its own last op, not the row's: a later write's version would vouch for what this writer has not seen.
    seq = this.ledger.position.seq + this.ledger.staged;
    if (staged instanceof Refusal) answer(staged);
    else if (!staged) this.#afterCommit(answer);
    this.#pace.turn();
    return promise;
  }

  /** Replaces the history, for everybody. `write` is the mutation that asked for it, when it has a number. */
  replace(state: State, reason: "restored" | "cleared", write?: Numbered): Refusal | undefined {
    this.settle();
    const refusal = this.guard(() => this.ledger.replace(state, write));
    if (refusal instanceof Refusal) return refusal;
    this.#broadcast.reset(reason);
    return undefined;
  }

  /** Does what writes. Where storage refuses, so does the room; the cause is for the server's log alone. */
  guard<T>(work: () => T): T | Refusal {
    try {
      return work();
    } catch (error) {
      console.error(`roomcast: ${this.#kind.name}: storage failed`, error);
      return refuse("storage_failed", "The write was not stored; nothing of it was applied.");
    }
  }

  /** Commits what is staged now, so that what follows sees all of it. */
  settle(): void {
    this.#pace.now();
  }

  /** The object's alarm. */
  alarm(): void {
    // A checkpoint speaks of what is committed, receipts included; nothing may be half way.
    this.settle();
    try {
      this.#runTasks(Date.now());
    } catch (error) {
      // The transaction is undone and memory is not. The platform calls again.
      this.#alarms.reload();
      this.ledger.load();
      throw error;
    }
    this.#turnRoster();
  }

  #runTasks(now: number): void {
    this.store.transaction(() => {
      for (const task of this.#alarms.takeDue(now)) {
        switch (task) {
          case "expire":
            this.ledger.expire();
            this.#planExpiry();
            break;
          case "sweep":
            this.#sweep(now);
            // One that is alone misleads nobody; the next to come looks again.
            if (this.roster.size > 0 && this.#connections.size > 1) this.#alarms.plan("sweep", now + SWEEP_EVERY);
            break;
          default:
            break;
        }
      }
    });
  }

  #receiveNative(connection: Connection, frame: string): void {
    for (const line of readFrame(frame)) {
      if (!this.#connections.has(connection.ws)) return;
      const greeted = connection.client !== undefined;
      if ("command" in line) {
        const { command } = line;
        const tooLarge = greeted && command.do === "mutate" ? this.#tooLarge(line.text) : undefined;
        if (tooLarge !== undefined && command.do === "mutate") this.#answer(connection, refusedMessage(tooLarge, command.m));
        else if (!this.#carryOutNative(connection, command)) return;
      } else if (line.m === undefined || !greeted) {
        this.#end(connection, line.refusal);
        return;
      } else {
        this.#answer(connection, refusedMessage(line.refusal, line.m));
      }
    }
  }

  #tooLarge(text: string): Refusal | undefined {
    if (!overBytes(text, this.limits.intentBytes + ENVELOPE_BYTES)) return undefined;
    return refuse("too_large", `One mutation may have ${this.limits.intentBytes} bytes.`);
  }

  /** Answers whether the connection is still there. */
  #carryOutNative(connection: Connection, command: Command): boolean {
    if (connection.client === undefined && command.do !== "hello") {
      this.#end(connection, refuse("bad_message", "The first message is hello."));
      return false;
    }
    switch (command.do) {
      case "hello":
        return this.#hello(connection, command.hello);
      case "mutate":
        this.#mutate(connection, command);
        return true;
      case "presence":
        this.#setPresence(connection, command.data);
        return true;
      case "ack":
        connection.flow.acked(command.n);
        if (connection.lag !== undefined) this.settle();
        this.#broadcast.goOn(connection);
        return true;
      case "close":
        this.#end(connection, command.refusal);
        return false;
    }
  }

  /** Carries out what a dialect's session asks; refusals go back to the session, which words them. */
  #carryOut(connection: Connection, commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.do === "mutate") {
        const answer = (refusal: Refusal | undefined): void => {
          if (refusal === undefined) return;
          const m = command.m === undefined ? {} : { m: command.m };
          this.#broadcast.step(connection, { type: "refused", refusal, ...m });
        };
        const staged = this.#stage(author(connection), command, answer);
        if (staged instanceof Refusal) answer(staged);
      } else if (command.do === "presence") {
        this.#setPresence(connection, command.data);
      } else if (command.do === "close") {
        this.#end(connection, command.refusal);
        return;
      }
    }
  }

  #hello(connection: Connection, hello: Hello): boolean {
    if (hello.v !== PROTOCOL_VERSION) {
      this.#end(connection, refuse("unsupported_version", `This room speaks version ${PROTOCOL_VERSION}.`));
      return false;
    }
    if (connection.client !== undefined) {
      this.#end(connection, refuse("bad_message", "A connection says hello once."));
      return false;
    }
    // The welcome speaks of what is committed; everything staged must be part of that.
    this.settle();
    connection.by = this.#nameFor(hello.client);
    connection.client = hello.client;
    // Before it watches: the welcome is the first that it hears, and holds the roster as the sweep leaves it.
    if (hello.presence !== undefined) this.#sweep(Date.now());
    connection.watching = hello.presence !== undefined;
    connection.had = hello.since?.epoch === this.ledger.position.epoch ? hello.since.seq : 0;

    const plan = this.#broadcast.plan(hello.since);
    const { epoch, seq } = this.ledger.position;
    const welcome: Welcome = {
      t: "welcome",
      v: PROTOCOL_VERSION,
      kind: this.#kind.name,
      conn: connection.id,
      you: connection.by,
      ...(connection.user === undefined ? {} : { user: connection.user }),
      can: [...connection.can],
      ...this.ledger.receipts.summary(hello.client),
      epoch,
      head: seq,
      resume: plan.resume,
      ...(plan.resume === "reset" ? { reason: plan.reason } : {}),
      ...(connection.watching ? { presence: this.#rosterAfter(connection, hello.presence) } : {}),
      now: this.ledger.now(),
    };
    this.#answer(connection, JSON.stringify(welcome));
    connection.lag = plan.resume === "tail" ? { needs: "tail", after: plan.seq } : { needs: "snapshot" };
    this.#broadcast.catchUp(connection);
    return true;
  }

  /** The roster as a newcomer finds it, with the newcomer on it. */
  #rosterAfter(connection: Connection, presence: Hello["presence"]): ReturnType<Roster["all"]> {
    if (presence !== undefined && presence !== null) this.#setPresence(connection, presence as JsonObject);
    return this.roster.all();
  }

  #mutate(connection: Connection, command: Command & { readonly do: "mutate" }): void {
    const { m } = command;
    if (m === undefined) return;
    const answer = (refusal: Refusal | undefined): void => {
      // Success needs no answer of its own: the entry in the run is it.
      if (refusal !== undefined) this.#answer(connection, refusedMessage(refusal, m));
    };
    const staged = this.#stage(author(connection), command, answer);
    if (staged instanceof Refusal) answer(staged);
    else if (!staged) {
      this.#afterCommit((refusal) => {
        this.#answer(connection, refusal === undefined ? doneMessage(m) : refusedMessage(refusal, m));
      });
    }
  }

  /** Answers whether the mutation is staged; `waiter` is then called at its commit. False: nothing is left to do. */
  #stage(by: Author, mutation: Mutation<unknown>, waiter: Waiter): boolean | Refusal {
    if (this.ledger.full) this.settle();
    try {
      const intents = admitIntents(this.#kind, this.limits, by.can, mutation.intents);
      if (intents instanceof Refusal) return intents;
      let staging = this.ledger.stage(by, { ...mutation, intents });
      if (staging === "full") {
        this.settle();
        staging = this.ledger.stage(by, { ...mutation, intents });
      }
      if (staging instanceof Refusal) return staging;
      if (staging !== "staged") return false;
      this.#waiters.push(waiter);
      return true;
    } catch (error) {
      console.error(`roomcast: ${this.#kind.name}: an intent threw`, error);
      return refuse("internal", "The room failed on this intent; nothing of it was applied.");
    }
  }

  /** An answer that rests on what is staged, and is true only if that is stored. */
  #afterCommit(waiter: Waiter): void {
    if (this.ledger.staged === 0) {
      waiter(undefined);
    } else {
      this.#waiters.push(waiter);
      this.settle();
    }
  }

  #setPresence(connection: Connection, data: JsonObject | null): void {
    const started = !connection.watching;
    connection.watching = true;
    if (data === null) {
      connection.presence = undefined;
      this.roster.remove(connection.id);
    } else if (overBytes(JSON.stringify(data), this.limits.presenceBytes)) {
      const refusal = refuse("too_large", `Presence may have ${this.limits.presenceBytes} bytes.`);
      this.#answer(connection, refusedMessage(refusal));
    } else {
      connection.presence = data;
      const { record } = connection;
      if (record !== undefined) this.roster.set(connection.id, record);
      this.#alarms.plan("sweep", Date.now() + SWEEP_EVERY);
    }
    connection.save();
    if (started && connection.lag === undefined) this.#answer(connection, this.roster.full());
  }

  #flush(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    const run = this.guard(() => this.ledger.commit());
    const failed = run instanceof Refusal ? run : undefined;
    if (run !== undefined && !(run instanceof Refusal)) {
      // It is stored: whatever fails from here on is not the mutations' failure.
      try {
        this.#broadcast.run(run);
        this.#planExpiry();
      } catch (error) {
        console.error(`roomcast: ${this.#kind.name}: the work after a commit failed`, error);
      }
    }
    for (const waiter of waiters) waiter(failed);
  }

  /** Sends gathered roster changes when they are due, and comes back when they are not yet. */
  #turnRoster(): void {
    const due = this.roster.due(Date.now());
    if (due === undefined || this.#rosterTimer !== undefined) return;
    if (due === 0) {
      this.#broadcast.roster(this.roster.take(Date.now()));
      return;
    }
    this.#rosterTimer = setTimeout(() => {
      this.#rosterTimer = undefined;
      this.#turnRoster();
    }, due);
  }

  /** Ends connections whose peer has gone without a word. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < SILENCE) return;
    this.#sweptAt = now;
    for (const connection of this.#connections.values()) {
      if (!this.roster.has(connection.id)) continue;
      const pinged = this.#ctx.getWebSocketAutoResponseTimestamp(connection.ws)?.getTime() ?? 0;
      if (now - Math.max(pinged, connection.since) > SILENCE) {
        this.#end(connection, refuse("unresponsive", "No sign of life for too long."));
      }
    }
  }

  #planExpiry(): void {
    const { expiresAt } = this.ledger;
    if (expiresAt !== undefined && Number.isFinite(expiresAt)) this.#alarms.plan("expire", expiresAt);
  }

  /** To a native connection, about what it said: whatever it owes, but not without end. */
  #answer(connection: Connection, text: string): void {
    this.#broadcast.answer(connection, text);
    if (connection.flow.overrun) this.#end(connection, refuse("unresponsive", "Answers are not being read."));
  }

  /** Tells a native client why, then closes; a dialect words it its own way. */
  #end(connection: Connection, refusal: Refusal): void {
    const row = CODES[refusal.code];
    if (connection.dialect === NATIVE) connection.send(refusedMessage(refusal));
    else this.#broadcast.step(connection, { type: "refused", refusal });
    if (!("close" in row)) return;
    connection.close(row.close, `${refusal.code}: ${refusal.message}`);
    this.closed(connection.ws);
  }

  /** The public name of a client; the same as before for one that has been here. */
  #nameFor(client: string): string {
    let name = this.ledger.receipts.nameOf(client);
    for (const other of this.#connections.values()) {
      if (other.client !== client) continue;
      name ??= other.by;
      this.#end(other, refuse("superseded", "This client has connected again."));
    }
    return name ?? randomId(11);
  }

  #clients(): ReadonlySet<string> {
    const clients = new Set<string>();
    for (const { client } of this.#connections.values()) if (client !== undefined) clients.add(client);
    return clients;
  }
}

function author(connection: Connection): Author {
  const { client, by, user, can, had } = connection;
  return {
    had,
    ...(client === undefined ? {} : { client }),
    ...(by === undefined ? {} : { by }),
    ...(user === undefined ? {} : { user }),
    can,
  };
}

export function toFailed(refusal: Refusal): Outcome & { readonly ok: false } {
  return { ok: false, code: refusal.code, message: refusal.message, ...refusal.place };
}
