import { hasLoneSurrogate } from "../kinds/json/well-formed.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Limits } from "../protocol/limits.ts";
import { formatVersion } from "../protocol/position.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { admitIntents } from "./admit.ts";
import type { Outcome } from "./api.ts";
import type { Clock } from "./host/host.ts";
import type { Ledger } from "./ledger.ts";
import type { Author, Committed, Mutation } from "./mutation.ts";
import { Pace } from "./pace.ts";
import { costsOf, personCostsOf } from "./rates/costs.ts";
import type { Rates } from "./rates/rates.ts";
import type { PersonSubject, RateSubject } from "./rates/subject.ts";
import type { Store } from "./storage/store.ts";

/** Who waits for the next commit; told why when it failed. */
export type Waiter = (failed: Refusal | undefined) => void;

/** What comes as text is repaired instead: see `wellFormedJson`. */
const LONE_SURROGATE = refuse(
  "bad_intent",
  "A text of the intents has half a surrogate pair; call toWellFormed() on it.",
);

interface Parts<State, Intent, Op> {
  readonly clock: Clock;
  readonly kind: Kind<State, Intent, Op>;
  readonly limits: Limits;
  readonly ledger: Ledger<State, Intent, Op>;
  readonly store: Store;
  /** Absent: nothing is counted. */
  readonly rates?: Rates | undefined;
  /** How many connections a commit goes to. */
  readonly audience: () => number;
  /** What is to be done with a run once it is stored. */
  readonly committed: (run: Committed<State, Op>) => void;
}

/** The way of a mutation into the log: admitted, decided, staged, and committed with what else is staged. */
export class Commits<State, Intent, Op> {
  readonly #parts: Parts<State, Intent, Op>;
  readonly #pace: Pace;
  #waiters: Waiter[] = [];

  constructor(parts: Parts<State, Intent, Op>) {
    this.#parts = parts;
    this.#pace = new Pace({
      staged: () => parts.ledger.staged,
      flush: () => this.#flush(),
      durable: () => parts.store.durable(),
      audience: parts.audience,
      clock: parts.clock,
    });
  }

  /** Answers whether the mutation is staged; `waiter` is then called at its commit. False: nothing is left to do. */
  stage(by: Author, mutation: Mutation<unknown>, waiter: Waiter): boolean | Refusal {
    const { kind, limits, ledger, rates } = this.#parts;
    const { network } = by;
    if (ledger.full) this.settle();
    // After a failure from which it could not be read again either, nothing is decided before it is.
    const unread = this.guard(() => ledger.recover());
    if (unread instanceof Refusal) return unread;
    try {
      const intents = mutation.admitted
        ? (mutation.intents as readonly Intent[])
        : admitIntents(kind, limits, by.can, mutation.intents);
      const counted = rates !== undefined && network !== undefined;
      if (intents instanceof Refusal) return (counted ? rates.take(network, [[kind.name, 1]]) : undefined) ?? intents;
      const charge = counted ? () => charged(kind, rates, network, by.person, costsOf(kind, intents)) : undefined;
      let staging = ledger.stage(by, { ...mutation, intents }, charge);
      if (staging === "full") {
        this.settle();
        // Charged already.
        staging = ledger.stage(by, { ...mutation, intents });
      }
      if (staging instanceof Refusal) return staging;
      if (staging !== "staged") return false;
      this.#waiters.push(waiter);
      return true;
    } catch (error) {
      if (kind.intents === undefined && error instanceof TypeError) {
        console.error(
          `roomcast: ${kind.name}: an intent threw; the kind has no schema (intents) that would refuse it`,
          error,
        );
        return refuse("bad_intent", "The room failed on an intent of this shape; nothing of it was applied.");
      }
      console.error(`roomcast: ${kind.name}: an intent threw`, error);
      return refuse("internal", "The room failed on this intent; nothing of it was applied.");
    }
  }

  /** A mutation from the Worker: RPC or HTTP. Resolves once it is written. */
  write(author: Author, mutation: Mutation<unknown>): Promise<Outcome> {
    const { ledger } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    let seq = 0;
    const answer: Waiter = (failed) => {
      const { epoch } = ledger.position;
      resolve(failed === undefined ? { ok: true, version: formatVersion({ epoch, seq }) } : toFailed(failed));
    };
    const unfit = mutation.admitted === true || !hasLoneSurrogate(mutation.intents) ? undefined : LONE_SURROGATE;
    const staged = unfit ?? this.stage(author, mutation, answer);
    // Its own last op, not the row's: a later write's version would vouch for what this writer has not seen.
    seq = ledger.position.seq + ledger.staged;
    if (staged instanceof Refusal) answer(staged);
    else if (!staged) this.afterCommit(answer);
    this.turn();
    return promise;
  }

  /** An answer that rests on what is staged, and is true only if that is stored. */
  afterCommit(waiter: Waiter): void {
    if (this.#parts.ledger.staged === 0) {
      waiter(undefined);
    } else {
      this.#waiters.push(waiter);
      this.settle();
    }
  }

  /** Commits what is staged when it is time to. Call at the end of every turn that may have staged something. */
  turn(): void {
    this.#pace.turn();
  }

  /** Commits what is staged now, so that what follows sees all of it. */
  settle(): void {
    this.#pace.now();
  }

  /** Does what writes. Where storage refuses, so does the room. */
  guard<T>(work: () => T): T | Refusal {
    try {
      return work();
    } catch (error) {
      return storageRefusal(this.#parts.kind.name, error);
    }
  }

  #flush(): void {
    const { kind, ledger, committed } = this.#parts;
    const waiters = this.#waiters;
    this.#waiters = [];
    const run = this.guard(() => ledger.commit());
    if (run !== undefined && !(run instanceof Refusal)) {
      // It is stored: whatever fails from here on is not the mutations' failure.
      try {
        for (const row of [run, ...(run.rest ?? [])]) committed(row);
      } catch (error) {
        console.error(`roomcast: ${kind.name}: the work after a commit failed`, error);
      }
    }
    const failed = run instanceof Refusal ? run : undefined;
    for (const waiter of waiters) {
      // Each is another connection's or request's: a fault in one is no reason to leave the others waiting.
      try {
        waiter(failed);
      } catch (error) {
        console.error(`roomcast: ${kind.name}: an answer failed`, error);
      }
    }
  }
}

/** What the writer is told of a failure of storage; the cause is for the server's log alone. */
export function storageRefusal(kind: string, error: unknown): Refusal {
  console.error(`roomcast: ${kind}: storage failed`, error);
  if (error instanceof Error && error.message.includes("SQLITE_FULL")) {
    return refuse("storage_full", "The storage of this room is full; nothing of the write was applied.");
  }
  return refuse("storage_failed", "The write was not stored; nothing of it was applied.");
}

export function toFailed(refusal: Refusal): Outcome & { readonly ok: false } {
  return { ok: false, code: refusal.code, message: refusal.message, ...refusal.place };
}

/** Takes from the buckets of the address and from the author's own, from all or from none. */
function charged<State, Intent, Op>(
  kind: Kind<State, Intent, Op>,
  rates: Rates,
  network: RateSubject,
  person: PersonSubject | undefined,
  costs: ReadonlyMap<string, number>,
): Refusal | undefined {
  if (person === undefined) return rates.take(network, costs);
  return rates.take(network, costs, { person, costs: personCostsOf(kind, costs) });
}
