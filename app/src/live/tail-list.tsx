import { type FocusEvent, memo, useId, useState } from "react";
import { indented } from "../../../src/kinds/json/text.ts";
import { PauseIcon, PlayIcon } from "../ui/icons.tsx";
import type { Feed, Shown } from "./feed.ts";
import { restOf } from "./rest.ts";
import type { TailEvent } from "./tail.ts";

interface Props {
  readonly feed: Feed;
  readonly shown: Shown;
}

/** The events as they come. */
export function TailList({ feed, shown }: Props) {
  const { tail, paused, filter, fault } = shown;
  const [open, setOpen] = useState<number>();
  const id = useId();

  const toggle = (key: number) => {
    setOpen(open === key ? undefined : key);
    // Or it would be gone before it is read.
    if (open !== key) feed.pause(true);
  };

  // With the keyboard, one is at a row before one opens it.
  const hold = (event: FocusEvent) => {
    const { target } = event;
    if (!paused && target !== event.currentTarget && target.matches(":focus-visible")) feed.pause(true);
  };

  return (
    <section className="panel tail" aria-labelledby={`${id}-title`}>
      <header className="panel-head">
        <h2 id={`${id}-title`}>Events</h2>
        <div className="tail-filter">
          <label className="visually-hidden" htmlFor={`${id}-filter`}>
            Filter the events
          </label>
          <input
            id={`${id}-filter`}
            className="input"
            type="search"
            placeholder="Filter: type:click path^:/docs"
            value={filter}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? undefined : `${id}-fault`}
            onChange={(event) => feed.narrow(event.target.value)}
          />
        </div>
        <button type="button" className="button tail-pause" aria-pressed={paused} onClick={() => feed.pause(!paused)}>
          {paused ? <PlayIcon size={16} /> : <PauseIcon size={16} />}
          {paused ? "Resume" : "Pause"}
        </button>
      </header>
      {fault !== undefined && (
        <p id={`${id}-fault`} className="field-error tail-fault" role="status">
          {fault}
        </p>
      )}
      {paused && (
        <button type="button" className="tail-waiting" onClick={() => feed.pause(false)}>
          {tail.waiting === 0 ? "Paused. No new events yet." : `Paused. Show ${many(tail.waiting)} new.`}
        </button>
      )}
      {tail.items.some(({ kind }) => kind === "event") ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be reached by the keyboard
        <ol className="tail-rows" tabIndex={0} aria-label="Events, newest first" onFocus={hold}>
          {tail.items.map((item) =>
            item.kind === "note" ? (
              <li key={item.key} className="tail-note">
                <span>{item.text}</span>
              </li>
            ) : (
              <Row key={item.key} event={item} open={item.key === open} toggle={toggle} />
            ),
          )}
        </ol>
      ) : (
        <p className="panel-empty">{filter === "" ? "Nothing yet." : "No recent event passes this filter."}</p>
      )}
    </section>
  );
}

interface RowProps {
  readonly event: TailEvent;
  readonly open: boolean;
  readonly toggle: (key: number) => void;
}

// At a thousand events a second every row is new ten times a second: what stays is left alone.
const Row = memo(
  function Row({ event, open, toggle }: RowProps) {
    const { type, path, at, key } = event;
    return (
      <li className={open ? "tail-row open" : "tail-row"}>
        <button type="button" aria-expanded={open} onClick={() => toggle(key)}>
          <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
          <span className="tail-type" data-hue={hueOf(type)}>
            {type === "" ? "(none)" : type}
          </span>
          <span className="tail-path">{path}</span>
          <span className="tail-rest">{restOf(event.data)}</span>
        </button>
        {open && <Details event={event} />}
      </li>
    );
  },
  (before, after) => before.open === after.open && before.event === after.event,
);

function Details({ event }: { readonly event: TailEvent }) {
  return (
    <div className="tail-details">
      <pre>{indented(event.data)}</pre>
      <p>
        Position <code>{event.position}</code>, taken {new Date(event.at).toISOString()}
      </p>
    </div>
  );
}

/** `14:05:12`. Written by hand: a formatter costs ten times as much, and there are a thousand a second. */
function clock(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The same type has the same colour, today and tomorrow. */
function hueOf(type: string): number {
  if (type === "pageview") return 5;
  if (type === "error") return 1;
  let sum = 0;
  for (const sign of type) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003;
  return [0, 2, 3, 4, 6, 7][sum % 6] ?? 0;
}

function many(count: number): string {
  return count >= 1_000 ? "more than 1,000" : String(count);
}
