import type { Command } from "../dialects/dialect.ts";
import { refusedMessage } from "../dialects/native/codec.ts";
import type { Kind, Visitor } from "../kinds/kind.ts";
import type { JsonObject } from "../protocol/json.ts";
import { CODES } from "../protocol/codes.ts";
import { DEFAULT_LIMITS, DEFAULT_RETENTION, type Limits, type Retention } from "../protocol/limits.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { overBytes, overIntents } from "./admit.ts";
import { Alarms } from "./alarms.ts";
import type { Admission } from "./api.ts";
import { Broadcast, NATIVE, type AnyDialect } from "./broadcast.ts";
import { unitsOf } from "./budget.ts";
import { Commits, type Waiter } from "./commits.ts";
import { authorOf, Connection } from "./connection.ts";
import { Chores, type Chore } from "./chores.ts";
import { Filters } from "./filters.ts";
import type { Clock, Host, HostSocket } from "./host/host.ts";
import { randomId } from "./ids.ts";
import { Ledger } from "./ledger.ts";
import type { Replacement } from "./mutation.ts";
import { Members } from "./members.ts";
import { Native } from "./native.ts";
import { SimpleReaders, type Backpressure } from "./simple-readers.ts";
import { Turns } from "./turns.ts";
import type { Rates } from "./rates/rates.ts";
import { addressSubject, type RateSubject } from "./rates/subject.ts";
import { Pseudonyms, type Subject } from "./pseudonym.ts";
import type { Past } from "./past.ts";
import type { Roster } from "./presence.ts";
import { Store } from "./storage/store.ts";

export interface EngineOptions<State, Intent, Op> {
  readonly kind: Kind<State, Intent, Op>;
  readonly dialects: readonly AnyDialect<State, Op>[];
  readonly limits?: Partial<Limits>;
  readonly retention?: Partial<Retention>;
  /** No op after this one may be dropped, whatever the retention says. */
  readonly floor?: () => number;
  /** Plans the jobs that a write calls for, in its transaction: what it throws undoes the write. */
  readonly plan?: () => void;
  /** Told after each commit, with the number of its last op. What it throws is logged, and harms nothing. */
  readonly committed?: (last: number) => void;
  /** Counts what each network does; absent: nothing is counted. */
  readonly rates?: Rates | undefined;
  /** Takes no events for so many milliseconds, so that other rooms get theirs; absent where no room keeps others waiting. */
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined;
  /** Tells whether readers without flow control read; absent where nothing can tell. */
  readonly backpressure?: Backpressure | undefined;
  /** Where ops can be read that retention has dropped. */
  readonly past?: Past | undefined;
  /** Work of the room's own that the alarm calls for, by name. */
  readonly tasks?: Readonly<Record<string, Chore>>;
}

/** Who goes on regardless of so many refusals in a row is let go. */
const OVER_RATE = 1_000;

/** How often to look whether ops that are held past their age may go, in milliseconds. */
const HELD = 60 * 60 * 1000;

/** One room, awake: its parts put together, and its sockets led to them. */
export class Engine<State, Intent, Op> {
  readonly ledger: Ledger<State, Intent, Op>;
  readonly commits: Commits<State, Intent, Op>;
  readonly limits: Limits;
  readonly store: Store;
  readonly chores: Chores;
  readonly rates: Rates | undefined;
  readonly #alarms: Alarms;
  readonly #kind: Kind<State, Intent, Op>;
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly simple: SimpleReaders;
  readonly pseudonyms: Pseudonyms;
  readonly #members: Members;
  readonly #broadcast: Broadcast<State, Intent, Op>;
  readonly #filters: Filters<State, Intent, Op>;
  readonly #native: Native<State, Intent, Op>;
  readonly #dialects: ReadonlyMap<string, AnyDialect<State, Op>>;
  readonly #connections = new Map<HostSocket, Connection>();

