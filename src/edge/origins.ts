import { refuse, type Refusal } from "../protocol/refusal.ts";

/** What an Origin header comes to. `cors` is absent where the response needs no CORS headers. */
export type OriginVerdict =
  | { readonly allowed: true; readonly cors?: { readonly origin: string; readonly credentials: boolean } }
  | { readonly allowed: false };

/** Checks an allow list and writes every origin as browsers do. */
export function normalizeOrigins(origins: readonly string[]): readonly string[] {
  return origins.map((entry) => {
    if (entry === "*") return entry;
    const url = URL.canParse(entry) ? new URL(entry) : undefined;
    if (url === undefined || url.origin === "null" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
      throw new TypeError(`An origin is like https://app.example, or "*": ${JSON.stringify(entry)}`);
    }
    return url.origin;
  });
}

/** Names of the machine itself, as URLs write them. */
const LOOPBACK = /^(?:(?:[^.]+\.)*localhost|127(?:\.\d+){3}|\[::1\])\.?$/;

/**
 * The address that a page used for a request. A tunnel to this machine, such as that of Codespaces, sends a loopback
 * Host and the name that it was asked for in X-Forwarded-Host, which is believed when the page's Origin is the same: a
 * page of another origin cannot send that header.
 */
export function addressedUrl({ headers }: Request, url: URL): URL {
  const origin = headers.get("origin") ?? "";
  const [forwarded = ""] = (headers.get("x-forwarded-host") ?? "").split(",");
  if (!LOOPBACK.test(url.hostname) || !/^[\w.:[\]-]+$/.test(forwarded.trim()) || !/^https?:\/\//.test(origin))
    return url;
  const own = origin.slice(0, origin.indexOf("//") + 2) + forwarded.trim();
  return URL.canParse(own) && new URL(own).origin === origin ? new URL(own) : url;
}

/** Why a page may not use the rooms, with what to do about it. */
export function originRefusal(header: string, url: URL, option = "origins"): Refusal {
  const origin = header === "" || header.length > 200 ? JSON.stringify(header.slice(0, 200)) : header;
  return refuse(
    "origin_refused",
    `Pages of ${origin} may not use these rooms, which are at ${url.origin}. To let them, list the origin in the option \`${option}\` of the Worker.`,
  );
}

/** Whether the page that a request comes from may use the rooms. Requests without an Origin come from no page. */
export function judgeOrigin(header: string | null, url: URL, allow: readonly string[]): OriginVerdict {
  if (header === null || isSameOrigin(header, url)) return { allowed: true };
  if (allow.includes(header)) return { allowed: true, cors: { origin: header, credentials: true } };
  if (allow.includes("*")) return { allowed: true, cors: { origin: "*", credentials: false } };
  return { allowed: false };
}

/** A TLS proxy in front makes a page's https arrive as http; the reverse is an attack on the wire. */
function isSameOrigin(header: string, url: URL): boolean {
  if (header === url.origin) return true;
  return header === `https://${url.host}` && url.protocol === "http:";
}

/** What a page may read besides what browsers always show it: all that an answer is understood by. */
const EXPOSED = [
  "ETag",
  "Location",
  "Allow",
  "Accept-Patch",
  "Retry-After",
  // Of Durable Streams.
  "Stream-Next-Offset",
  "Stream-Cursor",
  "Stream-Up-To-Date",
  "Stream-Closed",
  "Stream-TTL",
  "Stream-Expires-At",
  "Stream-SSE-Data-Encoding",
  "Producer-Epoch",
  "Producer-Seq",
  "Producer-Expected-Seq",
  "Producer-Received-Seq",
].join(", ");

/** Puts the CORS headers that a verdict asks for on a response that has headers of its own. */
export function withCors(response: Response, verdict: OriginVerdict): Response {
  // An upgrade is not subject to CORS, and its headers belong to the runtime.
  if (response.status === 101) return response;
  response.headers.append("vary", "Origin");
  if (!verdict.allowed || verdict.cors === undefined) return response;
  response.headers.set("access-control-allow-origin", verdict.cors.origin);
  if (verdict.cors.credentials) response.headers.set("access-control-allow-credentials", "true");
  response.headers.set("access-control-expose-headers", EXPOSED);
  return response;
}

/** Answers OPTIONS: what the route takes, and leave to send it when a browser asks on behalf of a page. */
export function optionsResponse(request: Request, allow: string, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers({ allow, ...more });
  if (request.headers.has("access-control-request-method")) {
    headers.set("access-control-allow-methods", allow);
    // The page is on the list; which headers `authorize` reads is its own affair.
    const wanted = request.headers.get("access-control-request-headers");
    if (wanted !== null) headers.set("access-control-allow-headers", wanted);
    headers.set("access-control-max-age", "3600");
    headers.set("vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
  }
  return new Response(null, { status: 204, headers });
}
