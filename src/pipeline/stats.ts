import { prepare } from "./schema.ts";
import { UNIT_NAMES, UNITS, type Unit } from "./tally.ts";

/** How counts are grouped. */
export type By = Unit | "type" | "page";

export const BYS: readonly By[] = [...UNIT_NAMES, "type", "page"];

export interface StatsRequest {
  readonly by: By;
  /** Milliseconds since 1970: from `from` to before `to`, both widened to whole units (minutes by type and page). */
  readonly from: number;
  readonly to: number;
  /** Only events of this type, or of this page. Visitors are counted whatever they did. */
  readonly type?: string;
  readonly page?: string;
}

/** A minute, an hour or a day; those without any event are left out. */
export interface TimeRow {
  /** When it begins, milliseconds since 1970. */
  readonly at: number;
  readonly events: number;
  /** Different visitors in it. Somebody who comes again on another day (UTC) is another visitor. */
  readonly visitors: number;
}

/** A type or a page, the most frequent first. */
export interface NameRow {
  readonly name: string;
  readonly events: number;
}

export interface Stats {
  readonly by: By;
  readonly from: number;
  readonly to: number;
  /** All events in this time, also those of names that are not among the rows. */
  readonly events: number;
  readonly rows: readonly TimeRow[] | readonly NameRow[];
  /** When the newest counted event was published, milliseconds since 1970; absent when none was. */
  readonly countedTo?: number;
}

/** The most rows that an answer has. */
export const MOST_ROWS = 2_000;
const MOST_NAMES = 100;

const MINUTE = 60_000;

/** How long a unit is, in milliseconds; types and pages are kept by the minute. */
export function unitLength(by: By): number {
  return (by === "type" || by === "page" ? UNITS.minute : UNITS[by]) * MINUTE;
}

/** What was counted of a site. The caller sees to it that the time has at most MOST_ROWS units. */
export async function readStats(db: D1Database, site: string, request: StatsRequest): Promise<Stats> {
  await prepare(db);
  const { by } = request;
  const length = unitLength(by);
  const from = Math.floor(request.from / length) * length;
  const to = Math.ceil(request.to / length) * length;
  const only = { type: request.type ?? null, page: request.page ?? null };
  const range = [site, from / MINUTE, to / MINUTE, only.type, only.page] as const;
  const where = `site = ?1 AND minute >= ?2 AND minute < ?3 AND (?4 IS NULL OR type = ?4) AND (?5 IS NULL OR page = ?5)`;
  const total = db.prepare(`SELECT coalesce(sum(events), 0) AS events FROM counts WHERE ${where}`).bind(...range);
  const newest = db.prepare("SELECT max(at) AS at FROM progress WHERE stream = ?").bind(site);
  const rows = isUnit(by)
    ? db
        .prepare(
          `SELECT start * ${length} AS at, events,
             coalesce((SELECT visitors FROM visits
                       WHERE site = ?1 AND unit = ${UNIT_NAMES.indexOf(by)} AND visits.start = found.start), 0) AS visitors
           FROM (SELECT minute / ${UNITS[by]} AS start, sum(events) AS events FROM counts WHERE ${where} GROUP BY 1) AS found
           ORDER BY start LIMIT ${MOST_ROWS}`,
        )
        .bind(...range)
    : db
        .prepare(
          `SELECT ${by} AS name, sum(events) AS events FROM counts WHERE ${where}
           GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MOST_NAMES}`,
        )
        .bind(...range);
  // One transaction: what they say belongs together.
  const [totals, newests, found] = await db.batch([total, newest, rows]);
  const events = (totals?.results as { events: number }[] | undefined)?.[0]?.events ?? 0;
  const at = (newests?.results as { at: number | null }[] | undefined)?.[0]?.at ?? 0;
  return {
    by,
    from,
    to,
    events,
    rows: (found?.results ?? []) as TimeRow[] | NameRow[],
    ...(at === 0 ? {} : { countedTo: at }),
  };
}

function isUnit(by: By): by is Unit {
  return by !== "type" && by !== "page";
}
