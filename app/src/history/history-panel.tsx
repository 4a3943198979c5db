import { type ReactNode, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { DocumentSession } from "../document/session.ts";
import { isComposing } from "../lib/composing.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { TabPanel, Tabs } from "../ui/tabs.tsx";
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

  return (
    <Surround close={close}>
      <header className="panel-head">
        <Tabs id={id} label="History" tabs={TABS} tab={tab} pick={setTab} />
        <button type="button" className="button quiet icon" aria-label="Close the history" onClick={close}>
          <CloseIcon />
        </button>
      </header>
      <TabPanel id={id} tab={tab}>
        {tab === "Versions" ? <Versions session={session} api={api} /> : <ActivityList session={session} api={api} />}
      </TabPanel>
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
      <aside
        className="panel"
        aria-label="History"
        onKeyDown={(event) => event.key === "Escape" && !isComposing(event) && close()}
      >
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
