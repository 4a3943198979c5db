import { Refusal, refuse } from "../protocol/refusal.ts";
import type { Outcome, StateText, WriteOptions } from "../room/api.ts";
import { jsonText, refusalOf, type Answer } from "./answers.ts";
import { conditionsOf, etag, readPreconditions, weakMatch, type Standing } from "./etags.ts";
import type { Visit } from "./resource.ts";

/** Where a room stands, for preconditions. */
export function standingOf(visit: Visit, { version, text }: StateText): Standing {
  return { version, exists: !(version.endsWith(".0") && text === visit.blank) };
}

/** What a successful write answers. */
export function written(version: string): Response {
  return jsonText(JSON.stringify({ version }), 200, { etag: etag(version), "cache-control": "no-store, no-transform" });
}

/**
 * Carries out a write with the preconditions and the idempotency key of its request. The room judges them in the same
 * turn as it writes, so nothing can come between, however much it is written to.
 */
export async function write(visit: Visit, apply: (options: WriteOptions) => Promise<Outcome>): Promise<Answer> {
  const { headers } = visit.request;
  const asked = readPreconditions(headers);
  if (asked instanceof Refusal) return asked;
  const idempotencyKey = readIdempotencyKey(headers);
  if (idempotencyKey instanceof Refusal) return idempotencyKey;
  const conditions = conditionsOf(asked, visit.blank);
  const outcome = await apply({
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(conditions === undefined ? {} : { conditions }),
  });
  if (outcome.ok) return written(outcome.version);
  return (outcome.code === "version_mismatch" ? weakMatch(asked) : undefined) ?? refusalOf(outcome);
}

/** The key of Idempotency-Key: printable ASCII, as it is or in quotes. */
export function readIdempotencyKey(headers: Headers): string | undefined | Refusal {
  const header = headers.get("idempotency-key");
  if (header === null) return undefined;
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (/^[\x20-\x7e]{1,128}$/.test(key)) return key;
  return refuse("bad_request", "An Idempotency-Key is 1 to 128 printable ASCII characters.");
}
