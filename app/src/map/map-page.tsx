import "../styles/history.css";
import "../styles/map-details.css";
import "../styles/map-list.css";
import "../styles/map.css";
import { useCallback, useEffect, useId, useState } from "react";
import { isComposing } from "../lib/composing.ts";
import { initials } from "../lib/names.ts";
import { ConnectionBanner, ConnectionPill, type RoomWords } from "../room/connection.tsx";
import { MyName } from "../room/my-name.tsx";
import { ShareButton } from "../room/share-button.tsx";
import { useLeaveWarning, useMay, useStatus } from "../room/use-live.ts";
import { follow } from "../route.ts";
import { ChevronIcon, Mark } from "../ui/icons.tsx";
import { TabPanel, Tabs } from "../ui/tabs.tsx";
import { useToast } from "../ui/toasts.tsx";
import { BodyBoundary } from "../ui/boundary.tsx";
import { type Drawn, MapView } from "./map-view.tsx";
import { PeoplePanel } from "./people-panel.tsx";
import { PlacesPanel } from "./places-panel.tsx";
import { SavedPanel } from "./saved-panel.tsx";
import type { MapSession } from "./session.ts";
import { toolOf } from "./tools.tsx";
import { useLocationSharing } from "./use-location.ts";
import { SessionProvider, useLatency, useOpenSession, usePeople, useView } from "./use-map.ts";

const WORDS: RoomWords = {
  room: "map",
  one: "change",
  doing: "Saving",
  goOn: "You can go on: your changes are kept here and sent later.",
};

const TABS = ["Places", "People", "Saved"] as const;
type Tab = (typeof TABS)[number];

/** As many people are shown one by one in the top bar; the rest is a number. */
const SHOWN = 4;

export function MapPage({ id }: { readonly id: string }) {
  const session = useOpenSession(id);
  const { handle } = session;
  const [tab, setTab] = useState<Tab>("Places");
  const [shown, setShown] = useState<string>();
  // On a phone the list is a sheet over the map.
  const [open, setOpen] = useState(false);
  const [drawn, setDrawn] = useState<Drawn>({ phase: "loading" });
  const away = useStatus(handle).phase !== "live";
  const sharing = useLocationSharing(session);
  const view = useView(session);
  // What is selected on the map is shown in the list, but no sheet comes up under a finger that still draws.
  const selected = view.tool === "look" ? view.selected : undefined;
  if (selected !== shown) {
    setShown(selected);
    if (selected !== undefined) setTab("Places");
    setOpen(selected !== undefined);
  }
  useLeaveWarning(handle);
  useRefusals(session);
  useKeys(session);

  useEffect(() => {
    document.title = `${id} · Roomcast`;
  }, [id]);

  const pick = useCallback((next: Tab) => {
    setTab(next);
    setOpen(true);
  }, []);

  return (
    <SessionProvider value={session}>
      <a className="skip" href="#places">
        Skip to the list
      </a>
      <div className={drawn.phase === "failed" ? "map-page without-map" : "map-page"}>
        <header className="topbar">
          <a className="home" href="/" onClick={follow} aria-label="Roomcast: start">
            <Mark />
          </a>
          <h1 title={id}>{id}</h1>
          <ConnectionPill room={handle} words={WORDS} />
          <Latency session={session} />
          <div className={away ? "topbar-people away" : "topbar-people"}>
            <PeopleHere session={session} show={() => pick("People")} />
          </div>
          <div className="topbar-actions">
            <ShareButton />
          </div>
        </header>
        <main className="map-main">
          <div className="map-banner">
            <ConnectionBanner room={handle} words={WORDS} />
          </div>
          <BodyBoundary>
            <MapView drawn={setDrawn} />
          </BodyBoundary>
        </main>
        <aside className={open ? "map-panel open" : "map-panel"} aria-label="List" id="places" tabIndex={-1}>
          <PanelTabs tab={tab} pick={pick} open={open} toggle={() => setOpen(!open)} session={session}>
            {tab === "Places" && <PlacesPanel />}
            {tab === "People" && <PeoplePanel sharing={sharing} />}
            {tab === "Saved" && <SavedPanel />}
          </PanelTabs>
        </aside>
      </div>
    </SessionProvider>
  );
}

interface TabsProps {
  readonly tab: Tab;
  readonly pick: (tab: Tab) => void;
  readonly open: boolean;
  readonly toggle: () => void;
  readonly session: MapSession;
  readonly children: React.ReactNode;
}

