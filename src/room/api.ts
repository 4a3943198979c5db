import type { Code } from "../protocol/codes.ts";
import type { LooseJson, LooseJsonObject } from "../protocol/json.ts";
import type { Rate } from "../protocol/rate.ts";
import type { LineFault } from "../protocol/refusal.ts";
import type { Permission, User } from "../protocol/user.ts";

/** What the Worker vouches for when it lets somebody through to a room. The room believes it. */
export interface Admission {
  readonly user?: User;
  readonly can: readonly Permission[];
  /** The peer's network address, when known. */
  readonly address?: string;
}

/** Full rights: what the Worker's own code has, and everybody where no `authorize` is configured. */
export const OPEN: Admission = { can: ["read", "write", "admin"] };

/** Carries the Admission, as JSON, on an upgrade that the Worker forwards. Stripped from what clients send. */
export const ADMISSION_HEADER = "x-roomcast-admission";

/** Names the dialect of a forwarded upgrade; `native` where absent. Stripped from what clients send. */
export const DIALECT_HEADER = "x-roomcast-dialect";

/** What the route read from the address for the dialect, as JSON. Stripped from what clients send. */
export const PARAMS_HEADER = "x-roomcast-params";

/**
 * The address and port of the client's TCP connection, on an upgrade that `roomcast start` forwards. It replaces what
 * clients send, and nothing but `roomcast start` looks it up.
 */
export const PEER_HEADER = "x-roomcast-peer";

/** What a write over RPC or HTTP may ask besides. */
export interface WriteOptions {
  /** Refuse unless the room is at this version, `<epoch>.<seq>`. */
  readonly ifVersion?: string;
  /** Preconditions of an HTTP request, judged in the turn that writes. */
  readonly conditions?: Conditions;
  /** 1 to 128 printable ASCII characters that name this write: sent again, it is applied once. */
  readonly idempotencyKey?: string;
}

/** Versions, or `*` for a room that holds anything at all. */
export type Versions = "*" | readonly string[];

/** What a write demands of where the room stands, as the preconditions of HTTP say it. */
export interface Conditions {
  /** The room must be at one of these. */
  readonly match?: Versions;
  /** The room must be at none of these. */
  readonly noneMatch?: Versions;
  /** The state, as JSON, of a room that holds nothing; absent where there is always something. */
  readonly blank?: string;
}

/** How a write over RPC or HTTP ended. */
export type Outcome = Written | Failed;

/** It is applied, and durable. */
export interface Written {
  readonly ok: true;
  /** The room's version after it, `<epoch>.<seq>`. */
  readonly version: string;
}

/** It is not, and has changed nothing: why, as `Refusal` says it, in a form that crosses from one isolate to another. */
export interface Failed {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
  readonly intent?: number;
  readonly path?: string;
  /** The lines at fault of a text of many, the first of them. */
  readonly lines?: readonly LineFault[];
  /** The least time to wait before the same may succeed, in milliseconds. */
  readonly retryAfter?: number;
}

/** The state as JSON text, so that no key of it can mean anything on the way. */
export interface StateText {
  readonly version: string;
  readonly text: string;
}

/** Whole runs of the log, oldest first, with their entries as they read now; and where to read on. */
export interface HistoryPage {
  readonly epoch: string;
  readonly runs: readonly HistoryRun[];
  /** The `seq` to ask for next, absent at the newest op. */
  readonly next?: number;
  /** The oldest op still retained. */
  readonly oldest: number;
  /** Ops up to this one were taken over from another room: of streams that branched off. */
  readonly inherited?: number;
}

export interface HistoryRun {
  readonly seq: number;
  readonly at: number;
  readonly entries: readonly HistoryEntry[];
}

/** One mutation, as in the protocol's `ops`. */
export interface HistoryEntry {
  /** The author's public name; absent for the server's own. */
  readonly by?: string | undefined;
  readonly m?: number | undefined;
  /** The author's user id, when authenticated. */
  readonly user?: string | undefined;
  readonly ops: readonly LooseJson[];
}

/** What one connection shows of itself. */
export interface RosterRecord {
  readonly by: string;
  readonly user?: User | undefined;
  readonly data: LooseJsonObject;
}

/** A saved version, without its state. */
export interface VersionInfo {
  /** Unique within the room, 1 to 64 characters without controls and lone surrogates, not `.` or `..`. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  /** The version of the room that was saved, `<epoch>.<seq>`. */
  readonly version: string;
  readonly bytes: number;
  /** The id of the user who saved it, when authenticated. */
  readonly by?: string;
}

/**
 * What every room offers to the Worker over RPC. Failures that a caller can cause come back as values:
 * a class does not survive the way between isolates. Without an admission it is the server's own call, with full rights.
 */
export interface RoomApi {
  readText(): Promise<StateText>;
  /** `intents`: a JSON array as text, so that its size is known before it is parsed. */
  applyText(intents: string, admission?: Admission, options?: WriteOptions): Promise<Outcome>;
  /** Replaces the history by the initial state; the epoch changes. */
  clear(admission?: Admission, options?: WriteOptions): Promise<Outcome>;
  /** `from` is a `seq`; at most `limit` ops (whole runs), 1,000 at the most. */
  history(range?: { readonly from?: number; readonly limit?: number }): Promise<HistoryPage | Failed>;
  roster(): Promise<Readonly<Record<string, RosterRecord>>>;
  saveVersion(name: string, admission?: Admission): Promise<VersionInfo | Failed>;
  listVersions(): Promise<readonly VersionInfo[]>;
  readVersion(name: string): Promise<StateText | Failed>;
  /** Keeps today's state as the version `before-restore`, then replaces it; the epoch changes. */
  restoreVersion(name: string, admission?: Admission): Promise<Outcome>;
  deleteVersion(name: string, admission?: Admission): Promise<Outcome>;
}

/** A RateLimiter as others see it. */
export interface LimiterStub {
  charge(budget: string, rate: Rate, count: number): Promise<number>;
  take(budget: string, rate: Rate, count: number): Promise<number>;
}

/** The RateLimiters, by network: a Durable Object binding. */
export interface LimiterNamespace {
  getByName(network: string): LimiterStub;
}
