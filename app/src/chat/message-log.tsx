import type { ChatMessage } from "roomcast";
import { type KeyboardEvent, memo, useCallback, useState } from "react";
import { isComposing } from "../lib/composing.ts";
import { plural } from "../lib/format.ts";
import { useNow } from "../room/use-live.ts";
import { DownIcon } from "../ui/icons.tsx";
import { MessageRow } from "./message-row.tsx";
import { type Row, dayWords } from "./rows.ts";
import type { Scroller } from "./scroller.ts";

interface Props {
  readonly rows: readonly Row[];
  readonly scroller: Scroller;
  readonly atEnd: boolean;
  readonly isMine: (message: ChatMessage) => boolean;
  readonly me: string | undefined;
  readonly admin: boolean;
  readonly unread: number;
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  readonly olderFailed: boolean;
  readonly loadOlder: () => void;
  /** The names of those who have read the last message, where it is one's own. */
  readonly seenBy: string;
  /** The number of a message that was jumped to. */
  readonly flash: number | undefined;
  /** Escape: back to where one writes. */
  readonly leave: () => void;
}

/** The talk. Arrow keys go from message to message. */
export const MessageLog = memo(function MessageLog(props: Props) {
  const { rows, scroller, atEnd, isMine, me, admin, unread, seenBy, flash, leave } = props;
  const { hasOlder, loadingOlder, olderFailed, loadOlder } = props;
  const [active, setActive] = useState<string>();
  const { attach, scrolled, toEnd } = scroller;
  const now = useNow(60_000);
  const last = rows.findLast((row) => row.type === "message")?.key;
  const known = active !== undefined && rows.some(({ key }) => key === active);

  const over = useCallback(({ target }: { readonly target: EventTarget | null }) => {
    setActive(target instanceof Element ? target.closest<HTMLElement>("[data-key]")?.dataset["key"] : undefined);
  }, []);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      leave();
      return;
    }
    if ((event.key !== "ArrowUp" && event.key !== "ArrowDown") || !(event.target instanceof Element)) return;
    const lines = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-key]")];
    const at = lines.findIndex((line) => line.contains(event.target as Element));
    const next = lines[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (at === -1 || event.target.closest("[popover]") !== null) return;
    event.preventDefault();
    if (next === undefined && event.key === "ArrowDown") leave();
    else next?.focus();
  };

  return (
    <div className="log-frame">
      <div
        ref={attach}
        className="log"
        role="log"
        aria-label="Messages"
        aria-live="polite"
        aria-relevant="additions"
        aria-busy={loadingOlder}
        onScroll={scrolled}
        onPointerOver={over}
        onPointerLeave={(event) => {
          // A finger that is lifted has gone nowhere.
          if (event.pointerType === "mouse") over({ target: document.activeElement });
        }}
        onFocus={over}
        onKeyDown={onKeyDown}
      >
        <div className="log-lines">
          <Beginning hasOlder={hasOlder} loading={loadingOlder} failed={olderFailed} load={loadOlder} />
          {rows.map((row) => {
            switch (row.type) {
              case "day":
                return (
                  <h2 key={row.key} className="day">
                    <span>{dayWords(row.at, now)}</span>
                  </h2>
                );
              case "new":
                return (
                  <p key={row.key} className="new-mark">
                    <span>New</span>
                  </p>
                );
              case "gap":
                return (
                  <p key={row.key} className="log-note">
                    <span className="pulse" aria-hidden="true" /> Fetching what was said meanwhile…
                  </p>
                );
              case "message":
                return (
                  <MessageRow
                    key={row.key}
                    id={row.key}
                    message={row.message}
                    first={row.first}
                    active={row.key === active}
                    tabbable={row.key === (known ? active : last)}
                    mine={isMine(row.message)}
                    me={me}
                    admin={admin}
                    flash={flash !== undefined && row.message.n === flash}
                  />
                );
            }
          })}
          <p className="seen" aria-live="off">
            {seenBy !== "" && (
              <>
                Seen by <bdi>{seenBy}</bdi>
              </>
            )}
          </p>
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="button to-end" onClick={toEnd}>
          <DownIcon size={16} />
          {unread > 0 ? plural(unread, "new message") : "To the latest"}
        </button>
      )}
    </div>
  );
});

interface BeginningProps {
  readonly hasOlder: boolean;
  readonly loading: boolean;
  readonly failed: boolean;
  readonly load: () => void;
}

function Beginning({ hasOlder, loading, failed, load }: BeginningProps) {
  if (!hasOlder) return <p className="log-note">This is where the room begins.</p>;
  if (loading) {
    return (
      <p className="log-note">
        <span className="pulse" aria-hidden="true" /> Fetching earlier messages…
      </p>
    );
  }
  return (
    <p className="log-note">
      {failed && "Earlier messages could not be fetched. "}
      <button type="button" className="button quiet" onClick={load}>
        {failed ? "Try again" : "Show earlier messages"}
      </button>
    </p>
  );
}
