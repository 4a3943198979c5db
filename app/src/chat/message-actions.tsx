import type { ChatMessage } from "roomcast";
import { useId, useRef, useState } from "react";
import { copyText } from "../lib/copy.ts";
import { MoreIcon, PencilIcon, PlusIcon, ReplyIcon, SmileIcon } from "../ui/icons.tsx";
import { Popover } from "../ui/popover.tsx";
import { EmojiPicker } from "./emoji-picker.tsx";
import { REACTIONS } from "./reactions.tsx";
import { useTalk } from "./talk.ts";

interface Props {
  readonly message: ChatMessage;
  readonly shown: boolean;
  readonly mine: boolean;
  readonly admin: boolean;
}

/** What can be done with a message. In the page only while it is of use. */
export function MessageActions({ message, shown, mine, admin }: Props) {
  const [open, setOpen] = useState<"react" | "emoji" | "more">();
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const talk = useTalk();
  const deleted = message.deleted !== undefined;
  if (message.n === 0 || (deleted && (mine || !admin)) || (!shown && open === undefined)) return null;
  const react = (reaction: string) => {
    setOpen(undefined);
    talk.attempt(talk.chat.react(message.n, reaction), "The reaction");
  };
  const toggle = (what: "react" | "more") => setOpen(open === what ? undefined : what);
  const button = (what: "react" | "more") => ({
    "aria-expanded": open === what || (what === "react" && open === "emoji"),
    "aria-controls": id,
    onClick: () => toggle(what),
  });
  return (
    <div className="message-actions" ref={box}>
      {!deleted && (
        <>
          <button type="button" aria-label="React" title="React" {...button("react")}>
            <SmileIcon />
          </button>
          <button type="button" aria-label="Reply" title="Reply" onClick={() => talk.compose.begin("reply", message)}>
            <ReplyIcon />
          </button>
        </>
      )}
      {mine && (
        <button type="button" aria-label="Edit" title="Edit" onClick={() => talk.compose.begin("edit", message)}>
          <PencilIcon />
        </button>
      )}
      <button type="button" aria-label="More" title="More" {...button("more")}>
        <MoreIcon />
      </button>
      {open === "react" && (
        <Popover id={id} anchor={box} label="React" className="picker" close={() => setOpen(undefined)}>
          {REACTIONS.map(([reaction, name]) => (
            <button key={reaction} type="button" aria-label={name} title={name} onClick={() => react(reaction)}>
              <span className="reaction">{reaction}</span>
            </button>
          ))}
          <button type="button" aria-label="All emoji" title="All emoji" onClick={() => setOpen("emoji")}>
            <PlusIcon />
          </button>
        </Popover>
      )}
      {open === "emoji" && (
        <Popover id={id} anchor={box} label="React" className="emoji-box" close={() => setOpen(undefined)}>
          <EmojiPicker choose={react} />
        </Popover>
      )}
      {open === "more" && (
        <Popover id={id} anchor={box} label="More" className="menu" close={() => setOpen(undefined)}>
          <More message={message} mine={mine} admin={admin} close={() => setOpen(undefined)} />
        </Popover>
      )}
    </div>
  );
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface MoreProps {
  readonly message: ChatMessage;
  readonly mine: boolean;
  readonly admin: boolean;
  readonly close: () => void;
}

function More({ message, mine, admin, close }: MoreProps) {
  const { chat, attempt, compose } = useTalk();
  const { n, name, text, deleted } = message;
  // What cannot be taken back is asked twice.
  const [sure, setSure] = useState<"delete" | "ban">();
  const run = (answer: Promise<void>, what: string) => {
    close();
    attempt(answer, what);
  };
  const ban = (
    <>
      Ban <bdi>{name}</bdi>
    </>
  );
  if (sure !== undefined) {
    const erase = sure === "delete";
    return (
      <>
        <p>
          {erase ? (
            "The text is erased for everybody, and cannot be brought back."
          ) : (
            <>
              <bdi>{name}</bdi> is put out, and cannot come back until you lift the ban.
            </>
          )}
        </p>
        <button
          type="button"
          className="danger"
          onClick={() => run(erase ? chat.delete(n) : chat.ban(n), erase ? "The deletion" : "The ban")}
        >
          {erase ? "Delete the message" : ban}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </>
    );
  }
  return (
    <>
      {deleted === undefined && (
        <>
          <button
            type="button"
            onClick={() => {
              close();
              attempt(copyText(text), "The copy");
            }}
          >
            Copy text
          </button>
          {admin && !mine && (
            <button
              type="button"
              onClick={() => {
                close();
                compose.begin("edit", message);
              }}
            >
              Edit as moderator
            </button>
          )}
          {(mine || admin) && (
            <button type="button" className="danger" onClick={() => setSure("delete")}>
              {mine ? "Delete" : "Remove message"}
            </button>
          )}
        </>
      )}
      {admin && !mine && (
        <>
          {deleted === undefined && <hr />}
          <button type="button" onClick={() => run(chat.mute(n, 10 * MINUTE), "The mute")}>
            Mute <bdi>{name}</bdi> for 10 minutes
          </button>
          <button type="button" onClick={() => run(chat.mute(n, DAY), "The mute")}>
            Mute <bdi>{name}</bdi> for a day
          </button>
          <button type="button" className="danger" onClick={() => setSure("ban")}>
            {ban}
          </button>
        </>
      )}
    </>
  );
}
