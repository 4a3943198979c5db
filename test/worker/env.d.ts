declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
  interface Env {
    COUNTERS: DurableObjectNamespace<import("./index.ts").Counters>;
    SHORT_COUNTERS: DurableObjectNamespace<import("./index.ts").ShortCounters>;
    PROBE: DurableObjectNamespace<import("./index.ts").Probe>;
  }
}
