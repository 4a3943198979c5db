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

interface Salt {
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly salt: string;
}

/**
 * The visitor's name for one day (UTC) in one stream: a hash over a random salt that the room makes for the day and
 * forgets with it. Neither the visitor nor the salt can be found from it; on the next day, or in another stream, the
 * same visitor has another name. A new salt is stored with the first publish that is accepted.
 */
export class Visitors {
  readonly #store: Store;
  readonly #names = new Map<string, string>();
  #known: Salt | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The name of a visitor at `now`, milliseconds since 1970: 11 characters. */
  of(visitor: string, now: number): string {
    const salt = this.#salt(Math.floor(now / DAY));
    return this.#names.get(visitor) ?? this.#make(salt, visitor);
  }

  /** When the day of the salt that is in use ends, milliseconds since 1970; undefined while none is. */
  get until(): number | undefined {
    return this.#known === undefined ? undefined : (this.#known.day + 1) * DAY;
  }

  /** Forgets the salt of a day that is over. Returns when to ask again, milliseconds since 1970; never, without a stored salt. */
  forget(now: number): number | undefined {
    const { meta } = this.#store;
    const today = Math.floor(now / DAY);
    if (this.#known !== undefined && this.#known.day < today) {
      meta.dropUnsaved(KEY);
      this.#names.clear();
      this.#known = undefined;
    }
    // A publish that was refused today may have made a salt that is not stored, while yesterday's is.
    const stored = this.#stored();
    if (stored === undefined || stored.day >= today) return stored === undefined ? undefined : (stored.day + 1) * DAY;
    meta.remove(KEY);
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
      this.#store.meta.setWithNextWrite(KEY, JSON.stringify(today));
      this.#names.clear();
      this.#known = today;
    }
    return today.salt;
  }

  #load(): Salt | undefined {
    this.#known ??= this.#stored();
    return this.#known;
  }

  #stored(): Salt | undefined {
    const text = this.#store.born ? this.#store.meta.get(KEY) : undefined;
    return text === undefined ? undefined : (JSON.parse(text) as Salt);
  }
}
