import { durableOf, isOf, judge, mediaType, WHY_GONE } from "../../kinds/stream/durable/state.ts";
import type { DataOp, DurableConfig, DurableState } from "../../kinds/stream/durable/types.ts";
import type { StreamIntent, StreamOp, StreamState } from "../../kinds/stream/types.ts";
import { parseVersion } from "../../protocol/position.ts";
import { Refusal, refuse } from "../../protocol/refusal.ts";
import type { Permission } from "../../protocol/user.ts";
import type { Admission, Failed, Outcome, WriteOptions } from "../api.ts";
import type { Chore } from "../chores.ts";
import { toFailed } from "../commits.ts";
import type {
  Absent,
  Appended,
  AppendRequest,
  Branching,
  Created,
  CreateRequest,
  DurableApi,
  DurableInfo,
  Found,
  LeaseAnswer,
  ReadResult,
} from "./api.ts";
import { bodyOf } from "../../kinds/stream/durable/bytes.ts";
import { dataOf } from "./data.ts";
import { branchOf, type Branched, configOf, isHalfMade, isSame, unbranched } from "./create.ts";
import { CONFIRM, ForkLeases, RELEASE } from "./forks.ts";
import { Lease } from "./lease.ts";
import { countData, readData } from "./log.ts";
import { UNBORN } from "../../protocol/position.ts";
import { Room } from "../room.ts";

const LAPSE = "lapse";
/** While a reader is connected, a stream's time is looked at so often at the most, in milliseconds. */
const HELD = 90_000;

type ForkRequest = NonNullable<CreateRequest["fork"]>;
type Standing = { readonly is: "found"; readonly stream: DurableState } | Absent;

/** The part of a stream's room that speaks for the Durable Streams protocol. The log is the stream's own. */
export abstract class DurableRoom<Env> extends Room<StreamState, StreamIntent, StreamOp, Env> implements DurableApi {
  /** Lets streams go whose time is over, and keeps what is known of forks right. To be among the room's chores. */
  protected readonly lapse: Readonly<Record<string, Chore>> = {
    [LAPSE]: async () => {
      const refused = await this.#lapse();
      if (refused !== undefined) throw new Error(refused.message);
    },
    [CONFIRM]: async () => {
      const failed = await this.#forks.confirm();
      const refused = await this.#freeIfUnheld();
      if (failed !== undefined || refused !== undefined) {
        throw failed ?? new Error(refused?.message);
      }
    },
    [RELEASE]: async () => {
      await this.#lapse();
      await this.#forks.release();
    },
  };

  #lifetime: Lease | undefined;
  #leases: ForkLeases | undefined;
  /** Resolves when no fork is being made here. */
  #making: Promise<unknown> = Promise.resolve();
  #makes = 0;
  /** The epoch of a fork that has what it took over, and not yet its own first op. */
  #inTheMaking: string | undefined;
  #recovered = false;

