import { randomId } from "./ids.ts";
import type { Meta } from "./storage/meta.ts";

const KEY = "pseudonym-salt";
const CHARACTERS = 16;

/**
 * What stands for network addresses within one room: the first 64 bits of SHA-256 over a salt that the room keeps
 * to itself and the address, in hexadecimal. The same address is another name in every room, and a name leads back
 * to no address.
 */
export class Pseudonyms {
  readonly #meta: Meta;
  readonly #birth: () => void;

  /** `birth` makes the room's tables, where the salt is kept. */
  constructor(meta: Meta, birth: () => void) {
    this.#meta = meta;
    this.#birth = birth;
  }

  async of(address: string): Promise<string> {
    const bytes = new TextEncoder().encode(`${this.#salt()} ${address}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
      .join("")
      .slice(0, CHARACTERS);
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
