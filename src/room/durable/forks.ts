import { randomId } from "../ids.ts";
import type { Chores } from "../chores.ts";
import type { Clock } from "../host/host.ts";
import type { Meta } from "../storage/meta.ts";
import type { DurableApi } from "./api.ts";

/** The chores: a source asks about leases that nobody has confirmed, and a fork releases what it no longer needs. */
export const CONFIRM = "confirm-forks";
export const RELEASE = "release-source";

/** How long a fork may take to be made before its source asks whether it was, in milliseconds. */
const CONFIRM_AFTER_MS = 60_000;

const FORKS = "durable-forks";
const SOURCE = "durable-source";
const SOURCE_TOKEN = "durable-source-token";
const RELEASES = "durable-releases";

/** A fork that keeps this stream's name from being free. */
export interface ForkLease {
  /** The fork's id. */
  readonly name: string;
  /** Tells this lease from an earlier one of the same fork, whose release may arrive late. Empty for those of older code. */
  readonly token: string;
  /** The fork has said that it was made. Until then it may have crashed, and is asked. */
  readonly held?: true;
}

/** A lease on another stream, as the fork keeps it. */
export interface SourceLease {
  readonly from: string;
  readonly token: string;
}

export interface ForkParts {
  readonly meta: Meta;
  readonly chores: Chores;
  readonly clock: Clock;
  /** This stream's id; undefined for an object without a name, which has no forks. */
  readonly name: string | undefined;
  readonly sibling: (name: string) => DurableApi | undefined;
}

/**
 * The leases between streams and their forks. A source takes a lease before a fork is made and keeps its name until the
 * fork is gone. Each step can be the last before a crash:
 *
 * - the source has a lease, and the fork was never made: the source asks after a minute, and drops it;
 * - the fork is gone, and its source was not reached: the fork keeps the release and tries again;
 * - a release arrives late, when the fork was made again: its token is another, and nothing happens.
 */
export class ForkLeases {
  readonly #parts: ForkParts;

  constructor(parts: ForkParts) {
    this.#parts = parts;
  }

  /** Forks that are there, or may be. */
  get forks(): readonly ForkLease[] {
    const stored = JSON.parse(this.#parts.meta.get(FORKS) ?? "[]") as readonly (string | ForkLease)[];
    return stored.map((lease) => (typeof lease === "string" ? { name: lease, token: "" } : lease));
  }

  /** Takes a lease for a fork. A fork has one: taking it again, after a crash, replaces the earlier one. */
  take(name: string): string {
    const token = randomId(10);
    this.#store([...this.forks.filter((lease) => lease.name !== name), { name, token }]);
    this.confirmBy(this.#parts.clock.now() + CONFIRM_AFTER_MS);
    return token;
  }

  /** A fork is gone. A token of an earlier lease changes nothing; without one, from older code, the fork is asked. */
  drop(name: string, token: string): void {
    const lease = this.forks.find((one) => one.name === name);
    if (lease === undefined) return;
    if (lease.token === token) this.#store(this.forks.filter((one) => one.name !== name));
    else if (token === "") {
      this.#store(this.forks.map((one) => (one.name === name ? { name, token: one.token } : one)));
      this.confirmBy(this.#parts.clock.now());
    }
  }

  confirmBy(at: number): void {
    this.#parts.chores.plan(CONFIRM, at);
  }

  /** Asks the forks that have not said that they were made. The error says that one could not be asked; all others were. */
  async confirm(): Promise<Error | undefined> {
    const { name: own, clock, sibling } = this.#parts;
    if (own === undefined) return undefined;
    const failures: unknown[] = [];
    for (const { name, token } of this.forks.filter(({ held }) => held !== true)) {
      const answer = await (sibling(name)?.durableLease(own, token) ?? Promise.resolve("free" as const)).catch(
        (error: unknown) => void failures.push(error),
      );
      if (answer === undefined || answer === "making") continue;
      // What was taken anew meanwhile is another lease.
      const lease = this.forks.find((one) => one.name === name && one.token === token);
      if (lease === undefined) continue;
      const others = this.forks.filter((one) => one !== lease && one.name !== name);
      this.#store(answer === "free" ? others : [...others, { name, token, held: true }]);
    }
    if (failures.length > 0) return new Error("A fork could not be asked whether it was made.", { cause: failures[0] });
    if (this.forks.some(({ held }) => held !== true)) this.confirmBy(clock.now() + CONFIRM_AFTER_MS);
    return undefined;
  }

  /** The lease that this stream, a fork, has on its source. */
  get source(): SourceLease | undefined {
    const from = this.#parts.meta.get(SOURCE);
    return from === undefined ? undefined : { from, token: this.#parts.meta.get(SOURCE_TOKEN) ?? "" };
  }

  /** Notes the lease of a fork that is being made. One of an earlier fork of this name that is still there is released. */
  keep(lease: SourceLease): void {
    this.giveUp();
    const { meta } = this.#parts;
    meta.set(SOURCE, lease.from);
    meta.set(SOURCE_TOKEN, lease.token);
  }

  /** The fork is gone: its lease is among those to be released. */
  giveUp(): void {
    const { source } = this;
    if (source === undefined) return;
    this.#owe([...this.#owed, source]);
    this.#parts.meta.remove(SOURCE);
    this.#parts.meta.remove(SOURCE_TOKEN);
  }

  /** Releases what is owed; what fails is tried again by the chore. */
  async releaseNow(): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      console.warn("roomcast: stream: the source of a fork could not be released yet", error);
    }
  }

  /** Releases what is owed. Rejects when a source cannot be reached. */
  async release(): Promise<void> {
    const { name, sibling } = this.#parts;
    if (name === undefined) return;
    for (const lease of this.#owed) {
      const failed = await sibling(lease.from)?.durableRelease(name, lease.token);
      if (failed !== undefined) throw new Error(`The source of this fork is not free of it: ${failed.message}`);
      this.#owe(this.#owed.filter(({ from, token }) => from !== lease.from || token !== lease.token));
    }
  }

  get #owed(): readonly SourceLease[] {
    return JSON.parse(this.#parts.meta.get(RELEASES) ?? "[]") as readonly SourceLease[];
  }

  #owe(leases: readonly SourceLease[]): void {
    if (leases.length === 0) this.#parts.meta.remove(RELEASES);
    else {
      this.#parts.meta.set(RELEASES, JSON.stringify(leases));
      this.#parts.chores.plan(RELEASE, this.#parts.clock.now() + CONFIRM_AFTER_MS);
    }
  }

  #store(leases: readonly ForkLease[]): void {
    if (leases.length === 0) this.#parts.meta.remove(FORKS);
    else this.#parts.meta.set(FORKS, JSON.stringify(leases));
  }
}
