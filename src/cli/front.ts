/**
 * The Worker that owns the public socket. It stands where Cloudflare's edge stands in production: it says
 * who is calling, compresses text, and keeps stack traces from callers. Miniflare's own entry Worker would
 * also serve development tools, show stack traces and believe a client's `CF-Connecting-IP`.
 *
 * This socket does not tell workerd's Workers who is calling. So the address is known where only this machine
 * can call (`ADDRESS`) and where a proxy says it (`TRUST_PROXY`), and is left out elsewhere rather than believed.
 *
 * Plain JavaScript in a string, because workerd loads it by itself.
 */
export const FRONT_WORKER = `
// Not JSON: an answer of a room has a strong ETag that its callers send back in If-Match.
const COMPRESSIBLE = /^(text\\/(?!event-stream)|application\\/(javascript|manifest\\+json|wasm)|image\\/svg\\+xml)/;

export default {
  async fetch(request, env) {
    const headers = new Headers(request.headers);
    for (const name of [...headers.keys()]) if (name.startsWith("mf-")) headers.delete(name);
    let address = env.ADDRESS;
    const url = new URL(request.url);
    if (env.TRUST_PROXY) {
      // The socket's own is the proxy's. Where the proxy names nobody, nobody is known.
      const forwarded = headers.get("x-forwarded-for") ?? "";
      address = forwarded.slice(forwarded.lastIndexOf(",") + 1).trim();
      const protocol = headers.get("x-forwarded-proto");
      if (protocol === "https" || protocol === "http") url.protocol = protocol + ":";
    }
    if (address) headers.set("cf-connecting-ip", address);
    else headers.delete("cf-connecting-ip");
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

function failed() {
  return Response.json({ error: { code: "internal", message: "The server failed to answer." } }, { status: 500 });
}

// workerd encodes a body itself when Content-Encoding is set on a response that it made.
function compressed(accepted, response) {
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null || response.webSocket || response.headers.has("content-encoding")) return response;
  if (!COMPRESSIBLE.test(type) || !/\\bgzip\\b/.test(accepted) || response.status !== 200) return response;
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
