import { CHAT_LIMITS, type ChatMessage } from "roomcast";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { isComposing } from "../lib/composing.ts";
import { CloseIcon, PencilIcon, ReplyIcon, SendIcon, SmileIcon } from "../ui/icons.tsx";
import { Popover } from "../ui/popover.tsx";
import { useToast } from "../ui/toasts.tsx";
import { type Draft, cut } from "./compose.ts";
import { EmojiPicker } from "./emoji-picker.tsx";
import { useTalk } from "./talk.ts";

/** The rest is counted from so many characters on. */
const COUNTED = 200;
/** Typing may go over the limit by this much, and the page says by how much; what is put in at once is cut to the limit. */
const MAX_OVER = 500;

interface Props {
  readonly title: string;
  readonly messages: readonly ChatMessage[] | undefined;
  /** Why nothing can be written now. */
  readonly barred: string | undefined;
  /** Up in an empty field: edit what one said last. */
  readonly editLast: () => void;
  readonly sent: () => void;
}

/** Where one writes. Enter sends, with Shift it begins a line. */
export function Composer({ title, messages, barred, editLast, sent }: Props) {
  const { chat, compose, attempt } = useTalk();
  const { attach } = compose;
  const { text, draft } = useSyncExternalStore(compose.subscribe, compose.state);
  const id = useId();
  const toast = useToast();
  useEffect(() => {
    const ended = draft && messages && compose.follow(messages, chat.me);
    if (ended === undefined) return;
    const detail = compose.state().text === "" ? {} : { detail: "What you have written is still here." };
    toast({ text: `The message that you were ${ended === "edit" ? "editing" : "answering"} was deleted.`, ...detail });
  }, [chat, compose, messages, draft, toast]);
  const about = messages?.find(({ n }) => n === draft?.n);
  const left = CHAT_LIMITS.message - text.length;

  const submit = () => {
    const said = text.trim();
    if (said === "" || left < 0 || barred !== undefined) return;
    if (draft?.type === "edit") {
      const edited = chat.edit(draft.n, said);
      edited.catch(() => compose.restore({ text, draft }));
      attempt(edited, "The edit");
    } else {
      // Refused, it stays in the list and says why.
      void chat.send(said, draft === undefined ? {} : { reply: draft.n }).catch(() => undefined);
      sent();
    }
    compose.clear();
  };

  const shortened = () =>
    toast({ text: `The text was cut to ${CHAT_LIMITS.message.toLocaleString("en")} characters.` });
  const insert = (piece: string) => {
    if (!compose.insert(piece, CHAT_LIMITS.message)) shortened();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text/plain");
    // Short ones are the browser's own to take, with its undo.
    if (pasted.length <= CHAT_LIMITS.message - text.length) return;
    event.preventDefault();
    insert(pasted);
  };
  const onType = (value: string) => {
    const fits = value.length <= CHAT_LIMITS.message + MAX_OVER;
    compose.write(fits ? value : cut(value, CHAT_LIMITS.message));
    if (!fits) shortened();
    if (value !== "" && draft?.type !== "edit") chat.typing();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && text === "" && draft === undefined) {
      event.preventDefault();
      editLast();
    } else if (event.key === "Escape" && draft !== undefined) {
      event.preventDefault();
      compose.cancel();
    }
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        compose.focus();
      }}
    >
      {draft !== undefined && <DraftLine draft={draft} text={about?.text ?? ""} cancel={() => compose.cancel()} />}
      <div className="composer-field">
        <label className="visually-hidden" htmlFor={id}>
          Message to {title}
        </label>
        <div className="grow" data-text={`${text} `}>
          <textarea
            id={id}
            ref={attach}
            rows={1}
            value={text}
            dir="auto"
            placeholder={barred ?? `Message ${title}`}
            disabled={barred !== undefined}
            aria-invalid={left < 0}
            aria-describedby={left < COUNTED ? `${id}-left` : undefined}
            enterKeyHint="send"
            autoComplete="off"
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onDrop={(event) => {
              const dropped = event.dataTransfer.getData("text/plain");
              if (dropped.length <= CHAT_LIMITS.message - text.length) return;
              event.preventDefault();
              insert(dropped);
            }}
            onChange={(event) => onType(event.target.value)}
          />
        </div>
        {left < COUNTED && (
          <span id={`${id}-left`} className={left < 0 ? "composer-left over" : "composer-left"}>
            {left < 0 ? `${-left} too many` : left}
          </span>
        )}
        <EmojiButton disabled={barred !== undefined} insert={insert} />
        <button
          type="submit"
          className="button primary icon"
          aria-label={draft?.type === "edit" ? "Save the edit" : "Send"}
          disabled={text.trim() === "" || left < 0 || barred !== undefined}
        >
          <SendIcon />
        </button>
      </div>
    </form>
  );
}

interface EmojiButtonProps {
  readonly disabled: boolean;
  readonly insert: (emoji: string) => void;
}

function EmojiButton({ disabled, insert }: EmojiButtonProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  return (
    <>
      <button
        ref={button}
        type="button"
        className="button quiet icon"
        aria-label="Emoji"
        title="Emoji"
        aria-expanded={open}
        aria-controls={id}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      >
        <SmileIcon />
      </button>
      {open && (
        <Popover id={id} anchor={button} label="Emoji" className="emoji-box" close={() => setOpen(false)}>
          <EmojiPicker
            choose={(emoji) => {
              setOpen(false);
              insert(emoji);
            }}
          />
        </Popover>
      )}
    </>
  );
}

interface DraftLineProps {
  readonly draft: Draft;
  /** Of the message that it is about. */
  readonly text: string;
  readonly cancel: () => void;
}

function DraftLine({ draft: { type, name }, text, cancel }: DraftLineProps) {
  const edits = type === "edit";
  return (
    <div className="composer-draft">
      {edits ? <PencilIcon size={16} /> : <ReplyIcon size={16} />}
      <p>
        <strong>
          {edits ? (
            "Editing"
          ) : (
            <>
              Reply to <bdi>{name}</bdi>
            </>
          )}
        </strong>{" "}
        <span dir="auto">{text}</span>
      </p>
      <button
        type="button"
        className="button quiet icon"
        aria-label={edits ? "Stop editing" : "Do not reply"}
        onClick={cancel}
      >
        <CloseIcon size={16} />
      </button>
    </div>
  );
}
