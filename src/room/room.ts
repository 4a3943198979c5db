import { DurableObject } from "cloudflare:workers";
import { wellFormedJson } from "../kinds/json/well-formed.ts";
import type { Kind, Visitor } from "../kinds/kind.ts";
import { CODES } from "../protocol/codes.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Limits, Retention } from "../protocol/limits.ts";
import { networkOf } from "../protocol/network.ts";
import type { Rate } from "../protocol/rate.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { SUBPROTOCOL } from "../protocol/version.ts";
import { overBytes } from "./admit.ts";
import {
  ADMISSION_HEADER,
  DIALECT_HEADER,
  OPEN,
  PARAMS_HEADER,
  PEER_HEADER,
  type Admission,
  type Failed,
  type HistoryPage,
  type LimiterNamespace,
  type Outcome,
  type RoomApi,
  type RosterRecord,
  type StateText,
  type VersionInfo,
  type WriteOptions,
} from "./api.ts";
import { NATIVE, type AnyDialect } from "./broadcast.ts";
import type { Chore } from "./chores.ts";
import { storageRefusal, toFailed } from "./commits.ts";
import { unfitKey, unmet, type Demands } from "./conditions.ts";
import { Connection } from "./connection.ts";
import { Engine } from "./engine.ts";
import type { Backpressure } from "./simple-readers.ts";
import { readHistory } from "./history.ts";
import { hostOf } from "./host/durable-object.ts";
import type { Host } from "./host/host.ts";
import { randomId } from "./ids.ts";
import type { Author } from "./mutation.ts";
import { costsOf, personCostsOf } from "./rates/costs.ts";
import { Rates } from "./rates/rates.ts";
import { userSubject, type RateSubject } from "./rates/subject.ts";
import type { ReaderState } from "../protocol/reader-state.ts";
import type { Past } from "./past.ts";
import { keyName } from "./receipts.ts";
import { SavedVersions } from "./versions.ts";

/**
 * A room as a Durable Object. Most use `roomOf(kind)`; extend this one to add RPC methods, limits or
 * dialects of your own. Everything a room does is asked of its Engine, which is built at the first event.
 */
export abstract class Room<State, Intent, Op, Env = unknown> extends DurableObject<Env> implements RoomApi {
  /** What this room does with its log. */
  abstract readonly kind: Kind<State, Intent, Op>;
  /** Changes to the kind's limits. */
  readonly limits: Partial<Limits> = {};
  /** Changes to how much of the log stays. */
  readonly retention: Partial<Retention> = {};
  /** Changes to how often one network address may write, by budget. */
  readonly rates: Readonly<Record<string, Rate>> = {};
  /** Wire formats besides the native one. */
  readonly dialects: readonly AnyDialect<State, Op>[] = [];
  /** Work of its own that `this.engine.chores.plan(name, at)` calls for. Rejections are tried again, later each time. */
  protected readonly chores: Readonly<Record<string, Chore>> = {};

  /** Where this room runs: storage, alarm, sockets, clock. */
  protected readonly host: Host;

