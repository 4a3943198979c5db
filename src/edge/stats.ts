import { BYS, MOST_ROWS, readStats, unitLength, type By } from "../pipeline/stats.ts";
import { Refusal, refuse } from "../protocol/refusal.ts";
import { jsonText, type Answer } from "./answers.ts";
import { SetupError } from "./bindings.ts";
import type { Resource, Visit } from "./resource.ts";

const DAY = 86_400_000;

/** How far back each answer goes when the query does not say. */
const SPANS: Readonly<Record<By, number>> = { minute: DAY / 24, hour: DAY, day: 30 * DAY, type: DAY, page: DAY };

/** The latest time that a Date can hold. */
const LATEST = 8_640_000_000_000_000;

/** `/stream/:id/stats?by=minute|hour|day|type|page&from=&to=&type=&page=`: what the consumer of the queue has counted. */
export function statsResource(stats: (env: never) => D1Database): Resource {
  const run = async (visit: Visit): Promise<Answer> => {
    const { searchParams } = visit.url;
    const asked = readRange(searchParams, Date.now());
    if (asked instanceof Refusal) return asked;
    const [type, page] = [searchParams.get("type"), searchParams.get("page")];
    const database: D1Database | undefined = stats(visit.env as never);
    if (database === undefined) throw new SetupError('The option "stats" gives no D1 database.');
    const found = await readStats(database, visit.id, {
      ...asked,
      ...(type === null ? {} : { type }),
      ...(page === null ? {} : { page }),
    });
    return jsonText(JSON.stringify(found), 200, { "cache-control": "no-store" });
  };
  return { path: "/stats", methods: { GET: { needs: "read", run } } };
}

interface Range {
  readonly by: By;
  readonly from: number;
  readonly to: number;
}

function readRange(query: URLSearchParams, now: number): Range | Refusal {
  const by = BYS.find((name) => name === (query.get("by") ?? "minute"));
  if (by === undefined) return refuse("bad_request", `\`by\` is one of ${BYS.join(", ")}.`);
  const to = readTime(query, "to") ?? now;
  if (to instanceof Refusal) return to;
  const from = readTime(query, "from") ?? Math.max(0, to - SPANS[by]);
  if (from instanceof Refusal) return from;
  if (from >= to) return refuse("bad_request", "`from` is before `to`.");
  // Widened to whole units, it may be one more.
  const most = (MOST_ROWS - 1) * unitLength(by === "type" || by === "page" ? "hour" : by);
  if (to - from > most) {
    return refuse("bad_request", `By ${by}, \`from\` is at most ${Math.floor(most / 3_600_000)} hours before \`to\`.`);
  }
  return { by, from, to };
}

/** A time in ISO 8601 or in milliseconds since 1970; undefined when the query has none. */
function readTime(query: URLSearchParams, name: string): number | Refusal | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const at = /^[0-9]{1,16}$/.test(text) ? Number(text) : /^[0-9]{4}-[0-9]{2}/.test(text) ? Date.parse(text) : NaN;
  if (at >= 0 && at <= LATEST) return at;
  return refuse("bad_request", `\`${name}\` is a time, in ISO 8601 or milliseconds since 1970.`);
}
