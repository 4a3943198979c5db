import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useSession } from "../document/use-session.ts";
import { isComposing } from "../lib/composing.ts";
import { JSON_TYPES, type Json, type JsonObject, type JsonType, blank, isArray, typeOf } from "../lib/json.ts";
import { type Pointer, child } from "../lib/pointer.ts";
import { PlusIcon } from "../ui/icons.tsx";
import { addField } from "./intents.ts";

export type Container = readonly Json[] | JsonObject;

export interface Adder {
  /** A name for the new field is being asked for. */
  readonly asking: boolean;
  /** Adds an element to a list at once; to a group, asks for a name first. */
  readonly start: () => void;
  readonly add: (key: string | number, type: JsonType) => void;
  /** `focus`: give the button the focus again. */
  readonly cancel: (focus: boolean) => void;
  readonly refocus: boolean;
}

/** The way to a new field in a group, or a new element at the end of a list. */
export function useAdder(path: Pointer, value: Json, begin = false): Adder {
  const session = useSession();
  const [asking, setAsking] = useState(begin);
  const [refocus, setRefocus] = useState(false);

  const add = (key: string | number, type: JsonType) => {
    const place = child(path, key);
    setAsking(false);
    setRefocus(false);
    void session.commit((root) => addField(root, place, blank(type)));
    session.reveal(place, true);
  };
  const ask = () => {
    setAsking(true);
    setRefocus(false);
  };
  return {
    asking,
    start: () => (isArray(value) ? add(value.length, likeLast(value)) : ask()),
    add,
    cancel: (focus) => {
      setAsking(false);
      setRefocus(focus);
    },
    refocus,
  };
}

/** A new element is of the type of the last one. */
function likeLast(items: readonly Json[]): JsonType {
  const last = items.at(-1);
  return last === undefined || last === null ? "string" : typeOf(last);
}

interface ButtonProps {
  readonly adder: Adder;
  readonly list: boolean;
  /** The group's name; absent for the document itself, whose button says in words what it does. */
  readonly name?: string;
}

export function AddButton({ adder, list, name }: ButtonProps) {
  const words = list ? "Add item" : "Add field";
  const button = useRef<HTMLButtonElement>(null);
  const { refocus } = adder;
  useEffect(() => {
    if (refocus) button.current?.focus();
  }, [refocus]);
  return (
    <button
      type="button"
      ref={button}
      className={name === undefined ? "add-field" : "row-action add"}
      aria-label={name === undefined ? undefined : `${words} to ${name}`}
      title={name === undefined ? undefined : words}
      onClick={adder.start}
    >
      <PlusIcon size={16} />
      {name === undefined && words}
    </button>
  );
}

interface NewFieldProps {
  readonly adder: Adder;
  readonly value: JsonObject;
}

/** Asks for the name and the type of a new field. */
export function NewField({ adder, value }: NewFieldProps) {
  const [key, setKey] = useState("");
  const [type, setType] = useState<JsonType>("string");
  const id = useId();
  const taken = Object.hasOwn(value, key);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key !== "" && !taken) adder.add(key, type);
  };

  return (
    <form
      className="new-field"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || isComposing(event)) return;
        event.stopPropagation();
        adder.cancel(true);
      }}
      onBlur={(event) => {
        const inside = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
        if (!inside && key === "") adder.cancel(false);
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
      <button type="button" className="button quiet" onClick={() => adder.cancel(true)}>
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
