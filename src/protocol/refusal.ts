import type { Code } from "./codes.ts";

/** Where in a request the fault lies, when it lies in a part of it; and when to try again, where that is known. */
export interface RefusalPlace {
  /** Index of the intent within its mutation, from 0. */
  readonly intent?: number;
  /** JSON Pointer (RFC 6901) into the intent or the state, whichever the message speaks of. */
  readonly path?: string;
  /** The least time to wait before the same may succeed, in milliseconds. */
  readonly retryAfter?: number;
  /** The lines at fault of a text of many, the first of them. */
  readonly lines?: readonly LineFault[];
}

/** What is wrong with one line of a text. Lines count from 1; the events of a list count as lines. */
export interface LineFault {
  readonly line: number;
  readonly code: Code;
  readonly message: string;
}

/** Every copy of this module knows a refusal by it: a kind's may be another than the room's, which is bundled apart. */
const BRAND = Symbol.for("roomcast.refusal");

/**
 * Why something was not done. A value rather than a thrown error wherever it is expected (parse,
 * decide, admit), so that the compiler sees both outcomes.
 */
export class Refusal {
  readonly code: Code;
  readonly message: string;
  readonly place: RefusalPlace;

  static {
    // Not of the type: two copies of a class with such a member would not be assignable to each other.
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    if (this !== Refusal) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }

  constructor(code: Code, message: string, place: RefusalPlace = {}) {
    this.code = code;
    this.message = message;
    this.place = place;
  }
}

export function refuse(code: Code, message: string, place?: RefusalPlace): Refusal {
  return new Refusal(code, message, place);
}
