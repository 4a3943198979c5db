import { durableOf, isOf, judge, mediaType, WHY_GONE } from "../../kinds/stream/durable/state.ts";
import type { DataOp, DurableConfig, DurableState, ForkPoint } from "../../kinds/stream/durable/types.ts";
import type { StreamIntent, StreamOp, StreamState } from "../../kinds/stream/types.ts";
import { parseVersion, type Position } from "../../protocol/position.ts";
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
  ReadResult,
} from "./api.ts";
import { bodyOf } from "../../kinds/stream/durable/bytes.ts";
import { dataOf, prefixOf } from "./data.ts";
import { Lease } from "./lease.ts";
import { countData, messageAfter, readData, rowsUpTo } from "./log.ts";
import { UNBORN } from "../../protocol/position.ts";
import { Room } from "../room.ts";

const LAPSE = "lapse";
/** Streams that branched off one another know the offsets of so many before them. */
const MOST_HISTORIES = 32;
/** While a reader is connected, a stream's time is looked at so often at the most, in milliseconds. */
const HELD = 90_000;
const OCTETS = "application/octet-stream";

type ForkRequest = NonNullable<CreateRequest["fork"]>;
type Branched = Extract<Branching, { readonly is: "branch" }>;
type Standing = { readonly is: "found"; readonly stream: DurableState } | Absent;

/** The part of a stream's room that speaks for the Durable Streams protocol. The log is the stream's own. */
export abstract class DurableRoom<Env> extends Room<StreamState, StreamIntent, StreamOp, Env> implements DurableApi {
  /** Lets streams go whose time is over. To be among the room's chores. */
  protected readonly lapse: Readonly<Record<string, Chore>> = { [LAPSE]: async () => this.#lapse() };

  #kept: Lease | undefined;

  get #lease(): Lease {
    this.#kept ??= new Lease(this.engine.store.meta);
    return this.#kept;
  }

  /** Another stream by its name, for those that branch off it. Without it there are no forks. */
  protected sibling(_name: string): DurableApi | undefined {
    return undefined;
  }

