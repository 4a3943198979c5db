import "../styles/document.css";
import "../styles/form.css";
import "../styles/json.css";
import "../styles/history.css";
import { Suspense, lazy, useEffect, useState } from "react";
import type { Json } from "../lib/json.ts";
import { FormView } from "../form/form-view.tsx";
import { HistoryPanel } from "../history/history-panel.tsx";
import { ConnectionBanner, ConnectionPill, type RoomWords } from "../room/connection.tsx";
import { ShareButton } from "../room/share-button.tsx";
import { useLeaveWarning, useMay, useStatus } from "../room/use-live.ts";
import { follow } from "../route.ts";
import { HistoryIcon, Mark } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import { BodyBoundary } from "../ui/boundary.tsx";
import { EmptyDocument, isEmptyDocument } from "./empty-document.tsx";
import { People } from "./people.tsx";
import { refusalWords } from "./refusals.ts";
import type { DocumentSession } from "./session.ts";
import { Skeleton } from "./skeleton.tsx";
import { SessionProvider, useOpenSession, useValue, useVersion } from "./use-session.ts";
import { ViewSwitch, type View } from "./view-switch.tsx";

// CodeMirror comes only when it is wanted.
const JsonView = lazy(() => import("../json/json-view.tsx"));

const WORDS: RoomWords = {
  room: "document",
  one: "change",
  doing: "Saving",
  goOn: "You can go on editing: your changes are kept here and sent later.",
};

export function DocumentPage({ id }: { readonly id: string }) {
  const session = useOpenSession(id);
  const [view, setView] = useState<View>(() => (location.hash === "#json" ? "json" : "form"));
  const [history, setHistory] = useState(false);
  // Who else is there is known only while the connection lasts.
  const away = useStatus(session.handle).phase !== "live";
  useTitle(id);
  useRefusals(session);
  useLeaveWarning(session.handle);

  const show = (next: View) => {
    setView(next);
    window.history.replaceState(null, "", next === "json" ? "#json" : location.pathname);
  };

  return (
    <SessionProvider value={session}>
      <a className="skip" href="#document">
        Skip to the document
      </a>
      <div className={history ? "document-page with-history" : "document-page"}>
        <header className="topbar">
          <a className="home" href="/" onClick={follow} aria-label="Roomcast: all documents">
            <Mark />
          </a>
          <h1 title={id}>{id}</h1>
          <ConnectionPill room={session.handle} words={WORDS} />
          <div className={away ? "topbar-people away" : "topbar-people"}>
            <People session={session} />
          </div>
          <div className="topbar-actions">
            <ShareButton />
            <button
              type="button"
              className="button icon-wide"
              aria-pressed={history}
              onClick={() => setHistory(!history)}
            >
              <HistoryIcon size={16} />
              <span className="wide">History</span>
            </button>
          </div>
        </header>
        <main id="document" tabIndex={-1}>
          <ConnectionBanner room={session.handle} words={WORDS} />
          <BodyBoundary>
            <DocumentBody session={session} view={view} show={show} />
          </BodyBoundary>
        </main>
        {history && <HistoryPanel session={session} close={() => setHistory(false)} />}
      </div>
    </SessionProvider>
  );
}

interface BodyProps {
  readonly session: DocumentSession;
  readonly view: View;
  readonly show: (view: View) => void;
}

function DocumentBody({ session, view, show }: BodyProps) {
  const value = useValue(session);
  const { phase } = useStatus(session.handle);
  const mayWrite = useMay(session.handle, "write");
  // Once somebody has begun by hand, an empty document is no longer a blank one.
  const [begun, setBegun] = useState(false);
  const emptied = useEmptied(session, value);

  if (value === undefined) return phase === "closed" ? null : <Skeleton />;
  const blank = view === "form" && (!begun || emptied) && mayWrite && isEmptyDocument(value);
  return (
    <>
      <div className="toolbar">
        <ViewSwitch view={view} show={show} />
        {!mayWrite && <span className="pill">Read only</span>}
      </div>
      {blank ? (
        <EmptyDocument session={session} begin={() => setBegun(true)} emptied={emptied} />
      ) : view === "form" ? (
        <FormView value={value} readOnly={!mayWrite || phase === "closed"} begin={begun} />
      ) : (
        <Suspense fallback={<Skeleton />}>
          <JsonView session={session} readOnly={!mayWrite || phase === "closed"} />
        </Suspense>
      )}
    </>
  );
}

/** Whether somebody deleted the document while it was shown here; until there is something in it again. */
function useEmptied(session: DocumentSession, value: Json | undefined): boolean {
  const toast = useToast();
  const epoch = useVersion(session)?.split(".")[0];
  const [known, setKnown] = useState({ epoch, empty: true, emptied: false });
  const empty = value === undefined || isEmptyDocument(value);
  if (value !== undefined && (known.epoch !== epoch || known.empty !== empty)) {
    const gone = known.epoch !== epoch && !known.empty;
    setKnown({ epoch, empty, emptied: empty && (known.emptied || gone) });
  }
  const { emptied } = known;
  useEffect(() => {
    if (emptied) toast({ text: "Somebody deleted this document.", detail: "Saved versions are under History." });
  }, [emptied, toast]);
  return emptied;
}

function useTitle(id: string): void {
  useEffect(() => {
    document.title = `${id} · Roomcast`;
  }, [id]);
}

function useRefusals(session: DocumentSession): void {
  const toast = useToast();
  useEffect(() => session.onRefused((error) => toast({ tone: "bad", ...refusalWords(error) })), [session, toast]);
}
