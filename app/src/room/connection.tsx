import { plural } from "../lib/format.ts";
import type { Status } from "../roomcast.ts";
import { AlertIcon, CheckIcon, OfflineIcon } from "../ui/icons.tsx";
import { type Live, useNow, usePending, useStatus } from "./use-live.ts";

type Tone = "live" | "busy" | "warn" | "bad";

interface Words {
  readonly tone: Tone;
  readonly text: string;
}

/** What one calls the room, and what people put into it. */
export interface RoomWords {
  /** Such as `document`. */
  readonly room: string;
  /** Such as `change`; what waits is counted in it. */
  readonly one: string;
  /** What is being done with it: `Saving`. */
  readonly doing: string;
  /** Shown while away and nothing waits. */
  readonly goOn: string;
  /** Shown when the room lets this person in no more; "This <room> was closed." unless told otherwise. */
  readonly ended?: string;
}

interface Props {
  readonly room: Live;
  readonly words: RoomWords;
}

function pillWords(status: Status, pending: number, { doing, one }: RoomWords): Words {
  switch (status.phase) {
    case "connecting":
      return { tone: "busy", text: "Connecting…" };
    case "live":
      return pending > 0 ? { tone: "busy", text: `${doing} ${plural(pending, one)}…` } : { tone: "live", text: "Live" };
    case "reconnecting":
      return { tone: "warn", text: "Reconnecting…" };
    case "offline":
      return { tone: "warn", text: "Offline" };
    case "closed":
      return { tone: "bad", text: "Closed" };
  }
}

/** How the connection stands, in a word. */
export function ConnectionPill({ room, words }: Props) {
  const { tone, text } = pillWords(useStatus(room), usePending(room), words);
  return (
    <span className={`pill ${tone}`} role="status" data-testid="status">
      <ToneMark tone={tone} />
      {text}
    </span>
  );
}

function ToneMark({ tone }: { readonly tone: Tone }) {
  switch (tone) {
    case "live":
      return <CheckIcon size={14} />;
    case "busy":
      return <span className="pulse" aria-hidden="true" />;
    case "warn":
      return <OfflineIcon size={14} />;
    case "bad":
      return <AlertIcon size={14} />;
  }
}

/** What a person should know, and can do, when the connection is not as it should be. */
export function ConnectionBanner({ room, words }: Props) {
  const status = useStatus(room);
  const pending = usePending(room);
  switch (status.phase) {
    case "connecting":
    case "live":
      return null;
    case "offline":
      return (
        <div className="banner warn">
          <OfflineIcon />
          <p>
            <strong>You are offline.</strong> {kept(pending, words)} What others do meanwhile is joined with it when you
            are back.
          </p>
        </div>
      );
    case "reconnecting":
      return (
        <div className="banner warn">
          <OfflineIcon />
          <p>
            <strong>The connection is lost.</strong> {kept(pending, words)} <Countdown until={status.retryAt} />
          </p>
          <button type="button" className="button" onClick={() => room.retry()}>
            Try now
          </button>
        </div>
      );
    case "closed":
      return (
        <div className="banner bad" role="alert">
          <AlertIcon />
          <p>
            <strong>{words.ended ?? `This ${words.room} was closed.`}</strong> {status.reason}
            {pending > 0 && ` ${plural(pending, words.one)} could not be saved.`}
          </p>
          <button type="button" className="button" onClick={() => location.reload()}>
            Load it again
          </button>
        </div>
      );
  }
}

function kept(pending: number, { one, goOn }: RoomWords): string {
  if (pending === 0) return goOn;
  return `${plural(pending, one)} ${pending === 1 ? "is" : "are"} kept in this window and sent later.`;
}

/** Not announced: a screen reader that counts down says nothing else. */
function Countdown({ until }: { readonly until: number }) {
  const seconds = Math.ceil((until - useNow(500)) / 1000);
  return <span aria-hidden="true">{seconds > 0 ? `Next try in ${seconds} s.` : "Trying…"}</span>;
}
