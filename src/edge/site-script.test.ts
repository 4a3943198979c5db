import { expect, test } from "vitest";
import { SDK } from "../sdk/built.ts";
import { siteScript } from "./site-script.ts";

const ask = (init?: RequestInit) => siteScript(new Request("https://live.example/sdk.js", init));

test("J9 the script is served to pages of any origin, and not again while it is the same", async () => {
  const response = ask();
  expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(await response.text()).toBe(SDK);
  const again = ask({ headers: { "if-none-match": response.headers.get("etag") ?? "" } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect(ask({ headers: { "if-none-match": '"other"' } }).status).toBe(200);
});

test("J9 it is only read", async () => {
  const response = ask({ method: "POST", body: "x" });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  expect(await response.json()).toMatchObject({ error: { code: "method_not_allowed" } });
  expect(await ask({ method: "HEAD" }).text()).toBe("");
});
