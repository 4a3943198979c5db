import type { Rooms } from "../../../src/client/connect.ts";
import type { Chance } from "../random.ts";
import type { Binding } from "../world.ts";

/** What the checks and the steps need of any client's room. */
export interface Handle {
  readonly status: { readonly phase: string };
  readonly pending: number;
  readonly presence?: { set(data: never): void; clear(): void; subscribe(listener: () => void): () => void };
  close(): void;
}

/** One mutation that a client asked for. `token` is in what is logged of it, once; absent where nothing may be. */
export interface Attempt {
  readonly token: string | undefined;
  readonly promise: Promise<unknown>;
}

/** What people do in rooms of one kind, and what must be true of them afterwards. */
export interface Script<H extends Handle = Handle> {
  readonly binding: Binding;
  /** The room's path at the Worker. */
  readonly path: (id: string) => string;
  /** What can be read below it, beside what all rooms have. */
  readonly paths: readonly string[];
  /** `isNew`: with the code of after a deploy, where the kind has such. */
  readonly open: (rooms: Rooms, id: string, isNew: boolean) => H;
  /** `filler`: the most characters to add. */
  readonly mutate: (handle: H, chance: Chance, token: string, filler: number) => Attempt;
  /** A mutation with this many characters more; absent where no mutation can be large. */
  readonly large?: (handle: H, token: string, filler: number) => Attempt;
  /** A write over HTTP, with an Idempotency-Key of its own. */
  readonly request: (chance: Chance, token: string) => { readonly path: string; readonly body: string };
  /** The tokens that an op brings. */
  readonly tokens: (op: never) => readonly string[];
  /** A page that is read through a filter, and whether something is on it that the filter withholds. */
  readonly filtered?: { readonly path: string; readonly isWithheld: (text: string) => boolean };
  /** An op may come back, as by an undo: a token is then there once or more. */
  readonly repeats?: true;
  /** An op may erase another, named by its number: after a clear, one of the new history. */
  readonly erases?: true;
  readonly presence: (chance: Chance, token: string) => object;
  /** What must be equal, of a client that is live and of the room. */
  readonly shown: (handle: H) => unknown;
  readonly stored: (state: never) => unknown;
  readonly simple: readonly SimpleFormat[];
}

/** A simpler wire format of a kind, as its users' clients speak it. */
export interface SimpleFormat {
  readonly address: (id: string) => string;
  /** Sent at once. */
  readonly hello: readonly string[];
  readonly write: (chance: Chance, token: string) => string | undefined;
  /** The tokens that a frame brings, each of which comes once, in the order of the log. */
  readonly tokens?: (frame: string) => readonly string[];
  /** Those of an op, where not all that it has are for this format. */
  readonly logged?: (op: never) => readonly string[];
  /** From this frame's place on, no token is left out. */
  readonly completeFrom?: (frames: readonly string[]) => number;
  /** What must be equal in the end, of what it was sent and of the room. Throws where what it was sent contradicts itself. */
  readonly shown?: (frames: readonly string[]) => unknown;
  readonly stored?: (state: never) => unknown;
}
