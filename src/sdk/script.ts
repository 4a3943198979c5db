/**
 * The site script: `<script src="https://live.example/sdk.js" data-site="my-site" defer></script>`. Publishes page
 * views, and what the page gives to `roomcast.track`. Sets no cookie and stores nothing.
 */
import { outbox } from "./outbox.ts";
import { watchPages } from "./pages.ts";
import type { SiteEvent } from "./types.ts";

function start(): void {
  const script = (document.currentScript ?? document.querySelector("script[data-site]")) as HTMLScriptElement;
  const { site, url } = script.dataset;
  const allowed = !navigator.globalPrivacyControl;
  if (!site) console.warn("roomcast: the script needs data-site.");
  if (!site || !allowed) {
    window.roomcast = { track: () => {} };
    return;
  }
  const send = outbox(url ?? new URL("publish", script.src).href);
  let referrer = document.referrer && new URL(document.referrer).host;
  if (referrer === location.host) referrer = "";
  const publish = (type: string, more: Partial<SiteEvent>): void => {
    send({ siteId: site, id: newId(), type, path: location.pathname, ...more, at: Date.now() } satisfies SiteEvent);
  };
  window.roomcast = { track: (name, props) => publish(name, props ? { props } : {}) };
  watchPages(() => {
    publish("pageview", referrer ? { referrer } : {});
    referrer = "";
  });
}

/** Not `randomUUID`, which pages without TLS do not have. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("");
}

// A second copy of the script on one page would count everything twice.
if (!window.roomcast) start();
