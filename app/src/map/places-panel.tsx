import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { plural } from "../lib/format.ts";
import { ChevronIcon, PlusIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import { nudge } from "./nudge.ts";
import { FeatureEditor } from "./feature-editor.tsx";
import { measure, sortOf, titleOf } from "./geo.ts";
import { FeatureMark, SearchIcon } from "./icons.tsx";
import { type Item, type MapSession, dragged } from "./session.ts";
import { useItems, useSession, useView } from "./use-map.ts";

/** As many rows are drawn at first, and more on demand: a list of 10,000 would be slow to draw and slower to read. */
const ROWS = 100;

/** From so many features on there is a field to search them. */
const SEARCHABLE = 8;

/** Everything on the map as a list, in step with it. */
export function PlacesPanel() {
  const session = useSession();
  const items = useItems(session);
  const { selected } = useView(session);
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(ROWS);
  if (items === undefined) return <Loading />;

  const found = items.filter((item) => matches(item, wanted));
  const at = found.findIndex(({ id }) => id === selected);
  const shown = found.slice(0, Math.max(most, at + 1));
  return (
    <>
      <div className="list-head">
        <h2>{items.length === 0 ? "Nothing on the map yet" : `${plural(items.length, "thing")} on the map`}</h2>
        {session.mayWrite && <AddButton session={session} />}
      </div>
      {items.length >= SEARCHABLE && (
        <label className="search">
          <SearchIcon size={16} />
          <span className="visually-hidden">Search the list</span>
          <input
            className="input"
            type="search"
            placeholder="Search"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </label>
      )}
      {items.length === 0 && <Empty session={session} />}
      {items.length > 0 && found.length === 0 && <p className="panel-note">Nothing on the map is called that.</p>}
      <ul className="features" aria-label="On the map" onKeyDown={walk}>
        {shown.map((item) => (
          <FeatureRow key={item.id} item={item} open={item.id === selected} />
        ))}
      </ul>
      {shown.length < found.length && (
        <button type="button" className="button more-rows" onClick={() => setMost(shown.length + ROWS)}>
          Show {Math.min(ROWS, found.length - shown.length)} more of {found.length - shown.length}
        </button>
      )}
    </>
  );
}

function matches({ feature }: Item, wanted: string): boolean {
  const text = `${feature.title ?? ""} ${feature.note ?? ""} ${sortOf(feature.geometry)}`.toLowerCase();
  return text.includes(wanted.trim().toLowerCase());
}

/** Up and down go through the rows. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const { key, target } = event;
  if ((key !== "ArrowUp" && key !== "ArrowDown") || !(target instanceof HTMLElement)) return;
  if (!target.matches(".feature-row") || event.defaultPrevented) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".feature-row")];
  const next = rows[rows.indexOf(target) + (key === "ArrowUp" ? -1 : 1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function FeatureRow({ item: { id, feature }, open }: { readonly item: Item; readonly open: boolean }) {
  const session = useSession();
  const toast = useToast();
  const { drag } = useView(session);
  const row = useRef<HTMLLIElement>(null);
  const geometry = drag?.id === id ? dragged(feature.geometry, drag) : feature.geometry;
  const title = titleOf(feature);

  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: "nearest" });
  }, [open]);

  const remove = () => {
    session.remove(id);
    toast({ text: `Deleted “${title}”.`, action: session.offerUndo() });
  };
  const onKey = (event: KeyboardEvent) => {
    if ((event.key === "Delete" || event.key === "Backspace") && session.mayWrite) {
      event.preventDefault();
      remove();
    } else if (open && nudge(session, id, event)) {
      event.preventDefault();
    }
  };
  return (
    <li ref={row} className={open ? "feature open" : "feature"}>
      <button
        type="button"
        className="feature-row"
        aria-expanded={open}
        onClick={() => session.select(open ? undefined : id)}
        onKeyDown={onKey}
      >
        <FeatureMark feature={feature} />
        <span className="feature-words">
          <strong className={feature.title === undefined ? "unnamed" : undefined}>{title}</strong>
          <span>
            {sortOf(geometry)} · {measure(geometry)}
          </span>
        </span>
        <ChevronIcon size={16} />
      </button>
      {open && <FeatureEditor key={id} id={id} feature={feature} remove={remove} />}
    </li>
  );
}

/** A pin in the middle of what is shown: the way for those who cannot point. */
function AddButton({ session }: { readonly session: MapSession }) {
  const add = () => session.addPin(session.camera?.center() ?? [0, 0]);
  return (
    <button type="button" className="button" onClick={add} title="Puts a pin in the middle of the map">
      <PlusIcon size={16} />
      Add pin
    </button>
  );
}

function Empty({ session }: { readonly session: MapSession }) {
  return (
    <div className="panel-note">
      {session.mayWrite && session.camera && (
        <p>
          Choose the pin or the route on the map and click. Whoever has the link sees it as you do it, and where your
          pointer is.
        </p>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div className="list-loading" role="status" aria-label="Loading the map">
      {["62%", "44%", "54%"].map((width) => (
        <div key={width} aria-hidden="true">
          <span />
          <span style={{ inlineSize: width }} />
        </div>
      ))}
    </div>
  );
}
