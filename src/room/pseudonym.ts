import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { randomId } from "./ids.ts";
import type { Store } from "./storage/store.ts";

const KEY = "pseudonym-salt";
const CHARACTERS = 16;

/** What has a pseudonym. */
export type Subject = "address" | "client" | "guest";

/**
 * Stable pseudonyms within one room for network addresses and for the secrets of clients and guests: the first 64 bits of
 * SHA-256 over the room's own random salt and the secret, in hexadecimal. The same secret has another pseudonym in every
 * room, a pseudonym leads back to nothing, and no secret is stored.
 *
 * A new salt is stored with the first write that is accepted, or by `Ledger.birth` before a connection is given a pseudonym.
 */
export class Pseudonyms {
  readonly #store: Store;
  #known: string | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  of(subject: Subject, secret: string): string {
    // Addresses carry no prefix: logs written before prefixes existed hold pseudonyms made that way.
    const text = subject === "address" ? secret : `${subject} ${secret}`;
    // Not `crypto.subtle`, which is asynchronous: a hello is answered in the turn it arrives.
    return bytesToHex(sha256(utf8ToBytes(`${this.#salt} ${text}`))).slice(0, CHARACTERS);
  }

  get #salt(): string {
    this.#known ??= this.#read() ?? this.#make();
    return this.#known;
  }

  #read(): string | undefined {
    return this.#store.born ? this.#store.meta.get(KEY) : undefined;
  }

  #make(): string {
    const salt = randomId(24);
    this.#store.meta.setWithNextWrite(KEY, salt);
    return salt;
  }
}