  async durableHead(): Promise<Found | Absent> {
    await this.#lapse();
    const standing = this.#standing();
    return standing.is === "found" ? { is: "found", info: this.#info(standing.stream) } : standing;
  }

  async durableCreate(request: CreateRequest, admission: Admission): Promise<Created> {
    const refused =
      unlessMay(admission, "write") ?? (request.closed === true ? unlessMay(admission, "admin") : undefined);
    if (refused !== undefined) return refused;
    await this.#lapse();
    const before = this.#existing(request);
    if (before !== undefined) return before;
    const { fork } = request;
    const branch = fork === undefined ? undefined : await this.#branch(fork, request.contentType);
    if (branch !== undefined && branch.is !== "branch") return unbranched(branch);
    // Somebody may have made it while the source was asked.
    const meanwhile = branch === undefined ? undefined : this.#existing(request);
    const config = configOf(request, branch?.config, branch?.point);
    const body = dataOf(config, request.body);
    if (meanwhile !== undefined || "why" in body || body instanceof Refusal) {
      await this.#release(fork?.from);
      if (meanwhile !== undefined) return meanwhile;
      return body instanceof Refusal ? toFailed(body) : { is: "bad", why: "why" in body ? body.why : "" };
    }
    return this.#make(config, branch, body, request.closed === true, admission);
  }

  async durableAppend(request: AppendRequest, admission: Admission): Promise<Appended> {
    const refused =
      unlessMay(admission, "write") ?? (request.close === true ? unlessMay(admission, "admin") : undefined);
    if (refused !== undefined) return refused;
    await this.#lapse();
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
    await this.#lapse();
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
    const refused = unlessMay(admission, "admin");
    if (refused !== undefined) return refused;
    await this.#lapse();
    const standing = this.#standing();
    if (standing.is !== "found") return standing;
    await this.#wipe();
    return { is: "deleted" };
  }

  async durableBranch(fork: ForkRequest, contentType: string | undefined, name: string): Promise<Branching> {
    await this.#lapse();
    this.engine.commits.settle();
    const standing = this.#standing();
    if (standing.is !== "found") return standing;
    const { stream } = standing;
    if (contentType !== undefined && mediaType(contentType) !== mediaType(stream.contentType)) {
      return { is: "conflict", why: `The source holds ${stream.contentType}.` };
    }
    const { ledger, store } = this.engine;
    const { epoch } = ledger.position;
    const { position = { epoch, seq: stream.tail }, sub, from } = fork;
    const known = isOf(stream, epoch, position) || (position.epoch === "" && position.seq === 0);
    if (!known || position.seq > stream.tail || position.seq < ledger.oldest - 1) {
      return { is: "bad", why: "The source has no such offset." };
    }
    const message = sub === 0 ? undefined : messageAfter(store.log, position.seq);
    const prefix = sub === 0 ? [] : prefixOf(message?.data ?? [], sub);
    if (prefix === undefined) return { is: "bad", why: "The sub-offset is beyond the message." };
    const rows = rowsUpTo(store.log, position.seq);
    if (rows === undefined) return { is: "bad", why: "The source is too large to branch off: 32 MiB is the most." };
    const lease = this.#lease;
    if (!lease.forks.includes(name)) lease.forks = [...lease.forks, name];
    const { ttl, expiresAt } = stream;
    const config: DurableConfig = {
      contentType: stream.contentType,
      ...(ttl === undefined ? {} : { ttl }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    const { seq } = position;
    const earlier = (stream.fork?.histories ?? []).map((history) => ({ ...history, seq: Math.min(history.seq, seq) }));
    const histories = [{ epoch, seq }, ...earlier].slice(0, MOST_HISTORIES);
    return { is: "branch", point: { from, seq, sub, histories }, config, rows, prefix };
  }

  async durableRelease(name: string): Promise<void> {
    if (!this.engine.store.born) return;
    const lease = this.#lease;
    lease.forks = lease.forks.filter((fork) => fork !== name);
    if (lease.gone && lease.forks.length === 0) await this.#free();
  }

  override async clear(admission: Admission, options?: WriteOptions): Promise<Outcome> {
    // It has nothing to clear, and its name is not free.
    if (this.#standing().is === "gone") return unlessMay(admission, "write") ?? toFailed(refuse("conflict", WHY_GONE));
    return super.clear(admission, options);
  }

  #standing(): Standing {
    const { ledger } = this.engine;
    // Not by asking storage, which is a query for each append.
    if (ledger.position.epoch === UNBORN.epoch) return { is: "missing" };
    const stream = durableOf(ledger.stagedState);
    if (stream !== undefined) return { is: "found", stream };
    return { is: this.#lease.gone ? "gone" : "missing" };
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
    return source.durableBranch(fork, contentType, name);
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
      const refusal = this.engine.replace(state, "restored", undefined, { seq: point.seq, rows });
      if (refusal !== undefined) {
        await this.#release(point.from);
        return toFailed(refusal);
      }
      this.#lease.source = point.from;
    }
    const { can } = admission;
    const close = closed ? { closed: true as const } : {};
    const prefix = branch?.prefix ?? [];
    // What is taken over is a message of its own, before the stream's first.
    const writes =
      prefix.length > 0 && body.length > 0
        ? [
            this.#write({ type: "create", config, data: prefix }, admission),
            // Counted with the first: half a stream helps nobody.
            this.#write({ type: "append", data: body, ...(closed ? { close: true as const } : {}) }, { can }),
          ]
        : [this.#write({ type: "create", config, data: [...prefix, ...body], ...close }, admission)];
    const refused = (await Promise.all(writes)).find((outcome) => !outcome.ok);
    if (refused?.ok === false) {
      // What it took over was stored before its own first write, and goes with it.
      if (branch !== undefined) await this.#wipe();
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

  /** A reader has come or left. */
  #used(): void {
    const standing = this.#standing();
    if (standing.is === "found" && standing.stream.ttl !== undefined) this.#touch(standing.stream);
  }

  override async fetch(request: Request): Promise<Response> {
    await this.#lapse();
    const response = await super.fetch(request);
    if (response.webSocket !== null) this.#used();
    return response;
  }

  override webSocketClose(ws: WebSocket): void {
    super.webSocketClose(ws);
    this.#used();
  }

  override webSocketError(ws: WebSocket): void {
    super.webSocketError(ws);
    this.#used();
  }

  /** Lets the stream go when its time is over. */
  async #lapse(): Promise<void> {
    const standing = this.#standing();
    if (standing.is !== "found") return;
    const until = this.#lease.until(standing.stream);
    if (this.host.clock.now() >= until) {
      if (this.#isHeld(standing.stream)) this.#touch(standing.stream);
      else await this.#wipe();
    } else if (Number.isFinite(until)) this.engine.chores.plan(LAPSE, until);
  }

  async #wipe(): Promise<void> {
    const lease = this.#lease;
    const held = lease.forks.length > 0;
    this.engine.replace({ ...this.kind.initial(), ...(held ? { gone: true } : {}) }, "cleared");
    lease.end();
    if (held) lease.gone = true;
    else await this.#free();
  }

  /** The name is free again, and so is that of the source, if it waited for that. */
  async #free(): Promise<void> {
    const lease = this.#lease;
    const { source } = lease;
    lease.gone = false;
    lease.source = undefined;
    if (this.engine.ledger.state.gone === true) this.engine.replace(this.kind.initial(), "cleared");
    await this.#release(source);
  }

  async #release(source: string | undefined): Promise<void> {
    const name = this.host.name;
    if (source !== undefined && name !== undefined) await this.sibling(source)?.durableRelease(name);
  }
}

/** Stands for data that is not looked at. */
const NOTHING: DataOp = { type: "chunk", text: "" };

function configOf(
  request: CreateRequest,
  source: DurableConfig | undefined,
  fork: DurableConfig["fork"],
): DurableConfig {
  const own = request.ttl !== undefined || request.expiresAt !== undefined;
  const { ttl, expiresAt } = own ? request : (source ?? {});
  return {
    contentType: request.contentType ?? source?.contentType ?? OCTETS,
    ...(ttl === undefined ? {} : { ttl }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(fork === undefined ? {} : { fork }),
  };
}

/** Whether a request asks for the stream that is there. What a fork leaves open, it has inherited. */
function isSame(request: CreateRequest, stream: DurableState): boolean {
  const { fork, contentType, ttl, expiresAt, closed } = request;
  if (fork?.from !== stream.fork?.from || (closed ?? false) !== (stream.closed ?? false)) return false;
  if (fork !== undefined) {
    if (fork.sub !== stream.fork?.sub) return false;
    const { position } = fork;
    if (position !== undefined && (position.seq !== stream.fork.seq || !isPast(stream.fork, position))) return false;
  }
  const inherits = fork !== undefined;
  const isType = contentType === undefined && inherits;
  const isLife = ttl === undefined && expiresAt === undefined && inherits;
  return (
    (isType || mediaType(contentType ?? OCTETS) === mediaType(stream.contentType)) &&
    (isLife || (ttl === stream.ttl && expiresAt === stream.expiresAt))
  );
}

/** Whether a position is one of a fork's source, as far as is known: forks did not always note where they came from. */
function isPast({ histories }: ForkPoint, { epoch, seq }: Position): boolean {
  return histories === undefined || seq === 0 || histories.some((history) => history.epoch === epoch);
}

function unbranched(branching: Exclude<Branching, Branched>): Created {
  if (branching.is === "gone") return { is: "conflict", why: "The source was deleted." };
  return branching;
}

function unlessMay({ can }: Admission, permission: Permission): Failed | undefined {
  return can.includes(permission)
    ? undefined
    : toFailed(refuse("forbidden", `This needs the permission "${permission}".`));
}
