/**
 * The site script: `<script src="https://live.example/sdk.js" data-site="my-site" defer></script>`. Publishes page
 * views, and what the page gives to `roomcast.track`. Sets no cookie and stores nothing.
 */
import { outbox } from "./outbox.ts";
import { watchPages } from "./pages.ts";
import type { Call, Props, Roomcast, SiteEvent } from "./types.ts";

type Stub = Partial<Roomcast> | undefined;

function start(stub: Stub): void {
  const script = ownScript();
  const src = script?.src ?? "";
  const site = script?.dataset["site"] || inQuery(src, "site");
  const url = script?.dataset["url"] || inQuery(src, "url") || src.replace(/[^/]*([?#].*)?$/, "publish");
  const allowed = !navigator.globalPrivacyControl && (!navigator.webdriver || script?.dataset["automated"] === "");
  if (!site) console.warn("roomcast: the script needs data-site, or ?site= in its address.");
  if (!site || !allowed) return leave(() => {}, stub);
  const send = outbox(url);
  let referrer = hostOf(document.referrer);
  const publish = (type: string, more: Partial<SiteEvent>): void => {
    send({ siteId: site, id: newId(), type, path: location.pathname, ...more, at: Date.now() } satisfies SiteEvent);
  };
  watchPages(() => {
    publish("pageview", referrer ? { referrer } : {});
    referrer = "";
  });
  leave((name, props) => publish(name, props ? { props } : {}), stub);
}

/** Leaves `roomcast` on the page, after what a stub in its place has gathered. */
function leave(track: Roomcast["track"], stub: Stub): void {
  const push = (...calls: readonly Call[]): number => {
    for (const call of calls) {
      const [first, ...rest] = typeof call === "string" ? [call] : Array.from(call);
      const [name, props] = first === "track" && typeof rest[0] === "string" ? rest : [first, ...rest];
      if (typeof name === "string") track(name, props as Props | undefined);
    }
    return 0;
  };
  const waiting = stub?.q;
  if (Array.isArray(waiting)) {
    push(...(waiting as Call[]));
    // Who kept the stub goes on with it.
    waiting.push = push;
  }
  window.roomcast = { track, q: { push }, loaded: true };
}

function ownScript(): HTMLScriptElement | null {
  const current: unknown = document.currentScript;
  if (current instanceof HTMLScriptElement) return current;
  return document.querySelector('script[data-site],script[src*="/sdk.js"]');
}

/** By hand: pages have variables of their own called `URL`. */
function inQuery(src: string, name: string): string | undefined {
  const value = new RegExp(`[?&]${name}=([^&#]*)`).exec(src)?.[1];
  try {
    return value && decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The host of an address, unless it is the page's own. */
function hostOf(address: unknown): string {
  const host = /^[a-z][\w+.-]*:\/\/([^/?#]*)/i.exec(String(address))?.[1]?.replace(/^.*@/, "") ?? "";
  return host === location.host ? "" : host;
}

/** Not `randomUUID`, which pages without TLS do not have. */
function newId(): string {
  let id = "";
  for (const word of crypto.getRandomValues(new Uint32Array(4))) id += word.toString(36);
  return id;
}

// A second copy of the script on one page would count everything twice. An element whose id is `roomcast` is none.
const there = window.roomcast as Stub;
if (there?.loaded !== true) start(there);
