import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { DocumentSession } from "../document/session.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { ActivityList } from "./activity-list.tsx";
import { HistoryApi } from "./api.ts";
import { Versions } from "./versions.tsx";

interface Props {
  readonly session: DocumentSession;
  readonly close: () => void;
}

const TABS = ["Versions", "Activity"] as const;
type Tab = (typeof TABS)[number];

/** Saved versions and what has been done lately. Beside the document where there is room, else over it. */
export function HistoryPanel({ session, close }: Props) {
  const [tab, setTab] = useState<Tab>("Versions");
  const api = useMemo(() => new HistoryApi(session.handle.id), [session]);
  const id = useId();

  const onTabKey = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tab === "Versions" ? "Activity" : "Versions";
    setTab(other);
    document.getElementById(`${id}-${other}`)?.focus();
  };

  return (
    <Surround close={close}>
      <header className="panel-head">
        <div role="tablist" aria-label="History" className="tabs" onKeyDown={onTabKey}>
          {TABS.map((name) => (
            <button
              key={name}
              id={`${id}-${name}`}
              type="button"
              role="tab"
              aria-selected={tab === name}
              aria-controls={`${id}-panel`}
              tabIndex={tab === name ? 0 : -1}
              onClick={() => setTab(name)}
            >
              {name}
            </button>
          ))}
        </div>
        <button type="button" className="button quiet icon" aria-label="Close the history" onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${tab}`} className="panel-body" tabIndex={-1}>
        {tab === "Versions" ? <Versions session={session} api={api} /> : <ActivityList session={session} api={api} />}
      </div>
    </Surround>
  );
}

const WIDE = "(min-width: 60rem)";

function subscribeWide(listener: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

/** An aside on a wide page; on a narrow one a sheet, which keeps the focus until it is closed. */
function Surround({ close, children }: { readonly close: () => void; readonly children: ReactNode }) {
  const wide = useSyncExternalStore(subscribeWide, () => matchMedia(WIDE).matches);
  const sheet = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!wide) sheet.current?.showModal();
  }, [wide]);

  if (wide) {
    return (
      <aside className="panel" aria-label="History" onKeyDown={(event) => event.key === "Escape" && close()}>
        {children}
      </aside>
    );
  }
  return (
    <dialog
      ref={sheet}
      className="panel sheet"
      aria-label="History"
      onClose={close}
      onClick={(event) => event.target === sheet.current && close()}
    >
      <div className="sheet-inside">{children}</div>
    </dialog>
  );
}
