import { type CSSProperties, type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useSession } from "../document/use-session.ts";
import { JSON_TYPES, type Json, type JsonObject, type JsonType, blank, isArray, typeOf } from "../lib/json.ts";
import { type Pointer, child } from "../lib/pointer.ts";
import { PlusIcon } from "../ui/icons.tsx";
import { addField } from "./intents.ts";

interface Props {
  readonly path: Pointer;
  readonly value: readonly Json[] | JsonObject;
  readonly name: string;
  readonly depth: number;
  /** Opens at once: the document was blank and somebody has asked for its first field. */
  readonly begin: boolean;
}

/** The way to a new field at the end of a group, or a new element at the end of a list. */
export function AddField({ path, value, name, depth, begin }: Props) {
  const session = useSession();
  const [open, setOpen] = useState(begin);
  const list = isArray(value);
  const button = useRef<HTMLButtonElement>(null);
  const back = useRef(false);

  useEffect(() => {
    if (open || !back.current) return;
    back.current = false;
    button.current?.focus();
  }, [open]);

  const add = (key: string | number, type: JsonType) => {
    const place = child(path, key);
    void session.commit((root) => addField(root, place, blank(type)));
    session.reveal(place, true);
  };
  const close = (focus: boolean) => {
    back.current = focus;
    setOpen(false);
  };

  return (
    <li className="field-add" style={{ "--depth": depth } as CSSProperties}>
      {open && !list ? (
        <NewField
          value={value as JsonObject}
          add={(key, type) => {
            setOpen(false);
            add(key, type);
          }}
          close={close}
        />
      ) : (
        <button
          type="button"
          ref={button}
          className="add-field"
          aria-label={path === "" ? undefined : `Add ${list ? "an item" : "a field"} to ${name}`}
          onClick={() => (list ? add(value.length, likeLast(value)) : setOpen(true))}
        >
          <PlusIcon size={16} />
          {list ? "Add item" : "Add field"}
        </button>
      )}
    </li>
  );
}

/** A new element is of the kind of those before it. */
function likeLast(items: readonly Json[]): JsonType {
  const last = items.at(-1);
  return last === undefined || last === null ? "string" : typeOf(last);
}

interface NewFieldProps {
  readonly value: JsonObject;
  readonly add: (key: string, type: JsonType) => void;
  readonly close: (focus: boolean) => void;
}

function NewField({ value, add, close }: NewFieldProps) {
  const [key, setKey] = useState("");
  const [type, setType] = useState<JsonType>("string");
  const id = useId();
  const taken = Object.hasOwn(value, key);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key !== "" && !taken) add(key, type);
  };

  return (
    <form
      className="new-field"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close(true);
      }}
      onBlur={(event) => {
        const inside = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
        if (!inside && key === "") close(false);
      }}
    >
      <input
        className="input mono"
        placeholder="name"
        aria-label="Name of the new field"
        aria-invalid={taken}
        aria-describedby={taken ? id : undefined}
        value={key}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked for this field
        autoFocus
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => setKey(event.target.value)}
      />
      <select
        className="input"
        aria-label="Type of the new field"
        value={type}
        onChange={(event) => setType(event.target.value as JsonType)}
      >
        {JSON_TYPES.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      <button type="submit" className="button primary" disabled={key === "" || taken}>
        Add
      </button>
      <button type="button" className="button quiet" onClick={() => close(true)}>
        Cancel
      </button>
      {taken && (
        <span className="field-error" id={id} role="alert">
          That name is taken.
        </span>
      )}
    </form>
  );
}