function PanelTabs({ tab, pick, open, toggle, session, children }: TabsProps) {
  const id = useId();
  const mayWrite = useMay(session.handle, "write");
  return (
    <>
      <header className="panel-head">
        <Tabs id={id} label="List" tabs={TABS} tab={tab} pick={pick} />
        {!mayWrite && <span className="pill">Read only</span>}
        <button
          type="button"
          className="button quiet icon sheet-toggle"
          aria-expanded={open}
          aria-label={open ? "Lower the list" : "Raise the list"}
          onClick={toggle}
        >
          <ChevronIcon />
        </button>
      </header>
      <TabPanel id={id} tab={tab}>
        {children}
      </TabPanel>
    </>
  );
}

function Latency({ session }: { readonly session: MapSession }) {
  const latency = useLatency(session);
  const { phase } = useStatus(session.handle);
  if (latency === undefined || phase !== "live") return null;
  const text = latency < 1 ? "< 1 ms" : `${Math.round(latency)} ms`;
  return (
    <span className="latency" title="To the server and back, measured every few seconds">
      <span className="visually-hidden">To the server and back: </span>
      {text}
    </span>
  );
}

/** Who is here; each opens the list of people. */
function PeopleHere({ session, show }: { readonly session: MapSession; readonly show: () => void }) {
  const people = usePeople(session);
  const { me } = useView(session);
  return (
    <div className="people">
      <ul aria-label="Others here">
        {people.slice(0, SHOWN).map(({ conn, name, hue }) => (
          <li key={conn}>
            <button type="button" className="avatar" data-hue={hue} title={name} onClick={show}>
              <span aria-hidden="true">{initials(name)}</span>
              <span className="visually-hidden">{name}: show the people</span>
            </button>
          </li>
        ))}
        {people.length > SHOWN && (
          <li>
            <button type="button" className="avatar more" onClick={show}>
              +{people.length - SHOWN}
              <span className="visually-hidden"> more people</span>
            </button>
          </li>
        )}
      </ul>
      <MyName
        me={me}
        rename={(next) => session.rename(next)}
        hint="Others see it at your pointer and your dot. It stays in this browser."
      />
      <p className="visually-hidden" role="status">
        {people.length === 0 ? "Nobody else is here." : `${people.map(({ name }) => name).join(", ")} also here.`}
      </p>
    </div>
  );
}

function useRefusals(session: MapSession): void {
  const toast = useToast();
  useEffect(
    () =>
      session.onRefused(({ code, message }, asked) => {
        const text =
          asked === "undo" && code === "conflict"
            ? "Nothing was undone."
            : code === "conflict"
              ? "Somebody was quicker; your change was taken back."
              : code === "not_found"
                ? "Somebody has removed that meanwhile."
                : code === "forbidden" || code === "unauthorized"
                  ? "You may not change this map; it was taken back."
                  : "The change was not taken.";
        toast({ tone: "bad", text, detail: message });
      }),
    [session, toast],
  );
}

/** Keys for the whole page, where no text is being typed. */
function useKeys(session: MapSession): void {
  useEffect(() => {
    let byHand = false;
    const onPointer = () => {
      byHand = true;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Tab" || event.key.startsWith("Arrow")) byHand = false;
      if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key.toLowerCase() !== "z" || event.shiftKey) return;
        event.preventDefault();
        session.undo();
        return;
      }
      const { tool, selected } = session.view();
      if (isComposing(event)) return;
      const onMap = event.target instanceof HTMLCanvasElement || event.target === document.body;
      const picked = session.mayWrite ? toolOf(event.key) : undefined;
      if (picked !== undefined) session.pick(picked);
      else if (event.key === "Escape" && tool !== "look") session.finish();
      else if (event.key === "Escape") session.select(undefined);
      else if (
        event.key === "Enter" &&
        event.target instanceof HTMLCanvasElement &&
        session.camera &&
        tool !== "look"
      ) {
        // The crosshair shows the middle to those who move the map by keys.
        if (byHand) session.finish();
        else session.draw(session.camera.center(), "keyboard");
      } else if (
        (event.key === "Delete" || event.key === "Backspace") &&
        onMap &&
        selected !== undefined &&
        session.mayWrite
      ) {
        session.remove(selected);
      } else return;
      event.preventDefault();
    };
    document.addEventListener("pointerdown", onPointer, { capture: true });
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", onPointer, { capture: true });
      document.removeEventListener("keydown", onKey);
    };
  }, [session]);
}

/** Fields in which nothing is typed, such as a colour's, have no undo of their own. */
const NOT_TYPED = ["radio", "checkbox", "file", "range", "color", "button", "submit"]
  .map((type) => `[type="${type}"]`)
  .join(", ");

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches(`input:not(${NOT_TYPED}), textarea, select, [contenteditable]`)
  );
}