  get #lease(): Lease {
    this.#lifetime ??= new Lease(this.engine.store.meta);
    return this.#lifetime;
  }

  get #forks(): ForkLeases {
    const { store, chores } = this.engine;
    this.#leases ??= new ForkLeases({
      meta: store.meta,
      chores,
      clock: this.host.clock,
      name: this.host.name,
      sibling: (name) => this.sibling(name),
    });
    return this.#leases;
  }

  /** Another stream by its name, for those that branch off it. Without it there are no forks. */
  protected sibling(_name: string): DurableApi | undefined {
    return undefined;
  }

  async durableHead(): Promise<Found | Absent> {
    if ((await this.#lapse()) !== undefined) return { is: "missing" };
    const standing = this.#standing();
    return standing.is === "found" ? { is: "found", info: this.#info(standing.stream) } : standing;
  }

  async durableCreate(request: CreateRequest, admission: Admission): Promise<Created> {
    const refused =
      unlessMay(admission, "write") ?? (request.closed === true ? unlessMay(admission, "admin") : undefined);
    if (refused !== undefined) return refused;
    const create = (): Promise<Created> => this.storing(() => this.#create(request, admission));
    if (request.fork === undefined) return create();
    // One fork after the other: the second finds the first, and takes no lease that it would have to release.
    const made = this.#making.then(create);
    this.#makes += 1;
    this.#making = made.catch(() => undefined).finally(() => (this.#makes -= 1));
    return made;
  }

  async #create(request: CreateRequest, admission: Admission): Promise<Created> {
    await this.reserveTokens(admission);
    const lapsed = await this.#lapse();
    if (lapsed !== undefined) return toFailed(lapsed);
    const before = this.#existing(request);
    if (before !== undefined) return before;
    const { fork } = request;
    const branch = fork === undefined ? undefined : await this.#branch(fork, request.contentType);
    if (branch !== undefined && "ok" in branch) return branch;
    if (branch !== undefined && branch.is !== "branch") return unbranched(branch);
    // Somebody may have made it while the source was asked.
    const meanwhile = branch === undefined ? undefined : this.#existing(request);
    const config = configOf(request, branch?.config, branch?.point);
    const body = dataOf(config, request.body);
    if (meanwhile === undefined && !("why" in body) && !(body instanceof Refusal)) {
      return this.#make(config, branch, body, request.closed === true, admission);
    }
    await this.#returnLease(branch);
    if (meanwhile !== undefined) return meanwhile;
    return body instanceof Refusal ? toFailed(body) : { is: "bad", why: "why" in body ? body.why : "" };
  }

  async durableAppend(request: AppendRequest, admission: Admission): Promise<Appended> {
    const refused =
      unlessMay(admission, "write") ?? (request.close === true ? unlessMay(admission, "admin") : undefined);
    return refused ?? this.storing(() => this.#append(request, admission));
  }

  async #append(request: AppendRequest, admission: Admission): Promise<Appended> {
    await this.reserveTokens(admission);
    const lapsed = await this.#lapse();
    if (lapsed !== undefined) return toFailed(lapsed);
    const standing = this.#standing();
    if (standing.is !== "found") return standing;
    const { stream } = standing;
    const { body, ...rest } = request;
    // What is of another type is not looked into.
    const matches = rest.contentType === undefined || mediaType(rest.contentType) === mediaType(stream.contentType);
    const data = matches ? dataOf(stream, body) : body.byteLength === 0 ? [] : [NOTHING];
    const isRead = !("why" in data || data instanceof Refusal);
    const { user } = admission;
    const append = {
      type: "append" as const,
      ...rest,
      data: isRead ? data : [NOTHING],
      ...(user === undefined ? {} : { user: user.id }),
    };
    const verdict = judge(stream, append);
    this.#touch(stream);
    if (verdict.is !== "accepted") return { ...verdict, info: this.#info(stream) };
    if (data instanceof Refusal) return toFailed(data);
    if ("why" in data) return { is: "bad", why: data.why };
    if (body.byteLength > 0 && data.length === 0) return { is: "bad", why: "An empty list appends nothing." };
    if (stream.closed === true) return { is: "accepted", info: this.#info(stream), appended: false };
    const { seq: before } = this.engine.ledger.position;
    const ahead = this.engine.ledger.staged;
    const outcome = await this.#write(append, admission);
    if (!outcome.ok) return outcome;
    const last = (parseVersion(outcome.version)?.seq ?? before + ahead) - (request.close === true ? 1 : 0);
    const info = this.#info(stream);
    return {
      is: "accepted",
      appended: data.length > 0,
      info: { ...info, tail: data.length === 0 ? stream.tail : last, closed: request.close === true },
    };
  }

  async durableRead(after?: { readonly epoch: string; readonly seq: number } | "now"): Promise<ReadResult> {
    if ((await this.#lapse()) !== undefined) return { is: "missing" };
    this.engine.commits.settle();
    const standing = this.#standing();
    if (standing.is !== "found") return standing;
    const { stream } = standing;
    this.#touch(stream);
    const { ledger, store } = this.engine;
    const info = this.#info(stream);
    const from = after === undefined ? ledger.oldest - 1 : after === "now" ? stream.tail : after.seq;
    const foreign = typeof after === "object" && !isOf(stream, info.epoch, after);
    if (foreign || from < ledger.oldest - 1 || from > ledger.position.seq) return { is: "expired", info };
    const { data, next } = readData(store.log, from);
    const body = bodyOf(stream, data);
    return {
      is: "read",
      info,
      body,
      empty: data.length === 0,
      next: Math.max(next, from),
      upToDate: next >= stream.tail,
    };
  }

  async durableDelete(admission: Admission): Promise<{ readonly is: "deleted" } | Absent | Failed> {
    return unlessMay(admission, "admin") ?? this.storing(() => this.#delete());
  }

  async #delete(): Promise<{ readonly is: "deleted" } | Absent | Failed> {
    const lapsed = await this.#lapse();
    if (lapsed !== undefined) return toFailed(lapsed);
    const standing = this.#standing();
    if (standing.is !== "found") return standing;
    const failed = await this.#wipe();
    return failed === undefined ? { is: "deleted" } : toFailed(failed);
  }

  async durableBranch(fork: ForkRequest, contentType: string | undefined, name: string): Promise<Branching> {
    return this.storing(() => this.#branchOff(fork, contentType, name));
  }

  async #branchOff(fork: ForkRequest, contentType: string | undefined, name: string): Promise<Branching> {
    const lapsed = await this.#lapse();
    if (lapsed !== undefined) return toFailed(lapsed);
    this.engine.commits.settle();
    const standing = this.#standing();
    if (standing.is !== "found") return standing;
    const { ledger, store } = this.engine;
    const branch = branchOf(standing.stream, ledger, store.log, fork, contentType);
    if (branch.is !== "branch") return branch;
    // Stored before this is answered: from now on the name stays until the fork is gone, or says that it was never made.
    const lease = this.engine.commits.guard(() => this.#forks.take(name));
    return lease instanceof Refusal ? toFailed(lease) : { ...branch, lease };
  }

  async durableRelease(name: string, lease = ""): Promise<Failed | undefined> {
    if (!this.engine.store.born) return undefined;
    const dropped = this.engine.commits.guard(() => this.#forks.drop(name, lease));
    const refusal = dropped instanceof Refusal ? dropped : await this.#freeIfUnheld();
    return refusal === undefined ? undefined : toFailed(refusal);
  }

  async durableLease(from: string, token: string): Promise<LeaseAnswer> {
    if (this.#makes > 0) return "making";
    if (!this.engine.store.born) return "free";
    if ((await this.#lapse()) !== undefined) return "making";
    const { source } = this.#forks;
    const isOurs = source?.from === from && (source.token === token || source.token === "");
    return isOurs && this.#holdsSource() ? "held" : "free";
  }

  /** A stream that has forks is then gone as one that was deleted: its name is not free before they are. */
  override async clear(admission: Admission, options?: WriteOptions): Promise<Outcome> {
    await this.reserveTokens(admission);
    return this.storing(() => this.#clear(admission, options));
  }

  async #clear(admission: Admission, options?: WriteOptions): Promise<Outcome> {
    if (this.#standing().is === "gone") return unlessMay(admission, "write") ?? toFailed(refuse("conflict", WHY_GONE));
    const before = this.engine.ledger.position.epoch;
    const cleared = this.#cleared();
    const outcome = this.adopt(cleared, "cleared", admission, options, () => this.#end(cleared));
    if (this.engine.ledger.position.epoch !== before) await this.#forks.releaseNow();
    return outcome;
  }

  #standing(): Standing {
    const { ledger } = this.engine;
    // Not by asking storage, which is a query for each append.
    if (ledger.position.epoch === UNBORN.epoch) return { is: "missing" };
    const stream = durableOf(ledger.stagedState);
    if (stream !== undefined) return { is: "found", stream };
    return { is: ledger.state.gone === true || this.#lease.gone ? "gone" : "missing" };
  }

  #info(stream: DurableState): DurableInfo {
    const { position, oldest } = this.engine.ledger;
    const { contentType, tail, closed = false, ttl, expiresAt, fork } = stream;
    return {
      contentType,
      epoch: position.epoch,
      tail,
      head: position.seq,
      oldest,
      closed,
      ...(ttl === undefined ? {} : { ttl }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(fork === undefined ? {} : { fork }),
    };
  }

  /** What a request to create comes to when the name is taken. */
  #existing(request: CreateRequest): Created | undefined {
    const standing = this.#standing();
    if (standing.is === "missing") return undefined;
    if (standing.is === "gone") return { is: "conflict", why: WHY_GONE };
    return isSame(request, standing.stream)
      ? { is: "exists", info: this.#info(standing.stream) }
      : { is: "conflict", why: "It is there with another configuration." };
  }

  async #branch(fork: ForkRequest, contentType: string | undefined): Promise<Branching> {
    const source = this.sibling(fork.from);
    const name = this.host.name;
    if (source === undefined || name === undefined) return { is: "bad", why: "Streams do not branch off here." };
    try {
      return await source.durableBranch(fork, contentType, name);
    } catch (error) {
      console.error("roomcast: stream: the source of a fork could not be asked", error);
      return toFailed(refuse("storage_failed", "The source could not be read; nothing was made. Try again."));
    }
  }

  /** The lease of a fork that is not made after all. If this fails, the source asks within a minute. */
  async #returnLease(branch: Branched | undefined): Promise<void> {
    const name = this.host.name;
    if (branch === undefined || name === undefined) return;
    try {
      await this.sibling(branch.point.from)?.durableRelease(name, branch.lease);
    } catch (error) {
      console.warn("roomcast: stream: the source of a fork could not be released yet", error);
    }
  }

  async #make(
    config: DurableConfig,
    branch: Branched | undefined,
    body: readonly DataOp[],
    closed: boolean,
    admission: Admission,
  ): Promise<Created> {
    if (branch !== undefined) {
      const { point, rows } = branch;
      const durable: DurableState = { ...config, ops: point.seq, tail: point.seq, producers: {} };
      const state = { ...countData(rows), durable };
      const past = { seq: point.seq, rows };
      const also = (): void => this.#forks.keep({ from: point.from, token: branch.lease ?? "" });
      const over = this.overRate(admission);
      const refusal = over === undefined ? this.engine.replace(state, "restored", { past, also }) : undefined;
      const failed = refusal === undefined ? over : toFailed(refusal);
      if (failed !== undefined) {
        await this.#returnLease(branch);
        return failed;
      }
    }
    const { epoch } = this.engine.ledger.position;
    this.#inTheMaking = branch === undefined ? undefined : epoch;
    // A fork is counted by now.
    const { address: _, ...uncounted } = admission;
    const by = branch === undefined ? admission : uncounted;
    const close = closed ? { closed: true as const } : {};
    const prefix = branch?.prefix ?? [];
    // What is taken over is a message of its own, before the stream's first.
    const writes =
      prefix.length > 0 && body.length > 0
        ? [
            this.#write({ type: "create", config, data: prefix }, by),
            this.#write({ type: "append", data: body, ...(closed ? { close: true as const } : {}) }, by),
          ]
        : [this.#write({ type: "create", config, data: [...prefix, ...body], ...close }, by)];
    const refused = (await Promise.all(writes)).find((outcome) => !outcome.ok);
    this.#inTheMaking = undefined;
    if (refused?.ok === false) {
      // What it took over was stored before its own first write, and goes with it.
      if (branch !== undefined && this.engine.ledger.position.epoch === epoch) await this.#wipe();
      return refused;
    }
    this.#touch(config);
    const standing = this.#standing();
    return standing.is === "found"
      ? { is: "created", info: this.#info(standing.stream) }
      : { is: "conflict", why: "It was deleted as it was made." };
  }

  #write(intent: StreamIntent, admission: Admission): Promise<Outcome> {
    const { user, can } = admission;
    const network = this.engine.networkOf(admission);
    return this.engine.commits.write(
      { can, ...(user === undefined ? {} : { user }), ...(network === undefined ? {} : { network }) },
      { intents: [intent], admitted: true },
    );
  }

  #touch(config: DurableConfig): void {
    const now = this.host.clock.now();
    this.#lease.touch(config, now);
    const until = this.#lease.until(config);
    // Its time begins when the last reader leaves: until then the room is not woken for it each time.
    const at = this.#isHeld(config) ? Math.max(until, now + HELD) : until;
    if (Number.isFinite(at)) this.engine.chores.plan(LAPSE, at);
  }

  /** Whether somebody is connected, which is a use of a stream that goes when it is not used. */
  #isHeld({ ttl }: DurableConfig): boolean {
    return ttl !== undefined && this.engine.connections > 0;
  }

  /** A reader has come or left. Where storage fails, the stream's time to live is not renewed, and the reader is served. */
  #used(): void {
    try {
      const standing = this.#standing();
      if (standing.is === "found" && standing.stream.ttl !== undefined) this.#touch(standing.stream);
    } catch (error) {
      console.error("roomcast: stream: the time to live could not be renewed", error);
    }
  }

  override async fetch(request: Request): Promise<Response> {
    await this.#lapse();
    const response = await super.fetch(request);
    if (response.webSocket !== null) this.#used();
    return response;
  }

  override webSocketClose(ws: WebSocket, code?: number, reason?: string): void {
    super.webSocketClose(ws, code, reason);
    this.#used();
  }

  override webSocketError(ws: WebSocket): void {
    super.webSocketError(ws);
    this.#used();
  }

  /** Lets the stream go when its time is over. The refusal says that storage would not: then it is neither read nor written. */
  async #lapse(): Promise<Refusal | undefined> {
    const failed = await this.#recover();
    if (failed !== undefined) return failed;
    const standing = this.#standing();
    if (standing.is !== "found") return undefined;
    const until = this.#lease.until(standing.stream);
    if (this.host.clock.now() >= until) {
      if (!this.#isHeld(standing.stream)) return this.#wipe();
      this.#touch(standing.stream);
    } else if (Number.isFinite(until)) this.engine.chores.plan(LAPSE, until);
    return undefined;
  }

  /** Undoes what a crash left half made, and takes up what it left half released. */
  async #recover(): Promise<Refusal | undefined> {
    const standing = this.#standing();
    const { epoch } = this.engine.ledger.position;
    if (epoch === UNBORN.epoch) return undefined;
    if (standing.is === "found" && isHalfMade(standing.stream) && epoch !== this.#inTheMaking) return this.#wipe();
    if (this.#recovered) return undefined;
    this.#recovered = true;
    if (!this.#holdsSource()) this.#forks.giveUp();
    // Forks that older code noted may never have been made, and storage may have refused to free the name.
    const { forks } = this.#forks;
    if (standing.is === "gone" && (forks.length === 0 || forks.some(({ held }) => held !== true))) {
      this.#forks.confirmBy(this.host.clock.now());
    }
    return undefined;
  }

  /** The state of a stream without data: gone, as long as there are forks of what it was. */
  #cleared(): StreamState {
    const held = this.engine.store.born && this.#forks.forks.length > 0;
    return { ...this.kind.initial(), ...(held ? { gone: true as const } : {}) };
  }

  async #wipe(): Promise<Refusal | undefined> {
    const cleared = this.#cleared();
    const refusal = this.engine.replace(cleared, "cleared", { also: () => this.#end(cleared) });
    if (refusal !== undefined) return refusal;
    await this.#forks.releaseNow();
    return undefined;
  }

  /** Whether the lease on the source is still needed: by a fork that is there, or whose name is not free yet. */
  #holdsSource(): boolean {
    const standing = this.#standing();
    return standing.is === "gone" || (standing.is === "found" && standing.stream.fork !== undefined);
  }

  /** Within the transaction that ends the stream: nothing of it is left for the next of its name, and its source is owed a release. */
  #end({ gone }: StreamState): void {
    this.#lease.end();
    if (gone !== true) this.#forks.giveUp();
  }

  /** The name of what was deleted is free again when its last fork is gone. */
  async #freeIfUnheld(): Promise<Refusal | undefined> {
    if (this.#standing().is !== "gone" || this.#forks.forks.length > 0) return undefined;
    const initial = this.kind.initial();
    const also = (): void => {
      this.#lease.free();
      this.#end(initial);
    };
    const refusal = this.engine.replace(initial, "cleared", { also });
    if (refusal !== undefined) return refusal;
    await this.#forks.releaseNow();
    return undefined;
  }
}

/** Stands for data that is not looked at. */
const NOTHING: DataOp = { type: "chunk", text: "" };

function unlessMay({ can }: Admission, permission: Permission): Failed | undefined {
  return can.includes(permission)
    ? undefined
    : toFailed(refuse("forbidden", `This needs the permission "${permission}".`));
}
