import { SDK, SDK_TAG } from "../sdk/built.ts";
import { HttpRefusal, refusalResponse } from "./answers.ts";

/** For any page to run. An hour old at most, since its address stays when it changes. */
const HEADERS = {
  "content-type": "text/javascript; charset=utf-8",
  "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
  etag: `W/"${SDK_TAG}"`,
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
};

/** `/sdk.js`: the script that a site has on its pages. It is the same for everybody, so nobody is asked who they are. */
export function siteScript({ method, headers }: Request): Response {
  if (method !== "GET" && method !== "HEAD") {
    const message = `This route does not take ${method}.`;
    return refusalResponse(new HttpRefusal("method_not_allowed", message, { allow: "GET, HEAD" }));
  }
  if (headers.get("if-none-match")?.includes(SDK_TAG)) return new Response(null, { status: 304, headers: HEADERS });
  return new Response(method === "HEAD" ? null : SDK, { headers: HEADERS });
}
