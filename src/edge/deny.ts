import { refuse, type Refusal } from "../protocol/refusal.ts";
import { HttpRefusal } from "./answers.ts";

/** What `deny` makes: the answer of an `authorize` that lets nobody through. */
export class Denial {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

/**
 * Turns somebody away. `unauthorized`: who are you? `forbidden`: not you. `challenge` is the
 * WWW-Authenticate header of a 401, such as `Bearer`.
 */
export function deny(
  code: "unauthorized" | "forbidden",
  message: string,
  options: { readonly challenge?: string } = {},
): Denial {
  const { challenge } = options;
  if (code !== "unauthorized" || challenge === undefined) return new Denial(refuse(code, message));
  return new Denial(new HttpRefusal(code, message, { "www-authenticate": challenge }));
}
