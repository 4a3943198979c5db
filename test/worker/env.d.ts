declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
  interface Env {
    CHATS: DurableObjectNamespace<import("./index.ts").Chats>;
    SHORT_CHATS: DurableObjectNamespace<import("./index.ts").ShortChats>;
    RATES: DurableObjectNamespace<import("./index.ts").RateLimiter>;
    RATED: DurableObjectNamespace<import("./index.ts").Rated>;
    UNCHECKED: DurableObjectNamespace<import("./index.ts").Unchecked>;
    COUNTERS: DurableObjectNamespace<import("./index.ts").Counters>;
    DOCUMENTS: DurableObjectNamespace<import("./index.ts").Documents>;
    FEEDS: DurableObjectNamespace<import("./index.ts").Feeds>;
    SHORT_FEEDS: DurableObjectNamespace<import("./index.ts").ShortFeeds>;
    GAMES: DurableObjectNamespace<import("./index.ts").Games>;
    LABS: DurableObjectNamespace<import("./index.ts").Labs>;
    SMALL_LABS: DurableObjectNamespace<import("./index.ts").SmallLabs>;
    SHORT_COUNTERS: DurableObjectNamespace<import("./index.ts").ShortCounters>;
    STREAMS: DurableObjectNamespace<import("./index.ts").Streams>;
    SHORT_STREAMS: DurableObjectNamespace<import("./index.ts").ShortStreams>;
    MAPS: DurableObjectNamespace<import("./index.ts").Maps>;
    SMALL_MAPS: DurableObjectNamespace<import("./index.ts").SmallMaps>;
    ARCHIVED_STREAMS: DurableObjectNamespace<import("./index.ts").ArchivedStreams>;
    KEPT_STREAMS: DurableObjectNamespace<import("./index.ts").KeptStreams>;
    ARCHIVE: R2Bucket;
    STATS: D1Database;
    EVENTS: Queue<import("../../src/room/archive/pointer.ts").Pointer>;
    PROBE: DurableObjectNamespace<import("./index.ts").Probe>;
  }
}
