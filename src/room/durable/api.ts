import type { Append, DataOp, DurableConfig, ForkPoint } from "../../kinds/stream/durable/types.ts";
import type { Verdict } from "../../kinds/stream/durable/state.ts";
import type { Admission, Failed } from "../api.ts";
import type { LogRow } from "../storage/log.ts";

/** A stream as the Durable Streams protocol sees it. Positions are numbers of ops; `epoch` goes with them. */
export interface DurableInfo {
  readonly contentType: string;
  readonly epoch: string;
  /** The newest op that holds data, 0 for none. */
  readonly tail: number;
  /** The newest op, whether it holds data or not. */
  readonly head: number;
  /** Data before this op is no longer kept. */
  readonly oldest: number;
  readonly closed: boolean;
  readonly ttl?: number;
  readonly expiresAt?: string;
  readonly fork?: ForkPoint;
}

/** Not there; or deleted, while streams that branched off it are still there. */
export type Absent = { readonly is: "missing" } | { readonly is: "gone" };

/** A stream that is there. */
export type Found = { readonly is: "found"; readonly info: DurableInfo };

/** A request to make a stream. */
export interface CreateRequest {
  /** Inherited from the source where absent and forking, else `application/octet-stream`. */
  readonly contentType?: string;
  readonly ttl?: number;
  readonly expiresAt?: string;
  readonly closed?: true;
  /** What the stream begins with; may be empty. */
  readonly body: ArrayBuffer;
  readonly fork?: {
    readonly from: string;
    /** Absent: at the source's tail. */
    readonly position?: { readonly epoch: string; readonly seq: number };
    readonly sub: number;
  };
}

/** How a request to make a stream ended. */
export type Created =
  | { readonly is: "created" | "exists"; readonly info: DurableInfo }
  /** There with another configuration; of another type than its source; or its source, or it itself, is gone but for forks. */
  | { readonly is: "conflict"; readonly why: string }
  | { readonly is: "bad"; readonly why: string }
  | { readonly is: "missing" }
  | Failed;

/** A request to append, to close, or both. */
export interface AppendRequest extends Omit<Append, "type" | "data" | "user"> {
  readonly body: ArrayBuffer;
}

/** How such a request ended. */
export type Appended =
  | (Exclude<Verdict, { readonly is: "accepted" }> & { readonly info: DurableInfo })
  /** `appended` is false where it only closed the stream, or found it closed. */
  | { readonly is: "accepted"; readonly info: DurableInfo; readonly appended: boolean }
  | { readonly is: "bad"; readonly why: string }
  | Absent
  | Failed;

/** One message: the data of one request. */
export interface DurableMessage {
  /** The number of its last op: the position after it. */
  readonly seq: number;
  readonly data: readonly DataOp[];
}

/** A page of a stream. */
export type ReadResult =
  | {
      readonly is: "read";
      readonly info: DurableInfo;
      /** The messages as they go out: a JSON list, or bytes one after the other. Not op by op, which would be copied so. */
      readonly body: Uint8Array<ArrayBuffer>;
      /** There is no message in it. */
      readonly empty: boolean;
      /** The position after the messages. */
      readonly next: number;
      /** Nothing is after them. */
      readonly upToDate: boolean;
    }
  /** The position is of another history, or before what is kept. */
  | { readonly is: "expired"; readonly info: DurableInfo }
  | Absent;

/** What a stream takes over from the one that it branches off. */
export type Branching =
  | {
      readonly is: "branch";
      readonly point: ForkPoint;
      readonly config: DurableConfig;
      readonly rows: readonly Pick<LogRow, "first" | "last" | "at" | "kindVersion" | "body">[];
      /** The part of the message after the branch that is taken over too. */
      readonly prefix: readonly DataOp[];
      /** Names the lease that the fork now has on the source. Absent where the source runs older code. */
      readonly lease?: string;
    }
  | { readonly is: "bad" | "conflict"; readonly why: string }
  | Absent
  | Failed;

/** What a fork answers when its source asks about a lease. */
export type LeaseAnswer = "held" | "free" | "making";

/** What a stream's room offers to the routes of the Durable Streams protocol. */
export interface DurableApi {
  durableHead(): Promise<Found | Absent>;
  durableCreate(request: CreateRequest, admission: Admission): Promise<Created>;
  /** Appends, closes, or both, in one commit. */
  durableAppend(request: AppendRequest, admission: Admission): Promise<Appended>;
  /** Messages after a position, whole ones, about a mebibyte of them. Absent position: from the oldest that is kept. */
  durableRead(after?: { readonly epoch: string; readonly seq: number } | "now"): Promise<ReadResult>;
  durableDelete(admission: Admission): Promise<{ readonly is: "deleted" } | Absent | Failed>;
  /** From another stream of the namespace: what it needs to branch off here. It has a lease on this one from now on. */
  durableBranch(
    request: NonNullable<CreateRequest["fork"]>,
    contentType: string | undefined,
    name: string,
  ): Promise<Branching>;
  /** From another stream: it branched off here under this lease, and is gone. Fails where storage refuses: to be tried again. */
  durableRelease(name: string, lease?: string): Promise<Failed | undefined>;
  /** From a stream that gave this one a lease: whether it was made. */
  durableLease(from: string, lease: string): Promise<LeaseAnswer>;
}
