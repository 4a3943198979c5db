declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
  interface Env {
    COUNTERS: DurableObjectNamespace<import("./index.ts").Counters>;
    DOCUMENTS: DurableObjectNamespace<import("./index.ts").Documents>;
    FEEDS: DurableObjectNamespace<import("./index.ts").Feeds>;
    SHORT_FEEDS: DurableObjectNamespace<import("./index.ts").ShortFeeds>;
    GAMES: DurableObjectNamespace<import("./index.ts").Games>;
    LABS: DurableObjectNamespace<import("./index.ts").Labs>;
    SMALL_LABS: DurableObjectNamespace<import("./index.ts").SmallLabs>;
    SHORT_COUNTERS: DurableObjectNamespace<import("./index.ts").ShortCounters>;
    PROBE: DurableObjectNamespace<import("./index.ts").Probe>;
  }
}
