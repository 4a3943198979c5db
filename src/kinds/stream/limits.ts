import type { Rate } from "../../protocol/rate.ts";

/** What a stream takes at a time. Sizes are UTF-8 bytes. */
export const STREAM_LIMITS = {
  /** One event's JSON text. */
  eventBytes: 64 * 1024,
  /** How deep an event may nest, itself counted. */
  eventDepth: 64,
  /** All events of one batch together. */
  batchBytes: 1024 * 1024,
  /** Events in one batch. */
  batchEvents: 10_000,
  /** An event's or a producer's id, in characters. */
  idUnits: 128,
  /** A filter, in characters. */
  filterUnits: 1_000,
  /** Conditions of a filter, and values of one of them. */
  conditions: 20,
  values: 100,
  /** A subscriber of raw frames cannot say that it falls behind, so it may ask for no more events of the past. */
  rawPast: 1_000,
  /** Events on one page. */
  pageEvents: 1_000,
} as const;

/** The version of the kind: of its state and its ops. */
export const STREAM_VERSION = 1;

/** The filter that no event passes: for those who only publish. */
export const NOTHING_PASSES = "none";

/** How often one network address may publish: a batch counts once, whatever is in it. */
export const STREAM_RATES = { stream: { burst: 5_000, every: 1 } } as const satisfies Readonly<Record<string, Rate>>;
