import { useId, useState } from "react";
import type { Feature } from "roomcast";
import type { Json, JsonObject } from "../../../src/protocol/json.ts";
import { put } from "../../../src/kinds/json/object.ts";
import { isComposing } from "../lib/composing.ts";
import { CloseIcon, PlusIcon } from "../ui/icons.tsx";
import { metadataText, metadataValue } from "./metadata.ts";
import { TextField } from "./text-field.tsx";
import { useSession } from "./use-map.ts";

/** With more entries than these the section is closed at first. */
const SHOWN_AT_FIRST = 6;

interface Props {
  readonly id: string;
  readonly feature: Feature;
}

/** The metadata of a feature: what an application or a file says of it, entry by entry. */
export function MetadataSection({ id, feature }: Props) {
  const session = useSession();
  const entries = Object.entries(feature.metadata ?? {});
  const [open, setOpen] = useState(entries.length > 0 && entries.length <= SHOWN_AT_FIRST);
  const readOnly = !session.mayWrite;
  if (readOnly && entries.length === 0) return null;

  // From the newest state: others may have changed other entries while this one was typed.
  const save = (key: string, value: Json | undefined): Promise<boolean> => {
    const metadata: Record<string, Json> = {};
    let found = false;
    for (const [each, old] of Object.entries(session.handle.feature(id)?.metadata ?? {})) {
      found ||= each === key;
      const next = each === key ? value : old;
      if (next !== undefined) put(metadata, each, next);
    }
    if (!found && value !== undefined) put(metadata, key, value);
    return session.edit(id, { metadata: Object.keys(metadata).length === 0 ? null : metadata });
  };
  return (
    <details className="metadata" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Details
        {entries.length > 0 && <span className="count"> {entries.length}</span>}
      </summary>
      {entries.map(([key, value]) => (
        <Entry key={key} name={key} value={value} readOnly={readOnly} save={(next) => save(key, next)} />
      ))}
      {!readOnly && <AddEntry taken={feature.metadata ?? {}} add={(key, value) => save(key, value)} />}
    </details>
  );
}

interface EntryProps {
  readonly name: string;
  readonly value: Json;
  readonly readOnly: boolean;
  readonly save: (value: Json | undefined) => Promise<boolean>;
}

function Entry({ name, value, readOnly, save }: EntryProps) {
  const text = metadataText(value);
  // On the way from 1 to 1.5 a number is no number for a moment: it does not become text for that.
  const [original] = useState(value);
  const read = (typed: string) => metadataValue(typed.trim(), original);
  const link = typeof value === "string" && /^https?:\/\/\S+$/i.test(value) ? value : undefined;
  return (
    <div className="metadata-entry">
      <TextField
        label={name}
        value={text}
        most={4000}
        long={metadataText(original).length > 40}
        readOnly={readOnly}
        placeholder=""
        canonical={(typed) => metadataText(read(typed))}
        save={(typed) => save(read(typed))}
      />
      {!readOnly && (
        <button
          type="button"
          className="button quiet icon"
          aria-label={`Remove ${name}`}
          title={`Remove ${name}`}
          onClick={() => void save(undefined)}
        >
          <CloseIcon size={14} />
        </button>
      )}
      {link !== undefined && (
        <a className="metadata-link" href={link} target="_blank" rel="noopener noreferrer nofollow">
          Open the link
        </a>
      )}
    </div>
  );
}

interface AddProps {
  readonly taken: JsonObject;
  readonly add: (key: string, value: Json) => Promise<boolean>;
}

function AddEntry({ taken, add }: AddProps) {
  const id = useId();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const key = name.trim();
  const isTaken = Object.hasOwn(taken, key);
  const submit = async () => {
    if (key === "" || isTaken) return;
    if (!(await add(key, metadataValue(text, undefined)))) return;
    setName("");
    setText("");
    document.getElementById(`${id}-name`)?.focus();
  };
  return (
    <form
      className="metadata-add"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => isComposing(event) && event.key === "Enter" && event.preventDefault()}
    >
      <input
        id={`${id}-name`}
        className="input"
        aria-label="Name of a new detail"
        placeholder="Name"
        autoComplete="off"
        maxLength={60}
        value={name}
        aria-invalid={isTaken}
        aria-describedby={isTaken ? `${id}-taken` : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <input
        className="input"
        aria-label="Its value"
        placeholder="Value"
        autoComplete="off"
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button icon" disabled={key === "" || isTaken} aria-label="Add the detail">
        <PlusIcon size={16} />
      </button>
      {isTaken && (
        <p className="field-error" id={`${id}-taken`}>
          There is a detail of this name already.
        </p>
      )}
    </form>
  );
}
