import type { ChatMessage, RoomcastError } from "roomcast";
import { memo, useId } from "react";
import { colorToHue } from "../lib/hues.ts";
import { initials } from "../lib/names.ts";
import { AlertIcon, CheckIcon, ClockIcon } from "../ui/icons.tsx";
import { MessageActions } from "./message-actions.tsx";
import { MessageText } from "./message-text.tsx";
import { Reactions } from "./reactions.tsx";
import { clock, fullTime, shortClock } from "./rows.ts";
import { useTalk } from "./talk.ts";

interface Props {
  readonly id: string;
  readonly message: ChatMessage;
  readonly first: boolean;
  /** Under the pointer or the focus: shows what can be done with it. */
  readonly active: boolean;
  /** Reached by Tab. */
  readonly tabbable: boolean;
  readonly mine: boolean;
  readonly me: string | undefined;
  readonly admin: boolean;
  readonly flash: boolean;
}

/** One message. Drawn anew only when something of it changes. */
export const MessageRow = memo(function MessageRow(props: Props) {
  const { id, message, first, active, tabbable, mine, me, admin, flash } = props;
  const { n, name, at, sending, error, deleted } = message;
  const label = useId();
  const classes = [
    "message",
    first && "first",
    mine && "mine",
    sending === true && "sending",
    error !== undefined && "refused",
    flash && "flash",
  ];
  return (
    <div
      role="article"
      aria-labelledby={label}
      className={classes.filter(Boolean).join(" ")}
      data-hue={colorToHue(message.color, name)}
      data-key={id}
      data-n={n === 0 ? undefined : n}
      tabIndex={tabbable ? 0 : -1}
    >
      {first && (
        <span className={mine ? "avatar mine" : "avatar"} aria-hidden="true">
          {initials(name)}
        </span>
      )}
      <p className={first ? "message-head" : "message-side"}>
        <span id={label}>
          <strong className={first ? undefined : "visually-hidden"} dir="auto">
            {name}
          </strong>{" "}
          <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
            {first ? clock(at) : shortClock(at)}
          </time>
        </span>
      </p>
      <div className="message-body">
        {message.reply !== undefined && <QuoteLine quote={message.reply} />}
        {deleted === undefined ? (
          <MessageText text={message.text}>
            {message.edited !== undefined && (
              <span className="message-note" title={fullTime(message.edited)}>
                {" "}
                (edited)
              </span>
            )}
            {mine && <Fate sending={sending === true} refused={error !== undefined} />}
          </MessageText>
        ) : (
          <p className="message-text message-note">
            {deleted.by === message.from ? "Message deleted" : "Message removed by a moderator"}
          </p>
        )}
        {error !== undefined && <Refused message={message} error={error} />}
        <Reactions message={message} me={me} />
      </div>
      <MessageActions message={message} shown={active} mine={message.from === me} admin={admin} />
    </div>
  );
});

function QuoteLine({ quote }: { readonly quote: NonNullable<ChatMessage["reply"]> }) {
  const { jump } = useTalk();
  const { n, name, text } = quote;
  return (
    <button type="button" className="quote" onClick={() => jump(n)}>
      <span className="visually-hidden">In reply to </span>
      <strong dir="auto">{name}</strong> <span dir="auto">{text === "" ? "a message that is gone" : text}</span>
    </button>
  );
}

/** Whether one's own message is in the room yet. */
function Fate({ sending, refused }: { readonly sending: boolean; readonly refused: boolean }) {
  if (refused) return null;
  return (
    <span className="fate" title={sending ? "On its way" : "Sent"}>
      {sending ? <ClockIcon size={14} /> : <CheckIcon size={14} />}
      <span className="visually-hidden">{sending ? "On its way" : "Sent"}</span>
    </span>
  );
}

interface RefusedProps {
  readonly message: ChatMessage;
  readonly error: NonNullable<ChatMessage["error"]>;
}

function Refused({ message: { key = "" }, error }: RefusedProps) {
  const { chat } = useTalk();
  const orphan = error.path === "/reply";
  return (
    <div className="refusal">
      <AlertIcon size={16} />
      <p>
        <strong>Not sent.</strong> {refusalReason(error)}
      </p>
      <button
        type="button"
        className="button"
        onClick={() => void chat.resend(key, { asReply: !orphan }).catch(() => undefined)}
      >
        {orphan ? "Send without the reply" : "Try again"}
      </button>
      <button type="button" className="button quiet" onClick={() => chat.discard(key)}>
        Discard
      </button>
    </div>
  );
}

export function refusalReason({ code, path, message }: Pick<RoomcastError, "code" | "path" | "message">): string {
  if (code === "closed") return "The room was closed before it arrived.";
  if (code === "too_many_requests" && path === undefined) return "Too many at once; wait a few seconds.";
  if (path === "/reply") return "The message that it answers was deleted.";
  return message;
}
