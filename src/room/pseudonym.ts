import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { randomId } from "./ids.ts";
import type { Meta } from "./storage/meta.ts";

const KEY = "pseudonym-salt";
const CHARACTERS = 16;

/** What has a pseudonym. */
export type Subject = "address" | "client" | "guest";

/**
 * What stands within one room for what nobody else is to know, network addresses and the secrets of clients and guests:
 * the first 64 bits of SHA-256 over a salt that the room keeps to itself and the thing, in hexadecimal. The same is another
 * name in every room, a name leads back to nothing, and none is stored.
 */
export class Pseudonyms {
  readonly #meta: Meta;
  readonly #birth: () => void;

  /** `birth` makes the room's tables, where the salt is kept. */
  constructor(meta: Meta, birth: () => void) {
    this.#meta = meta;
    this.#birth = birth;
  }

  of(subject: Subject, secret: string): string {
    // Those of addresses are in logs without the word.
    const text = subject === "address" ? secret : `${subject} ${secret}`;
    // Not the platform's own, which has no answer within a turn: a hello has to be answered in one.
    return bytesToHex(sha256(utf8ToBytes(`${this.#salt()} ${text}`))).slice(0, CHARACTERS);
  }

  #salt(): string {
    this.#birth();
    let salt = this.#meta.get(KEY);
    if (salt === undefined) {
      salt = randomId(24);
      this.#meta.set(KEY, salt);
    }
    return salt;
  }
}