  #engine: Engine<State, Intent, Op> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.host = hostOf(ctx);
  }

  /** The room's parts, for classes that add to it. Built at the first event, when the subclass's fields are there. */
  protected get engine(): Engine<State, Intent, Op> {
    return (this.#engine ??= this.#build());
  }

  #build(): Engine<State, Intent, Op> {
    return new Engine(this.host, {
      kind: this.kind,
      dialects: this.dialects,
      limits: this.limits,
      retention: this.retention,
      floor: () => this.floor(),
      plan: () => this.plan(),
      committed: (last) => this.committed(last),
      past: this.past,
      tasks: this.chores,
      rates: this.#rates(),
      pause: this.#pause(),
      backpressure: this.#backpressure(),
    });
  }

  /** Where network addresses are counted: the RateLimiters bound as `RATES`. Undefined: no limit. */
  protected get limiters(): LimiterNamespace | undefined {
    const { RATES: bound } = (this.env ?? {}) as { readonly RATES?: Partial<LimiterNamespace> };
    return typeof bound?.getByName === "function" ? (bound as LimiterNamespace) : undefined;
  }

  /** Where ops can be read that retention has dropped; nowhere unless a room keeps them. */
  protected get past(): Past | undefined {
    return undefined;
  }

  /** No op after this one may be dropped, whatever the retention says; for rooms that keep them elsewhere first. */
  protected floor(): number {
    return Infinity;
  }

  /** Plans the jobs that a write calls for, in its transaction: what it throws undoes the write. */
  protected plan(): void {}

  /** Told after each commit, with the number of its last op. */
  protected committed(_last: number): void {}

  /** WebSocket upgrades, as the Worker forwards them. Everything else of a room is RPC. */
  override async fetch(request: Request): Promise<Response> {
    const room = this.engine;
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return refused(refuse("upgrade_required", "This is a WebSocket; the request was not an upgrade."));
    }
    const dialect = request.headers.get(DIALECT_HEADER) ?? NATIVE;
    if (!room.speaks(dialect)) return refused(refuse("not_found", `This room does not speak ${dialect}.`));
    const header = request.headers.get(ADMISSION_HEADER);
    const admission = this.#withPseudonym(header === null ? OPEN : (JSON.parse(header) as Admission));
    // Before the checks: the room may fill or ban somebody meanwhile.
    const greeted = this.#greet(admission);
    if (greeted !== undefined) await greeted;
    const refusal = this.#full(dialect, admission) ?? room.admits(visitorOf(admission));
    if (refusal !== undefined) return refused(refusal);
    const params = JSON.parse(wellFormedJson(request.headers.get(PARAMS_HEADER) ?? "{}")) as JsonObject;
    const { 0: client, 1: server } = new WebSocketPair();
    room.accept(server, dialect, admission, params, request.headers.get(PEER_HEADER) ?? undefined);
    const headers = dialect === NATIVE ? { "Sec-WebSocket-Protocol": SUBPROTOCOL } : undefined;
    return new Response(null, { status: 101, webSocket: client, ...(headers === undefined ? {} : { headers }) });
  }

  #full(dialect: string, admission: Admission): Refusal | undefined {
    const { engine } = this;
    const { connections: most, simpleConnections } = engine.limits;
    if (engine.connections >= most) return refuse("room_full", `This room takes ${most} connections.`);
    return dialect === NATIVE ? undefined : engine.simple.fullFor(engine.networkOf(admission), simpleConnections);
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    const room = this.#awake();
    if (room !== undefined) room.receive(ws, data);
    // Its peer would wait for an answer to what is lost here; so it connects again.
    else ws.close(CODES.internal.close, "internal: The room could not wake; connect again.");
  }

  override webSocketClose(ws: WebSocket, code = 1005, reason = ""): void {
    this.#closed(ws);
    try {
      // 1005 stands for a close without a code, and cannot be sent.
      if (code === 1005) ws.close();
      else ws.close(code, reason);
    } catch {
      // It is gone (1006), or the platform has answered the close already.
    }
  }

  override webSocketError(ws: WebSocket): void {
    this.#closed(ws);
  }

  #closed(ws: WebSocket): void {
    const room = this.#awake();
    if (room !== undefined) room.closed(ws);
    // The others are told by the next wake.
    else for (const other of this.host.sockets.all()) Connection.noteMissedClosing(other);
  }

  override async alarm(): Promise<void> {
    await this.engine.alarm();
  }

  async readText(): Promise<StateText> {
    const { ledger } = this.engine;
    return { version: ledger.version, text: ledger.stateText };
  }

  async applyText(intents: string, admission: Admission = OPEN, options: WriteOptions = {}): Promise<Outcome> {
    const unfit = unfitKey(options);
    return unfit === undefined ? this.storing(() => this.enter(intents, admission, options)) : toFailed(unfit);
  }

  /** Carries out a write. Where storage fails in it, the answer says so. */
  protected async storing<T>(work: () => T | Promise<T>): Promise<T | Failed> {
    const { ledger } = this.engine;
    try {
      ledger.recover();
      return await work();
    } catch (error) {
      return toFailed(storageRefusal(this.kind.name, error));
    }
  }

  /** `applyText` with a key that the room has made or checked. */
  protected async enter(intents: string, admission: Admission, options: WriteOptions): Promise<Outcome> {
    const room = this.engine;
    if (overBytes(intents, room.limits.intentBytes)) {
      return toFailed(refuse("too_large", `One mutation may have ${room.limits.intentBytes} bytes.`));
    }
    let list: unknown;
    try {
      list = JSON.parse(wellFormedJson(intents));
    } catch {
      return toFailed(refuse("bad_json", "The intents are not JSON."));
    }
    if (!Array.isArray(list)) return toFailed(refuse("bad_message", "The intents are not a list."));
    const reserved = this.reserveTokens(admission, this.#costsOf(list));
    if (reserved !== undefined) await reserved;
    const known = this.#withPseudonym(admission);
    const refusal = room.admits(visitorOf(known));
    if (refusal !== undefined) return toFailed(refusal);
    return room.commits.write(author(known, options, room.networkOf(admission)), {
      ...mutationOf(options),
      intents: list,
    });
  }

  async clear(admission: Admission = OPEN, options: WriteOptions = {}): Promise<Outcome> {
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    return this.storing(() => this.adopt(this.kind.initial(), "cleared", admission, options));
  }

  /** Replaces the history by a state that comes from elsewhere. `also` stores more with it; see `Replacement`. */
  protected adopt(
    state: State,
    reason: "restored" | "cleared",
    admission: Admission,
    options: WriteOptions = {},
    also?: () => void,
  ): Outcome {
    const room = this.engine;
    if (!admission.can.includes("write")) return forbidden("write");
    const unfit = unfitKey(options);
    if (unfit !== undefined) return toFailed(unfit);
    room.commits.settle();
    const { client, by } = author(admission, options);
    const write = client === undefined || by === undefined ? undefined : { client, by, m: 1 };
    if (write !== undefined && room.ledger.receipts.standing(write.client, write.m) === "applied") {
      return { ok: true, version: room.ledger.version };
    }
    const over = this.overRate(admission);
    if (over !== undefined) return over;
    const unexpected = unmet(options, room.ledger.standing);
    if (unexpected !== undefined) return toFailed(unexpected);
    const refusal = room.replace(state, reason, { write, ...(also === undefined ? {} : { also }) });
    return refusal === undefined ? { ok: true, version: room.ledger.version } : toFailed(refusal);
  }

  async history(range: { readonly from?: number; readonly limit?: number } = {}): Promise<HistoryPage | Failed> {
    const { ledger, store } = this.engine;
    const page = readHistory(this.kind, ledger, store, range);
    return page instanceof Refusal ? toFailed(page) : page;
  }

  async roster(): Promise<Readonly<Record<string, RosterRecord>>> {
    return this.engine.roster.all() as Readonly<Record<string, RosterRecord>>;
  }

  async saveVersion(name: string, admission: Admission = OPEN): Promise<VersionInfo | Failed> {
    if (!admission.can.includes("write")) return forbidden("write");
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    return this.storing(() => {
      const over = this.overRate(admission);
      if (over !== undefined) return over;
      const saved = this.#versions.save(name, admission.user?.id);
      return saved instanceof Refusal ? toFailed(saved) : saved;
    });
  }

  async listVersions(): Promise<readonly VersionInfo[]> {
    return this.#versions.list();
  }

  async readVersion(name: string): Promise<StateText | Failed> {
    const found = this.#versions.read(name);
    return found instanceof Refusal ? toFailed(found) : found;
  }

  async restoreVersion(name: string, admission: Admission = OPEN): Promise<Outcome> {
    if (!admission.can.includes("write")) return forbidden("write");
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    return this.storing(
      () => this.overRate(admission) ?? this.#outcome(this.#versions.restore(name, admission.user?.id)),
    );
  }

  async deleteVersion(name: string, admission: Admission = OPEN): Promise<Outcome> {
    if (!admission.can.includes("admin")) return forbidden("admin");
    const reserved = this.reserveTokens(admission);
    if (reserved !== undefined) await reserved;
    return this.storing(() => this.overRate(admission) ?? this.#outcome(this.#versions.remove(name)));
  }

  #outcome(refusal: Refusal | undefined): Outcome {
    return refusal === undefined ? { ok: true, version: this.engine.ledger.version } : toFailed(refusal);
  }

  /** `roomcast start`, where rooms share one thread, binds a Worker that does nothing but take its time. */
  #pause(): ((milliseconds: number) => Promise<void>) | undefined {
    const { ROOMCAST_PAUSE: pause } = (this.env ?? {}) as { readonly ROOMCAST_PAUSE?: Partial<Fetcher> };
    if (typeof pause?.fetch !== "function") return undefined;
    const binding = pause as Fetcher;
    // Not a timer of this object's own: no timer fires while events wait, if one that is due earlier waits with them.
    const wait = (milliseconds: number): Promise<unknown> =>
      binding.fetch(`http://pause/${milliseconds}`).catch(() => undefined);
    return async (milliseconds) => {
      await this.ctx.blockConcurrencyWhile(() => wait(milliseconds));
    };
  }

  /** `roomcast start` binds a service that looks at the TCP connections of clients. Elsewhere nothing tells who reads. */
  #backpressure(): Backpressure | undefined {
    const { ROOMCAST_SOCKETS: sockets } = (this.env ?? {}) as { readonly ROOMCAST_SOCKETS?: Partial<Fetcher> };
    if (typeof sockets?.fetch !== "function") return undefined;
    const binding = sockets as Fetcher;
    return {
      monitor: async (peers) => {
        const response = await binding.fetch("http://sockets/", { method: "POST", body: JSON.stringify(peers) });
        if (!response.ok) return undefined;
        return new Map(Object.entries(await response.json<Record<string, ReaderState>>()));
      },
      pause: (work) => void this.ctx.blockConcurrencyWhile(work),
      abort: () =>
        void this.host.durable().then(
          () => this.ctx.abort("Readers that do not read hold too much memory."),
          () => undefined,
        ),
    };
  }

  #rates(): Rates | undefined {
    const { limiters, kind } = this;
    if (limiters === undefined) return undefined;
    return new Rates({
      limiters,
      rates: { ...kind.rates, ...this.rates },
      now: () => this.host.clock.now(),
    });
  }

  /** The engine; undefined when the room cannot wake now, for example because storage fails. */
  #awake(): Engine<State, Intent, Op> | undefined {
    try {
      return this.engine;
    } catch (error) {
      console.error("roomcast: a room could not wake", error);
      return undefined;
    }
  }

  /**
   * Reserves the tokens of a write at the limiter; undefined where there is nothing to wait for. Await it before
   * anything is checked, as the room may change meanwhile.
   */
  protected reserveTokens(
    admission: Admission,
    costs: Iterable<readonly [budget: string, count: number]> = [[this.kind.name, 1]],
  ): Promise<void> | undefined {
    const { rates } = this.engine;
    const network = this.engine.networkOf(admission);
    if (rates === undefined || network === undefined) return undefined;
    const { user } = admission;
    const own =
      user === undefined ? undefined : rates.reserve(userSubject(user.id).subject, personCostsOf(this.kind, costs));
    return both(rates.reserve(network, costs), own);
  }

  /** Asks the limiter about an address that this room does not know; its first message cannot wait for it. */
  #greet(admission: Admission): Promise<void> | undefined {
    const { engine, kind } = this;
    const { rates } = engine;
    const network = engine.networkOf(admission);
    // Reading is free.
    if (rates === undefined || network === undefined || !admission.can.includes("write")) return undefined;
    const personal = new Set(Object.values(kind.personBudgets ?? {}));
    const shared = [kind.name, ...Object.keys(kind.rates ?? {})].filter((budget) => !personal.has(budget));
    const { user } = admission;
    const own = user === undefined ? undefined : rates.greet(userSubject(user.id).subject, [...personal]);
    return both(rates.greet(network, [...new Set(shared)]), own);
  }

  /** Before they are admitted: where they are not what the kind takes, as one. */
  #costsOf(intents: readonly unknown[]): Iterable<readonly [budget: string, count: number]> {
    try {
      return costsOf(this.kind, intents as readonly Intent[]);
    } catch {
      return [[this.kind.name, 1]];
    }
  }

  /** Counts a write that has no intents, or one that is several mutations: all its tokens at once, at most all there are. */
  protected overRate(admission: Admission, tokens = 1): Failed | undefined {
    const { rates } = this.engine;
    const { name } = this.kind;
    const network = this.engine.networkOf(admission);
    if (rates === undefined || network === undefined) return undefined;
    const refusal = rates.take(network, [[name, Math.min(tokens, rates.rateOf(name).burst)]]);
    return refusal === undefined ? undefined : toFailed(refusal);
  }

  /** With what stands for the address, where the kind has use for it. */
  #withPseudonym(admission: Admission): KnownAdmission {
    const { address } = admission;
    if (address === undefined || this.kind.admits === undefined) return admission;
    return { ...admission, pseudonym: this.engine.pseudonyms.of("address", networkOf(address)) };
  }

  get #versions(): SavedVersions<State, Intent, Op> {
    return new SavedVersions(this.kind, this.engine);
  }
}

