declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
  interface Env {
    PROBE: DurableObjectNamespace<import("./index.ts").Probe>;
  }
}