  constructor(host: Host, options: EngineOptions<State, Intent, Op>) {
    const { kind } = options;
    const answer = (connection: Connection, text: string): void => this.#answer(connection, text);
    const end = (connection: Connection, refusal: Refusal): void => this.#end(connection, refusal);
    this.#kind = kind;
    this.#host = host;
    this.#clock = host.clock;
    this.#turns = new Turns(host.clock, options.pause);
    this.simple = new SimpleReaders(host, { connections: this.#connections, end }, options.backpressure);
    this.limits = { ...DEFAULT_LIMITS, ...kind.limits, ...options.limits };
    this.store = new Store(host);
    this.rates = options.rates;
    this.#alarms = new Alarms(host);
    this.chores = new Chores(this.#alarms, options.tasks ?? {}, kind.name, host.clock);
    this.pseudonyms = new Pseudonyms(this.store);
    this.#dialects = new Map(options.dialects.map((dialect) => [dialect.name, dialect]));
    const retention = { ...DEFAULT_RETENTION, ...kind.retention, ...options.retention };
    this.ledger = new Ledger(kind, this.limits, retention, this.store, {
      clock: host.clock,
      connected: () => this.#clients(),
      floor: options.floor,
      plan: () => {
        this.#planExpiry();
        options.plan?.();
      },
      undone: () => this.#alarms.reload(),
    });
    this.#members = new Members({
      clock: host.clock,
      limits: this.limits,
      alarms: this.#alarms,
      connections: this.#connections,
      pinged: (ws) => host.sockets.pingedAt(ws),
      check: (connection, data) => kind.presence?.(data, this.#visitor(connection)) ?? data,
      tell: (text) => this.#broadcast.roster(text),
      joined: (connection, member) => this.#broadcast.joined(connection, member),
      left: (member) => this.#broadcast.left(member),
      answer,
      refuse: (connection, refusal) => {
        if (connection.dialect === NATIVE) answer(connection, refusedMessage(refusal));
        else this.#carryOut(connection, this.#broadcast.step(connection, { type: "refused", refusal }));
      },
      end,
    });
    this.#filters = new Filters(kind);
    this.#broadcast = new Broadcast({
      kind,
      ledger: this.ledger,
      store: this.store,
      roster: this.#members.roster,
      dialects: this.#dialects,
      filters: this.#filters,
      past: options.past,
      isOpen: ({ ws }) => this.#connections.has(ws),
      end,
      connections: () => this.#connections.values(),
    });
    this.commits = new Commits({
      clock: host.clock,
      kind,
      limits: this.limits,
      ledger: this.ledger,
      store: this.store,
      rates: this.rates,
      audience: () => this.#connections.size,
      committed: (run) => {
        this.#broadcast.run(run);
        this.simple.turn();
        if (kind.expels !== undefined && run.changes.some(({ op }) => kind.expels?.(op))) this.#expel();
        options.committed?.(run.last);
      },
    });
    this.#native = new Native({
      kind: kind.name,
      limits: this.limits,
      ledger: this.ledger,
      commits: this.commits,
      members: this.#members,
      broadcast: this.#broadcast,
      filters: this.#filters,
      isOpen: ({ ws }) => this.#connections.has(ws),
      nameFor: (client) => this.#nameFor(client),
      guestFor: (secret) => this.#lastingName("guest", secret),
      paced: (connection, staged) => void this.#paced(connection, staged),
      spend: (connection, units) => this.#spend(connection, units),
      admits: (connection) => this.admits(this.#visitor(connection)),
      answer,
      end,
    });
    this.#wake();
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** The roster, for one who looks now: members that have gone without a word are ended first, as for a newcomer. */
  get roster(): Roster {
    this.#members.sweep();
    return this.#members.roster;
  }

  speaks(dialect: string): boolean {
    return dialect === NATIVE || this.#dialects.has(dialect);
  }

