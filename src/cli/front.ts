import { isIP } from "node:net";
import { Failure } from "./failure.ts";

/** Settings of the front Worker that come from the command line. */
export interface FrontSettings {
  /** The address that the server listens on. */
  readonly host: string;
  /** How many proxies in front add to `X-Forwarded-For`; 0 when there are none. */
  readonly trustProxy?: number;
  /** Host names that requests may come for besides loopback names: `app.example`, `.app.example` for subdomains, `*` for any. */
  readonly allowedHosts?: readonly string[];
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1)$/i;

interface FrontBindings extends Record<string, string | number | string[]> {
  readonly TRUST_PROXY: number;
  readonly ADDRESS: string;
  readonly ALLOWED_HOSTS: string[];
}

/** The bindings of the front Worker. Throws a Failure for a host name that cannot be one. */
export function frontBindings({ host, trustProxy = 0, allowedHosts = [] }: FrontSettings): FrontBindings {
  const loopback = LOOPBACK.test(host);
  return {
    TRUST_PROXY: trustProxy,
    // Only this machine can call.
    ADDRESS: loopback && trustProxy === 0 ? "127.0.0.1" : "",
    // Elsewhere the names that the machine is reached by are not known, so they are only checked when they are listed.
    ALLOWED_HOSTS: loopback || allowedHosts.length > 0 ? allowedHosts.map(checkHost) : ["*"],
  };
}

function checkHost(entry: string): string {
  const name = entry.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (name === "*") return name;
  if (isIP(name) !== 0) return new URL(`http://${name.includes(":") ? `[${name}]` : name}`).hostname;
  if (/^\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(name)) return name;
  throw new Failure(
    `An allowed host is a name such as app.example, .app.example for all subdomains, or *, without scheme and port: ${JSON.stringify(entry)}`,
  );
}

/**
 * The Worker that owns the public socket. It stands where Cloudflare's edge stands in production: it refuses malformed
 * requests and foreign host names, sets the caller's address, compresses text, and hides stack traces from callers.
 * Miniflare's own entry Worker would also serve development tools, show stack traces and believe a client's
 * `CF-Connecting-IP`.
 *
 * Its socket has workerd's "proxy" style, in which `request.url` is the request target as it was sent: in the other
 * style workerd answers a target or a Host that it cannot parse with 500 and a stack trace in the log.
 *
 * On other interfaces, the other end of a connection may be a proxy that everybody shares. So the address is known
 * where only this machine can call (`ADDRESS`) and where a proxy says it (`TRUST_PROXY`), and is left out elsewhere.
 *
 * Plain JavaScript in a string, because workerd loads it by itself.
 */
