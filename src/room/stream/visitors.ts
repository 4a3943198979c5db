import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { randomId } from "../ids.ts";
import type { Store } from "../storage/store.ts";

/** The key of `meta` that holds today's salt, with its day. */
const KEY = "visitor-salt";
const DAY = 86_400_000;
/** Names that were made today, so that most need no hashing. */
const REMEMBERED = 10_000;
/** Bytes of the hash that are kept: among a million visitors of a day, two share a name once in 37,000,000 days. */
const BYTES = 8;

/**
 * What stands for a visitor for one day (UTC) in one stream: a hash over a random salt that the room makes for the day
 * and forgets with it. Neither what it was made of nor the salt can be found from it; on the next day, or in another
 * stream, the same visitor is another one.
 */
export class Visitors {
  readonly #store: Store;
  readonly #birth: () => void;
  readonly #salted: (until: number) => void;
  readonly #names = new Map<string, string>();
  #today: { readonly day: number; readonly salt: string } | undefined;

  /** `birth` makes the room's tables, where the salt is kept; `salted` hears of a new one, and when its day is over. */
  constructor(store: Store, birth: () => void, salted: (until: number) => void) {
    this.#store = store;
    this.#birth = birth;
    this.#salted = salted;
  }

  /** The name of a visitor at `now`, milliseconds since 1970: 11 characters. */
  of(visitor: string, now: number): string {
    const salt = this.#salt(Math.floor(now / DAY));
    return this.#names.get(visitor) ?? this.#make(salt, visitor);
  }

  /** Forgets the salt of a day that is over. Answers when to ask again, milliseconds since 1970; never, without a salt. */
  forget(now: number): number | undefined {
    const today = this.#load();
    if (today === undefined) return undefined;
    if (today.day >= Math.floor(now / DAY)) return (today.day + 1) * DAY;
    this.#store.meta.remove(KEY);
    this.#names.clear();
    this.#today = undefined;
    return undefined;
  }

  #make(salt: string, visitor: string): string {
    const name = btoa(String.fromCharCode(...sha256(utf8ToBytes(`${salt} ${visitor}`)).subarray(0, BYTES)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
    if (this.#names.size >= REMEMBERED) this.#names.clear();
    this.#names.set(visitor, name);
    return name;
  }

  #salt(day: number): string {
    let today = this.#load();
    if (today?.day !== day) {
      today = { day, salt: randomId(24) };
      this.#birth();
      this.#store.meta.set(KEY, JSON.stringify(today));
      this.#names.clear();
      this.#today = today;
      this.#salted((day + 1) * DAY);
    }
    return today.salt;
  }

  #load(): { readonly day: number; readonly salt: string } | undefined {
    const text = this.#today === undefined && this.#store.born ? this.#store.meta.get(KEY) : undefined;
    if (text !== undefined) this.#today = JSON.parse(text) as { readonly day: number; readonly salt: string };
    return this.#today;
  }
}
