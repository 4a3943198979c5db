import { useState } from "react";
import type { Share } from "./window.ts";

export interface Tops {
  readonly pages: readonly Share[];
  readonly types: readonly Share[];
}

interface Props extends Tops {
  /** Whether the counts are there: none is known to be none only then. */
  readonly phase: "loading" | "failed" | "done";
  /** What the counts are of, such as `in the last 5 minutes`. */
  readonly span: string;
  /** Narrows the list of events. */
  readonly choose: (filter: string) => void;
}

type Which = "pages" | "types";

/** The pages that are viewed most, or the types of event that come most. */
export function TopList({ phase, pages, types, span, choose }: Props) {
  const [wanted, setWanted] = useState<Which>();
  // A stream of anything else than page views has types only.
  const which = wanted ?? (pages.length === 0 && types.length > 0 ? "types" : "pages");
  const shares = which === "pages" ? pages : types;
  const most = Math.max(1, ...shares.map(({ events }) => events));
  return (
    <section className="panel top-list" aria-label={which === "pages" ? "Top pages" : "Top events"}>
      <header className="panel-head">
        <h2>{which === "pages" ? "Top pages" : "Top events"}</h2>
        <div className="switch small" role="group" aria-label="Count by">
          {(["pages", "types"] as const).map((name) => (
            <button key={name} type="button" aria-pressed={name === which} onClick={() => setWanted(name)}>
              {name === "pages" ? "Pages" : "Types"}
            </button>
          ))}
        </div>
      </header>
      {shares.length === 0 ? (
        <p className="panel-empty">{emptyWords(phase, which, span)}</p>
      ) : (
        <ol className="shares">
          {shares.map(({ name, events }) => (
            <li key={name}>
              <button
                type="button"
                title={`Show only these: ${name}`}
                onClick={() => choose(filterFor(which, name))}
                style={{ backgroundSize: `${(100 * events) / most}% 100%` }}
              >
                <span className="share-name">{name === "" ? "(none)" : name}</span>
                <span className="share-count">{events.toLocaleString("en")}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function emptyWords(phase: Props["phase"], which: Which, span: string): string {
  switch (phase) {
    case "loading":
      return "Loading…";
    case "failed":
      return "The history could not be loaded.";
    case "done":
      return which === "pages" ? `No page views ${span}.` : `No events ${span}.`;
  }
}

/** What finds the events that were counted under a name, the empty one too. */
export function filterFor(which: Which, name: string): string {
  if (name === "") {
    const none = { field: which === "pages" ? "path" : "type", exists: false };
    return JSON.stringify(which === "pages" ? [{ field: "type", equals: "pageview" }, none] : none);
  }
  const value = /^[^\s",]+$/.test(name) ? name : JSON.stringify(name);
  return which === "pages" ? `type:pageview path:${value}` : `type:${value}`;
}
