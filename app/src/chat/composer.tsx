import { CHAT_LIMITS } from "roomcast";
import { type KeyboardEvent, useId, useSyncExternalStore } from "react";
import { CloseIcon, PencilIcon, ReplyIcon, SendIcon } from "../ui/icons.tsx";
import type { Draft } from "./compose.ts";
import { useTalk } from "./talk.ts";

/** The rest is counted from so many characters on. */
const COUNTED = 60;

interface Props {
  readonly title: string;
  /** Why nothing can be written now. */
  readonly barred: string | undefined;
  /** Up in an empty field: edit what one said last. */
  readonly editLast: () => void;
  readonly sent: () => void;
}

/** Where one writes. Enter sends, with Shift it begins a line. */
export function Composer({ title, barred, editLast, sent }: Props) {
  const { chat, compose, attempt } = useTalk();
  const { attach } = compose;
  const { text, draft } = useSyncExternalStore(compose.subscribe, compose.state);
  const id = useId();
  const left = CHAT_LIMITS.message - text.length;

  const submit = () => {
    const said = text.trim();
    if (said === "" || left < 0 || barred !== undefined) return;
    if (draft?.type === "edit") {
      const edited = chat.edit(draft.message.n, said);
      edited.catch(() => compose.restore({ text, draft }));
      attempt(edited, "The edit");
    } else {
      // Refused, it stays in the list and says why.
      void chat.send(said, draft === undefined ? {} : { reply: draft.message.n }).catch(() => undefined);
      sent();
    }
    compose.clear();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends the choice of a character, in scripts that are written so.
    if (event.nativeEvent.isComposing) return;
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
      {draft !== undefined && <DraftLine draft={draft} cancel={() => compose.cancel()} />}
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
            onChange={(event) => {
              compose.write(event.target.value);
              if (event.target.value !== "" && draft?.type !== "edit") chat.typing();
            }}
          />
        </div>
        {left < COUNTED && (
          <span id={`${id}-left`} className={left < 0 ? "composer-left over" : "composer-left"}>
            {left < 0 ? `${-left} too many` : left}
          </span>
        )}
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

function DraftLine({ draft, cancel }: { readonly draft: Draft; readonly cancel: () => void }) {
  const { name, text } = draft.message;
  const edits = draft.type === "edit";
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
