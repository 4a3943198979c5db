import * as v from "valibot";
import { withoutPort } from "../protocol/network.ts";
import { Permission, User } from "../protocol/user.ts";
import type { Refusal } from "../protocol/refusal.ts";
import { OPEN, type Admission } from "../room/api.ts";
import { Denial } from "./deny.ts";
import type { Asking, EdgeOptions } from "./options.ts";

const Granted = v.object({ user: v.optional(User), can: v.array(Permission) });

/** A failing `authorize`: it threw, or its answer is no grant. Nobody is let through. */
export class AuthorizeError extends Error {
  override readonly name = "AuthorizeError";
}

/** Asks `authorize`. Throws an AuthorizeError when it fails. */
export async function admit<Env>(options: EdgeOptions<Env>, asking: Asking<Env>): Promise<Admission | Refusal> {
  const address = addressOf(options, asking.request);
  const from = address === undefined ? {} : { address };
  if (options.authorize === undefined) return { ...OPEN, ...from };
  const { kind } = asking;
  let answer: unknown;
  try {
    answer = await options.authorize(asking);
  } catch (error) {
    throw new AuthorizeError(`authorize threw for kind "${kind}"`, { cause: error });
  }
  if (answer instanceof Denial) return answer.refusal;
  const granted = v.safeParse(Granted, answer);
  if (!granted.success) {
    const [{ message }] = granted.issues;
    const path = v.getDotPath(granted.issues[0]);
    const where = path === null ? "" : `${path}: `;
    throw new AuthorizeError(
      `authorize must answer { user?, can } or deny(...) for kind "${kind}": ${where}${message}`,
    );
  }
  const { user, can } = granted.output;
  return { ...(user === undefined ? {} : { user: cleanUser(user) }), can, ...from };
}

function cleanUser({ id, name }: User): User {
  // Repaired, it could be somebody else's.
  if (!id.isWellFormed()) throw new TypeError("authorize: the user's id has half a surrogate pair; deny such users.");
  return { id, ...(name === undefined ? {} : { name: name.toWellFormed() }) };
}

/** The peer's network address, when known. */
export function addressOf<Env>(options: EdgeOptions<Env>, request: Request): string | undefined {
  const given = (options.address ?? connectingAddress)(request);
  // Longer than any address: not one.
  if (given === undefined || given.length > 64) return undefined;
  const address = withoutPort(given);
  return address === "" ? undefined : address;
}

/** Cloudflare sets this header and lets no client do so. Elsewhere it is whatever the peer says. */
function connectingAddress(request: Request): string | undefined {
  return request.headers.get("cf-connecting-ip") ?? undefined;
}

export function encodeAdmission(admission: Admission): string {
  return asciiJson(admission);
}

/** A header value: JSON in ASCII, since names are in any script and headers are not. */
export function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
