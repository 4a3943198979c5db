import type { Clock } from "./host/host.ts";
import type { Run } from "../dialects/dialect.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Refusal } from "../protocol/refusal.ts";
import type { Permission, User } from "../protocol/user.ts";
import type { Demands } from "./conditions.ts";
import type { PersonSubject, RateSubject } from "./rates/subject.ts";
import type { LogRow } from "./storage/log.ts";

/** What must stay, whatever its age. */
export interface Hold {
  readonly clock: Clock;
  /** The clients that are here now, whose receipts stay. */
  readonly connected: () => ReadonlySet<string>;
  /** No op after this one may be dropped, whatever the retention says. */
  readonly floor?: (() => number) | undefined;
  /** Plans the jobs that a write calls for, in its transaction: no write is stored without them. */
  readonly plan?: (() => void) | undefined;
  /** A transaction was undone, and memory may hold what was planned in it. */
  readonly undone?: (() => void) | undefined;
}

/** A history that another room had up to `seq`, to begin with, under an epoch of its own. */
export interface Branch {
  readonly seq: number;
  /** What of it is still there, oldest first; no row goes beyond `seq`. */
  readonly rows: readonly Pick<LogRow, "first" | "last" | "at" | "kindVersion" | "body">[];
}

/** Who a mutation is from. All absent: the Worker's own code. */
export interface Author {
  /** Secret name, for de-duplication. */
  readonly client?: string;
  /** Public name, for `entries[].by`. */
  readonly by?: string;
  /** See `Context.guest`. */
  readonly guest?: string;
  readonly user?: User;
  readonly can: readonly Permission[];
  /** What the connection shows of itself. */
  readonly presence?: JsonObject;
  /** Stands for the network address; see `Context.address`. */
  readonly address?: string;
  /** What the author's actions are counted by; absent where nothing is counted. */
  readonly network?: RateSubject;
  /** Whose own buckets the author's actions also draw on; absent for guests who write over HTTP. */
  readonly person?: PersonSubject;
}

export interface Mutation<Intent> extends Demands {
  readonly m?: number;
  /** It may have been applied already, after this version, `<epoch>.<seq>`. */
  readonly again?: string;
  readonly intents: readonly Intent[];
  /** The room itself made the intents, and has checked what they are made of. */
  readonly admitted?: true;
}

/** A mutation that has a number, and whose author is known by a secret name. */
export type Numbered = Required<Pick<Author, "client" | "by">> & Required<Pick<Mutation<unknown>, "m">>;

/** What comes with a history that takes the place of another. */
export interface Replacement {
  /** The mutation that asked for it, when it has a number; it is noted as applied. */
  readonly write?: Numbered | undefined;
  /** What comes before: the count goes on from there. */
  readonly past?: Branch;
  /** Stores more in the same transaction, while the earlier history is still there. */
  readonly also?: () => void;
}

/**
 * `applied`: an earlier sending of it was stored; `nothing`: it changes nothing, and is not logged;
 * `full`: together with what is staged it is too large for a row, so commit first.
 */
export type Staging = "staged" | "applied" | "nothing" | "full" | Refusal;

/** What one commit made: for the dialects, and as text for native connections. */
export interface Committed<State, Op> extends Run<State, Op> {
  readonly last: number;
  /** The row's body: an `ops` message. */
  readonly text: string;
  /** Further rows of the same commit, where one mutation took more than one. */
  readonly rest?: readonly Committed<State, Op>[];
}
