import { CODES, type Code } from "../protocol/codes.ts";
import { Refusal, type RefusalPlace } from "../protocol/refusal.ts";
import type { Failed } from "../room/api.ts";

/** How a route ends: a response, or why there is none, which becomes one. */
export type Answer = Response | Refusal;

/** A refusal whose response has headers of its own, such as Accept-Patch. */
export class HttpRefusal extends Refusal {
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, message: string, headers: Readonly<Record<string, string>>, place: RefusalPlace = {}) {
    super(code, message, place);
    this.headers = headers;
  }
}

/** What everything JSON is sent with. Values are users' own, and must never be taken for a page. */
const JSON_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  // A proxy that compresses makes a strong ETag weak, and If-Match compares strongly: so no-transform.
  "cache-control": "no-cache, no-transform",
  "x-content-type-options": "nosniff",
};

/** JSON text as a response. */
export function jsonText(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, { status, headers: { ...JSON_HEADERS, ...headers } });
}

export function refusalOf(failed: Failed): Refusal {
  const { intent, path, retryAfter, lines } = failed;
  return new Refusal(failed.code, failed.message, {
    ...(intent === undefined ? {} : { intent }),
    ...(path === undefined ? {} : { path }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(lines === undefined ? {} : { lines }),
  });
}

/** `{"error": {"code", "message", "intent"?, "path"?, "retryAfter"?}}` with the code's status. */
export function refusalResponse(refusal: Refusal): Response {
  const { code, message, place } = refusal;
  const headers = refusal instanceof HttpRefusal ? refusal.headers : {};
  return jsonText(JSON.stringify({ error: { code, message, ...place } }), CODES[code].status, {
    "cache-control": "no-store",
    ...(place.retryAfter === undefined ? {} : { "retry-after": String(Math.ceil(place.retryAfter / 1000)) }),
    ...headers,
  });
}
