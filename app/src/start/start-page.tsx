import { type ComponentType, type FormEvent, type ReactNode, useEffect, useId, useState } from "react";
import { ago } from "../lib/format.ts";
import { documentName, toDocumentId } from "../lib/names.ts";
import { forgetPlace, type Place, recentPlaces } from "../lib/places.ts";
import { follow, navigate, pathTo, type RoomPage } from "../route.ts";
import { Preview } from "./preview.tsx";
import { ChatIcon, CloseIcon, DocumentIcon, MapIcon, Mark, PlusIcon, StreamIcon, WindowsIcon } from "../ui/icons.tsx";

interface Kind {
  readonly page: RoomPage;
  readonly name: string;
  readonly Icon: ComponentType<{ readonly size?: number }>;
  readonly about: ReactNode;
  /** What the button says that makes one. */
  readonly make: string;
  /** A site's stream is looked at under a name that one knows; the others get one that nobody has yet. */
  readonly fixed?: string;
}

const KINDS: readonly Kind[] = [
  {
    page: "document",
    name: "Document",
    Icon: DocumentIcon,
    about: "JSON that several people edit at once, as a form or as text, with versions to go back to.",
    make: "New document",
  },
  {
    page: "chat",
    name: "Chat",
    Icon: ChatIcon,
    about: "A room to talk in: replies, reactions, edits, and all of its history.",
    make: "New chat",
  },
  {
    page: "live",
    name: "Event stream",
    Icon: StreamIcon,
    about: "Events of a site as they happen, in charts and one by one, with none missed in between.",
    make: "Open the demo site",
    fixed: "demo",
  },
  {
    page: "map",
    name: "Map",
    Icon: MapIcon,
    about: "Pins, routes and people on one map, and a fair place to meet.",
    make: "New map",
  },
];

/** Where one makes a room, or goes back to one. */
export function StartPage() {
  useEffect(() => {
    document.title = "Roomcast";
  }, []);
  return (
    <main className="start">
      <p className="brand">
        <Mark size={28} />
        Roomcast
      </p>
      <section className="hero">
        <div>
          <h1>Rooms that everyone is in at once.</h1>
          <p className="lead">
            Open a room, share its link, and edit, chat or watch together. It is stored on this server, and a lost
            connection loses nothing.
          </p>
          <OpenForm />
        </div>
        <Preview />
      </section>
      <RecentList />
      <ul className="kinds">
        {KINDS.map((kind) => (
          <KindCard key={kind.page} kind={kind} />
        ))}
      </ul>
      <p className="hint">
        <WindowsIcon />
        Open the same room in a second window, side by side, to see two people meet.
      </p>
    </main>
  );
}

function KindCard({ kind: { page, name, Icon, about, make, fixed } }: { readonly kind: Kind }) {
  return (
    <li className="kind" data-kind={page}>
      <h2>
        <span className="kind-icon">
          <Icon size={20} />
        </span>
        {name}
      </h2>
      <p>{about}</p>
      <button type="button" className="button" onClick={() => navigate(pathTo(page, fixed ?? documentName()))}>
        {fixed === undefined && <PlusIcon />}
        {make}
      </button>
    </li>
  );
}

/** Opens a room by its name, or a new one where no name is given. */
function OpenForm() {
  const [page, setPage] = useState<RoomPage>("document");
  const [name, setName] = useState("");
  const [suggested] = useState(() => documentName());
  const id = useId();
  const open = (event: FormEvent) => {
    event.preventDefault();
    navigate(pathTo(page, toDocumentId(name) ?? suggested));
  };
  return (
    <form className="open-form" onSubmit={open}>
      <div className="open-kind">
        <label htmlFor={`${id}-kind`}>Kind of room</label>
        <select
          id={`${id}-kind`}
          className="input"
          value={page}
          onChange={(event) => setPage(event.target.value as RoomPage)}
        >
          {KINDS.map((kind) => (
            <option key={kind.page} value={kind.page}>
              {kind.name}
            </option>
          ))}
        </select>
      </div>
      <div className="open-name">
        <label htmlFor={`${id}-name`}>Name (optional)</label>
        <input
          id={`${id}-name`}
          className="input"
          placeholder={suggested}
          value={name}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <button type="submit" className="button primary">
        Open room
      </button>
    </form>
  );
}

function RecentList() {
  const [recent, setRecent] = useState<readonly Place[]>(recentPlaces);
  const [now] = useState(() => Date.now());
  const id = useId();
  if (recent.length === 0) return null;
  return (
    <section className="recent" aria-labelledby={id}>
      <h2 id={id}>Recent on this device</h2>
      <ul>
        {recent.map((place) => (
          <RecentRow
            key={pathTo(place.page, place.id)}
            place={place}
            now={now}
            forget={() => {
              forgetPlace(place.page, place.id);
              setRecent(recentPlaces());
            }}
          />
        ))}
      </ul>
    </section>
  );
}

function RecentRow({
  place,
  now,
  forget,
}: {
  readonly place: Place;
  readonly now: number;
  readonly forget: () => void;
}) {
  const kind = KINDS.find(({ page }) => page === place.page);
  // A private chat's name says nothing to anybody.
  const shown = /^[0-9a-f]{64}$/.test(place.id) ? `Private ${place.id.slice(0, 6)}` : place.id;
  return (
    <li>
      <a href={pathTo(place.page, place.id)} onClick={follow}>
        {kind !== undefined && <kind.Icon size={16} />}
        <span>
          {shown}
          <small>{kind?.name}</small>
        </span>
        <time dateTime={new Date(place.at).toISOString()}>{ago(place.at, now)}</time>
      </a>
      <button type="button" className="row-action" aria-label={`Take ${shown} off this list`} onClick={forget}>
        <CloseIcon size={16} />
      </button>
    </li>
  );
}