  /** Takes a socket in. A native one is silent until it says hello. */
  accept(
    ws: HostSocket,
    dialect: string,
    admission: Admission & { readonly pseudonym?: string },
    params: JsonObject,
    peer?: string,
  ): void {
    // A connected client must find the same epoch after a sleep, so the room is born now at the latest.
    this.ledger.birth();
    // A dialect may show the roster at once.
    if (dialect !== NATIVE) this.#members.sweep();
    this.#host.sockets.accept(ws);
    const { can, user, pseudonym } = admission;
    const network = this.networkOf(admission);
    const connection = Connection.open(ws, {
      id: randomId(8),
      dialect,
      can,
      since: this.#clock.now(),
      ...(user === undefined ? {} : { user }),
      ...(pseudonym === undefined ? {} : { address: pseudonym }),
      ...(network === undefined ? {} : { network }),
      ...(peer === undefined || dialect === NATIVE ? {} : { peer }),
    });
    this.simple.watch(connection);
    connection.session = this.#dialects.get(dialect)?.start ?? null;
    const by = dialect === NATIVE ? undefined : randomId(11);
    connection.by = by;
    this.#connections.set(ws, connection);
    this.#broadcast.alone(connection, () => {
      connection.save();
      // What is staged reaches it as a run; the snapshot must not have it yet.
      if (by !== undefined)
        this.#carryOut(connection, this.#broadcast.step(connection, this.#broadcast.opening(params, by)));
    });
    this.#members.turn();
    this.simple.turn();
  }

  /** What somebody's connections and actions are counted by; undefined where no address is known. */
  networkOf({ address }: Admission): RateSubject | undefined {
    return address === undefined ? undefined : addressSubject(address);
  }

  /** Why somebody may not be here, if so. */
  admits(visitor: Omit<Visitor, "now">): Refusal | undefined {
    try {
      return this.#kind.admits?.(this.ledger.state, { ...visitor, now: this.ledger.now() });
    } catch (error) {
      console.error(`roomcast: ${this.#kind.name}: admits threw`, error);
      return refuse("internal", "The room failed to decide who may be here.");
    }
  }

  /** A frame from a client. */
  receive(ws: HostSocket, data: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (connection === undefined) {
      this.#turns.closedFrame();
      return;
    }
    this.#turns.frame();
    const text = typeof data === "string" && !data.isWellFormed() ? data.toWellFormed() : data;
    this.#broadcast.alone(connection, () => {
      connection.hear(this.#clock.now());
      this.#members.heard(connection);
      this.#read(connection, text);
    });
    this.commits.turn();
    this.#members.turn();
  }

  closed(ws: HostSocket): void {
    let connection = this.#connections.get(ws);
    if (connection === undefined) {
      // One that closes while the room sleeps is not among the sockets that the room finds when it wakes.
      connection = Connection.restore(ws);
      if (connection === undefined) return;
      this.#members.restore(connection);
    }
    this.#connections.delete(ws);
    connection.forget();
    this.#members.leave(connection);
  }

  /** Replaces the history, for everybody. */
  replace(state: State, reason: "restored" | "cleared", more?: Replacement): Refusal | undefined {
    this.commits.settle();
    const first = this.#kind.begin?.(state) ?? state;
    const refusal = this.commits.guard(() => this.ledger.replace(first, more));
    if (refusal instanceof Refusal) return refusal;
    this.#broadcast.reset(reason);
    return undefined;
  }

  /** The object's alarm. Resolves when the room's own work has been done, or put off. */
  async alarm(): Promise<void> {
    // A checkpoint speaks of what is committed, receipts included; nothing may be half way.
    this.commits.settle();
    const now = this.#clock.now();
    try {
      this.store.transaction(() => {
        for (const task of this.#alarms.takeDue(now)) this.#run(task, now);
      });
    } catch (error) {
      // The transaction is undone and memory is not. The platform calls again.
      this.ledger.undone();
      throw error;
    }
    this.#members.turn();
    await this.chores.work(now);
  }

  #run(task: string, now: number): void {
    switch (task) {
      case "expire":
        this.ledger.expire();
        this.#planExpiry();
        break;
      case "sweep":
        this.#members.sweep(now);
        break;
      default:
        // Else planned by other code than today's.
        this.chores.begin(task, now);
        break;
    }
  }

  /** Everything that was true before the room slept. */
  #wake(): void {
    const restored = this.#host.sockets.all().flatMap((ws) => this.#restore(ws) ?? []);
    // The roster is in the order of joining, and sockets come in none that is promised.
    for (const connection of restored.sort((a, b) => (a.joined ?? 0) - (b.joined ?? 0))) {
      this.#connections.set(connection.ws, connection);
      this.simple.watch(connection);
      // Live ones were sent every op, and saving each time would cost more than sending.
      // A filtered one was sent less, and at most as much as from one mark to the next since it was saved.
      // One that has not said hello was sent nothing.
      const { client, lag, filter } = connection;
      if (client !== undefined && lag === undefined && filter === undefined)
        connection.flow.also(Math.max(0, this.ledger.total - connection.counted));
      this.#members.restore(connection);
    }
    this.ledger.pruneReceipts();
    if (restored.some(({ missedClosing }) => missedClosing)) {
      for (const connection of restored) connection.save();
      this.#broadcast.roster(this.#members.roster.full());
    }
    const kind = this.#kind.name;
    const failed = `roomcast: ${kind}: the alarm could not be restored; the next wake tries again`;
    if (this.store.born) this.#alarms.restore().catch((error: unknown) => console.error(failed, error));
  }

  /** One socket that cannot be understood must not keep the room from waking for all the others. */
  #restore(ws: HostSocket): Connection | undefined {
    try {
      return Connection.restore(ws);
    } catch (error) {
      console.error(`roomcast: ${this.#kind.name}: a connection could not be restored`, error);
      ws.close(CODES.internal.close, "internal: The room failed on this connection.");
      return undefined;
    }
  }

  #read(connection: Connection, data: string | ArrayBuffer): void {
    const { frameBytes } = this.limits;
    const length = typeof data === "string" ? data.length : data.byteLength;
    // Native messages are charged one by one, once it is known whether they had an effect.
    if (connection.dialect !== NATIVE && !this.#spend(connection, unitsOf(length, false))) return;
    if (typeof data === "string" ? overBytes(data, frameBytes) : data.byteLength > frameBytes) {
      const refusal = refuse("too_large", `A frame may have ${frameBytes} bytes.`);
      if (this.#dialects.get(connection.dialect)?.outlivesLongFrames !== true) this.#end(connection, refusal);
      else this.#carryOut(connection, this.#broadcast.step(connection, { type: "refused", refusal }));
    } else if (connection.dialect !== NATIVE) {
      this.#receiveDialect(connection, data);
    } else if (typeof data !== "string") {
      this.#end(connection, refuse("bad_message", "Frames of this protocol are text."));
    } else {
      this.#native.receive(connection, data);
    }
  }

  #receiveDialect(connection: Connection, data: string | ArrayBuffer): void {
    const refusal = typeof data === "string" ? overIntents(data, this.limits) : undefined;
    if (refusal === undefined) {
      this.#carryOut(connection, this.#broadcast.step(connection, this.#broadcast.frame(data)));
    } else {
      this.#carryOut(connection, this.#broadcast.step(connection, { type: "refused", refusal }));
    }
  }

  /** Carries out what a dialect's session asks; refusals go back to the session, which words them. */
  #carryOut(connection: Connection, commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.do === "mutate") {
        const waiter: Waiter = (refusal) => {
          if (refusal === undefined) return;
          const m = command.m === undefined ? {} : { m: command.m };
          this.#carryOut(connection, this.#broadcast.step(connection, { type: "refused", refusal, ...m }));
        };
        const staged = this.commits.stage(authorOf(connection), command, waiter);
        if (staged instanceof Refusal) waiter(staged);
        if (!this.#paced(connection, staged)) return;
      } else if (command.do === "presence") {
        this.#members.set(connection, command.data);
      } else if (command.do === "close") {
        if (command.code === undefined) this.#end(connection, command.refusal);
        else this.#close(connection, command.code, command.refusal);
        return;
      }
    }
  }

  /** Whether a connection may go on after what it has made the room do; if not, it is ended. */
  #spend(connection: Connection, units: number): boolean {
    const { budget } = connection;
    if (!budget.spend(units, this.#clock.now(), this.limits.work)) {
      this.#end(connection, refuse("too_many_requests", "Too many messages at once on this connection."));
      return false;
    }
    if (budget.isWorthSaving(this.#clock.now())) connection.save();
    return true;
  }

  /** Whether a connection may go on after a mutation that was or was not staged. One that only floods is ended. */
  #paced(connection: Connection, staged: boolean | Refusal): boolean {
    const over = staged instanceof Refusal && staged.code === "too_many_requests";
    connection.overRate = over ? connection.overRate + 1 : 0;
    if (over && connection.overRate === OVER_RATE) this.#end(connection, staged);
    return this.#connections.has(connection.ws);
  }

  /** Ends the connections of those who may no longer be here. */
  #expel(): void {
    for (const connection of this.#connections.values()) {
      this.#broadcast.alone(connection, () => {
        const refusal = this.admits(this.#visitor(connection));
        if (refusal !== undefined) this.#end(connection, refusal);
      });
    }
  }

  #visitor({ by, guest, user, can, address }: Connection): Visitor {
    return {
      ...(by === undefined ? {} : { by }),
      ...(guest === undefined ? {} : { guest }),
      ...(user === undefined ? {} : { user }),
      ...(address === undefined ? {} : { address }),
      can,
      now: this.ledger.now(),
    };
  }

  #planExpiry(): void {
    if (this.#alarms.has("expire")) return;
    const { expiresAt } = this.ledger;
    if (expiresAt === undefined || !Number.isFinite(expiresAt)) return;
    const now = this.#clock.now();
    this.#alarms.plan("expire", expiresAt > now ? expiresAt : now + HELD);
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
    if ("close" in row) this.#close(connection, row.close, refusal);
  }

  #close(connection: Connection, code: number, { code: name, message }: Refusal): void {
    connection.close(code, `${name}: ${message}`);
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
    return name ?? this.#lastingName("client", client);
  }

  /** A pseudonym that its owner is told now, and that must be the same whenever the room wakes. */
  #lastingName(subject: Subject, secret: string): string {
    const name = this.pseudonyms.of(subject, secret);
    this.ledger.birth();
    return name;
  }

  #clients(): ReadonlySet<string> {
    const clients = new Set<string>();
    for (const { client } of this.#connections.values()) if (client !== undefined) clients.add(client);
    return clients;
  }
}