/** Resolves when both have; undefined where there is nothing to wait for. Neither rejects. */
function both(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Promise.all([one, other]).then(() => undefined);
}

type KnownAdmission = Admission & { readonly pseudonym?: string };

function visitorOf({ user, can, pseudonym }: KnownAdmission): Omit<Visitor, "now"> {
  return { can, ...(user === undefined ? {} : { user }), ...(pseudonym === undefined ? {} : { address: pseudonym }) };
}

function author(admission: KnownAdmission, options: WriteOptions, network?: RateSubject): Author {
  const { user, can, pseudonym } = admission;
  const key = options.idempotencyKey;
  return {
    can,
    ...(user === undefined ? {} : { user }),
    ...(pseudonym === undefined ? {} : { address: pseudonym }),
    ...(network === undefined ? {} : { network }),
    ...(user === undefined ? {} : { person: userSubject(user.id) }),
    ...(key === undefined ? {} : { client: keyName(user?.id, key), by: randomId(11) }),
  };
}

function mutationOf(options: WriteOptions): { readonly m?: number } & Demands {
  return {
    ...(options.idempotencyKey === undefined ? {} : { m: 1 }),
    ...(options.ifVersion === undefined ? {} : { ifVersion: options.ifVersion }),
    ...(options.conditions === undefined ? {} : { conditions: options.conditions }),
  };
}

function forbidden(permission: string): Failed {
  return toFailed(refuse("forbidden", `This needs the permission "${permission}".`));
}

function refused(refusal: Refusal): Response {
  const { code, message } = refusal;
  return Response.json({ error: { code, message } }, { status: CODES[code].status });
}