export const FRONT_WORKER = `
// Not JSON: an answer of a room has a strong ETag that its callers send back in If-Match.
const COMPRESSIBLE = /^(text\\/(?!event-stream)|application\\/(javascript|manifest\\+json|wasm)|image\\/svg\\+xml)/;
const HOST = /^([\\w.-]+|\\[[0-9a-f:.]+\\])(:\\d{1,5})?$/i;
// As a URL writes them; the last is 127.0.0.0/8 within IPv6.
const LOOPBACK = /^(([^.]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\]|\\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\\])\\.?$/;

export default {
  async fetch(request, env) {
    const headers = new Headers(request.headers);
    const url = targetOf(request.url, headers.get("host") ?? "");
    if (typeof url === "string") return refused("bad_request", 400, url);
    const upgrade = headers.get("upgrade")?.toLowerCase() === "websocket";
    // The runtime takes it for an upgrade, and drops its body.
    if (upgrade && request.method !== "GET") {
      return refused("bad_request", 400, "A WebSocket upgrade is a GET, not a " + request.method + ".");
    }
    const unknown = hostRefusal(url.hostname, env.ALLOWED_HOSTS);
    if (unknown !== undefined) {
      return (upgrade && refusedSocket(headers, unknown)) || refused("origin_refused", 403, unknown);
    }
    for (const name of [...headers.keys()]) if (name.startsWith("mf-")) headers.delete(name);
    let address = env.ADDRESS;
    if (env.TRUST_PROXY > 0) {
      // The socket's own is the proxy's. Where the proxy names nobody, nobody is known.
      address = addressOf(trusted(headers.get("x-forwarded-for"), env.TRUST_PROXY));
      const protocol = trusted(headers.get("x-forwarded-proto"), env.TRUST_PROXY);
      if (protocol === "https" || protocol === "http") url.protocol = protocol + ":";
    }
    if (address) headers.set("cf-connecting-ip", address);
    else headers.delete("cf-connecting-ip");
    // Whoever is at the other end of the TCP connection, be it a proxy: rooms ask the launcher about it by this.
    if (request.cf?.clientIp) headers.set("x-roomcast-peer", request.cf.clientIp);
    else headers.delete("x-roomcast-peer");
    try {
      const response = await env.APP.fetch(new Request(url, new Request(request, { headers, cf: {} })));
      if (response.headers.has("mf-experimental-error-stack")) return failed();
      return compressed(headers.get("accept-encoding") ?? "", response);
    } catch (error) {
      console.error(error?.stack ?? String(error));
      return failed();
    }
  },
};

/** The URL of a request, or why there is none. */
function targetOf(target, host) {
  if (!target.startsWith("/")) return "The request target is a path, such as /doc/monday: this server is no proxy.";
  if (!HOST.test(host) || !URL.canParse("http://" + host + target)) return "The Host header is not a host name.";
  return new URL("http://" + host + target);
}

/** Why a server does not answer under this name: else a page whose name is made to point here could use it. */
function hostRefusal(hostname, allowed) {
  const name = hostname.replace(/\\.$/, "");
  const isAllowed = (entry) =>
    entry === "*" || entry === name || (entry.startsWith(".") && (name.endsWith(entry) || name === entry.slice(1)));
  if (LOOPBACK.test(hostname) || allowed.some(isAllowed)) return undefined;
  return "This server does not answer as " + name + ". Start it with ALLOWED_HOSTS=" + name + " if it should.";
}

/** The entry of a list that the outermost trusted proxy added. */
function trusted(list, proxies) {
  const entries = (list ?? "").split(",").map((entry) => entry.trim());
  return entries[Math.max(0, entries.length - proxies)];
}

/** An address without its port; undefined for what is none, such as "unknown". */
function addressOf(text) {
  const address = text
    .replace(/^"|"$/g, "")
    .replace(/^\\[([^\\]]*)\\](:\\d+)?$/, "$1")
    .replace(/^(\\d+(\\.\\d+){3}):\\d+$/, "$1");
  const bare = address.replace(/%.*$/, "");
  const isAddress = bare.includes(":")
    ? URL.canParse("http://[" + bare + "]")
    : /^\\d+(\\.\\d+){3}$/.test(bare) && URL.canParse("http://" + bare);
  return isAddress ? address : undefined;
}

function failed() {
  return refused("internal", 500, "The server failed to answer.");
}

function refused(code, status, message) {
  const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return Response.json({ error: { code, message } }, { status, headers });
}

/** Browsers do not show the status of a failed upgrade, so a native client is told by a close. */
function refusedSocket(headers, message) {
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((protocol) => protocol.trim());
  if (!offered.includes("roomcast.v1")) return undefined;
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(4507, ("origin_refused: " + message).slice(0, 120));
  return new Response(null, { status: 101, webSocket: client, headers: { "sec-websocket-protocol": "roomcast.v1" } });
}

/** Whether a client takes gzip: by the last word of its header on it, as a quality of 0 says no. */
function takesGzip(accepted) {
  let any = false;
  for (const entry of accepted.toLowerCase().split(",")) {
    const [coding, ...parameters] = entry.split(";").map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    const takes = quality === undefined || Number(quality.slice(2)) > 0;
    if (coding === "gzip" || coding === "x-gzip") return takes;
    if (coding === "*") any = takes;
  }
  return any;
}

// workerd encodes a body itself when Content-Encoding is set on a response that it made.
function compressed(accepted, response) {
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || response.webSocket || response.headers.has("content-encoding")) return response;
  if (!COMPRESSIBLE.test(type) || !takesGzip(accepted) || response.status !== 200) return response;
  // Whoever says so wants its bytes as they are, and its ETag strong.
  if (/\\bno-transform\\b/i.test(response.headers.get("cache-control") ?? "")) return response;
  const tag = response.headers.get("etag");
  const length = Number(response.headers.get("content-length") ?? "Infinity");
  if (length < 1024) return response;
  const encoded = new Response(response.body, response);
  encoded.headers.set("content-encoding", "gzip");
  encoded.headers.delete("content-length");
  encoded.headers.append("vary", "accept-encoding");
  if (tag !== null && !tag.startsWith("W/")) encoded.headers.set("etag", "W/" + tag);
  return encoded;
}
`;
