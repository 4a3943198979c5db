import { useEffect, useRef, useState } from "react";
import { messageFor } from "../lib/api.ts";
import type { Share } from "./window.ts";

/** Longer than the live window: counted by the aggregation, which is a little behind. */
export const RANGES = ["1h", "24h", "7d"] as const;
export type Range = (typeof RANGES)[number];

export const RANGE_WORDS: Readonly<Record<Range, string>> = {
  "1h": "in the last hour",
  "24h": "in the last 24 hours",
  "7d": "in the last 7 days",
};

/** Counts over a range. Lists have a place for each step. */
export interface History {
  /** Seconds since 1970: where each step begins. */
  readonly times: readonly number[];
  readonly events: readonly number[];
  readonly visitors: readonly number[];
  readonly total: number;
  /** The length of a step, in words. */
  readonly step: string;
  readonly pages: readonly Share[];
  readonly types: readonly Share[];
}

export type Loaded =
  | { readonly phase: "loading" }
  | { readonly phase: "failed"; readonly message: string; readonly again: () => void }
  | { readonly phase: "done"; readonly history: History };

/** How often it is asked for anew, in milliseconds. */
const EVERY = 15_000;

/** The counts of a range, kept up to date while they are shown. */
export function useHistory(id: string, range: Range | undefined): Loaded {
  const [loaded, setLoaded] = useState<{ range: Range; value: History | string }>();
  const reload = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (range === undefined) return undefined;
    const ended = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const value = await fetchHistory(id, range, ended.signal);
        setLoaded({ range, value });
      } catch (error) {
        if (ended.signal.aborted) return;
        const message = messageFor(error);
        // What is there is better than nothing.
        setLoaded((before) =>
          before?.range === range && typeof before.value !== "string" ? before : { range, value: message },
        );
      }
    };
    const start = (): void => void load();
    start();
    reload.current = start;
    const timer = setInterval(start, EVERY);
    return () => {
      ended.abort();
      clearInterval(timer);
    };
  }, [id, range]);

  if (loaded === undefined || loaded.range !== range) return { phase: "loading" };
  const { value } = loaded;
  if (typeof value !== "string") return { phase: "done", history: value };
  const again = () => {
    setLoaded(undefined);
    reload.current();
  };
  return { phase: "failed", message: value, again };
}

/** How each range is asked for: so many steps of such a length, in milliseconds. */
const STEPS: Readonly<
  Record<Range, { readonly by: "minute" | "hour"; readonly length: number; readonly steps: number }>
> = {
  "1h": { by: "minute", length: 60_000, steps: 60 },
  "24h": { by: "hour", length: 3_600_000, steps: 24 },
  "7d": { by: "hour", length: 3_600_000, steps: 168 },
};

/** What `/stream/:id/stats` answers, as far as it is looked at. */
interface Stats<Row> {
  readonly events: number;
  readonly rows: readonly Row[];
}

interface TimeRow {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly events: number;
  readonly visitors: number;
}

async function fetchHistory(id: string, range: Range, signal: AbortSignal): Promise<History> {
  const { by, length, steps } = STEPS[range];
  const to = Math.ceil(Date.now() / length) * length;
  const from = to - steps * length;
  const ask = <Row>(query: Readonly<Record<string, string>>) => getStats<Row>(id, { ...query, from, to }, signal);
  const [series, pages, types] = await Promise.all([
    ask<TimeRow>({ by }),
    ask<Share>({ by: "page", type: "pageview" }),
    ask<Share>({ by: "type" }),
  ]);
  const found = new Map(series.rows.map((row) => [row.at, row]));
  const starts = Array.from({ length: steps }, (_, index) => from + index * length);
  return {
    times: starts.map((at) => at / 1000),
    events: starts.map((at) => found.get(at)?.events ?? 0),
    visitors: starts.map((at) => found.get(at)?.visitors ?? 0),
    total: series.events,
    step: by,
    pages: pages.rows.slice(0, MOST),
    types: types.rows.slice(0, MOST),
  };
}

/** What browsers say of a server that is out of reach is no plain word. */
async function reach(path: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error("The server cannot be reached just now.", { cause: error });
  }
}

/** As many pages or types as the list shows. */
const MOST = 8;

async function getStats<Row>(
  id: string,
  query: Readonly<Record<string, string | number>>,
  signal: AbortSignal,
): Promise<Stats<Row>> {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const response = await reach(`/stream/${encodeURIComponent(id)}/stats?${search.toString()}`, signal);
  if (response.headers.get("content-type")?.startsWith("application/json") !== true) {
    throw new Error("This server keeps no counts.");
  }
  const body = (await response.json()) as Stats<Row> & { readonly error?: { readonly message: string } };
  if (!response.ok) throw new Error(body.error?.message ?? `The server answered ${response.status}.`);
  return body;
}
