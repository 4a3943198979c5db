import { Fragment, useCallback, useEffect, useState } from "react";
import type { DocumentSession } from "../document/session.ts";
import { useValue, useVersion } from "../document/use-session.ts";
import { useNow } from "../room/use-live.ts";
import { type Activity, activities } from "../lib/activity.ts";
import { ago, plural } from "../lib/format.ts";
import { initials } from "../lib/names.ts";
import { label } from "../lib/pointer.ts";
import { useLoaded } from "../ui/use-loaded.ts";
import type { HistoryApi, HistoryRun } from "./api.ts";

/** Ops asked for at a time. */
const PAGE = 200;
/** Of one line's fields, as many are named. */
const NAMED = 3;

interface Props {
  readonly session: DocumentSession;
  readonly api: HistoryApi;
}

/** Who changed what, newest first. */
export function ActivityList({ session, api }: Props) {
  const head = useSettled(useVersion(session), 500);
  const [pages, setPages] = useState(1);
  const [log] = useLoaded(useCallback(() => recent(api, head, pages * PAGE), [api, head, pages]));
  const now = useNow(15_000);

  switch (log.phase) {
    case "loading":
      return <p className="panel-note">Loading…</p>;
    case "failed":
      return <p className="panel-note">{log.message}</p>;
    case "loaded":
      break;
  }
  const lines = activities(log.value.runs);
  if (lines.length === 0) {
    return <p className="panel-note">Nothing has been changed since the document was made or last restored.</p>;
  }
  return (
    <>
      <ul className="activity">
        {lines.map((line) => (
          <Line key={line.seq} line={line} session={session} now={now} />
        ))}
      </ul>
      {log.value.more && (
        <button type="button" className="button quiet" onClick={() => setPages(pages + 1)}>
          Show earlier
        </button>
      )}
    </>
  );
}

async function recent(
  api: HistoryApi,
  version: string | undefined,
  count: number,
): Promise<{ readonly runs: readonly HistoryRun[]; readonly more: boolean }> {
  const head = Number(version?.split(".")[1] ?? 0);
  if (head === 0) return { runs: [], more: false };
  const first = Math.max(1, head - count + 1);
  const runs: HistoryRun[] = [];
  let from: number | undefined = first;
  let oldest = 1;
  while (from !== undefined) {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next begins
    const page = await api.history(Math.max(from, oldest), PAGE);
    runs.push(...page.runs);
    oldest = page.oldest;
    from = page.runs.length === 0 ? undefined : page.next;
  }
  return { runs, more: first > oldest };
}

function Line({
  line,
  session,
  now,
}: {
  readonly line: Activity;
  readonly session: DocumentSession;
  readonly now: number;
}) {
  const value = useValue(session);
  const { by } = line;
  const who = by === undefined ? undefined : session.nameOf(by);
  const name = who?.name ?? (by === undefined ? "The server" : "Somebody");
  const mine = by !== undefined && by === session.handle.you;
  const shown = line.paths.slice(0, NAMED);
  return (
    <li>
      <span className="avatar small" data-hue={who?.hue ?? 0} aria-hidden="true">
        {initials(name)}
      </span>
      <p>
        <strong>{mine ? "You" : name}</strong> {line.what}{" "}
        {shown.map((path, i) => (
          <Fragment key={path}>
            {i > 0 && ", "}
            {path === "" || line.what === "removed" ? (
              <span className="place">{label(path, value)}</span>
            ) : (
              <button type="button" className="place" onClick={() => session.reveal(path)}>
                {label(path, value)}
              </button>
            )}
          </Fragment>
        ))}
        {line.paths.length > NAMED && ` and ${plural(line.paths.length - NAMED, "more field")}`}
        <time dateTime={new Date(line.at).toISOString()} title={new Date(line.at).toLocaleString()}>
          {ago(line.at, now)}
        </time>
      </p>
    </li>
  );
}

/** A value once it has stopped changing for a while: typing need not be asked about letter by letter. */
function useSettled<T>(value: T, after: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}
