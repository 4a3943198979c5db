import { type CSSProperties, memo, useEffect, useRef, useState } from "react";
import { usePeopleAt, useReveal, useSession } from "../document/use-session.ts";
import { type Json, type JsonObject, isArray, isContainer, own } from "../lib/json.ts";
import { type Pointer, child, label, within, withAt } from "../lib/pointer.ts";
import { TrashIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import { AddButton, type Adder, type Container, NewField, useAdder } from "./add-field.tsx";
import { FoldButton, useFold } from "./fold.tsx";
import { putField, reinsert, removeField } from "./intents.ts";
import { KeyName } from "./key-name.tsx";
import { focusBefore } from "./keys.ts";
import type { Contested } from "./use-draft.ts";
import { useItemKeys } from "./use-item-keys.ts";
import { useMemberOrder } from "./use-member-order.ts";
import { TypeChoice, ValueOf } from "./value-of.tsx";

/** Of a long list, as many are drawn at a time. */
const CHUNK = 200;

interface FieldProps {
  readonly path: Pointer;
  readonly value: Json;
  /** Its key in a group; absent for an element of a list. */
  readonly keyName?: string;
  /** Its place in a list, from 0. */
  readonly index?: number;
  readonly depth: number;
  readonly readOnly: boolean;
}

/** One field and all that is in it. Drawn again only when its own part of the document changes. */
export const Field = memo(function Field({ path, value, keyName, index, depth, readOnly }: FieldProps) {
  const session = useSession();
  const toast = useToast();
  const people = usePeopleAt(path);
  const row = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useFold(path, value, depth);
  const adder = useAdder(path, value);
  useRevealed(path, row);

  const name = keyName ?? `#${(index ?? 0) + 1}`;
  const title = label(path, session.handle.value);
  const put = (next: Json) => session.commit((root) => putField(root, path, next));
  const common = { value, name: title, readOnly, put };
  // As it was when this field was last drawn: what is typed is a change of that.
  const root = session.handle.value ?? null;
  const edit = async (next: Json, base: Json): Promise<boolean | Contested> => {
    const outcome = await session.change(withAt(root, path, base), withAt(root, path, next));
    if (typeof outcome === "string") return outcome === "done";
    const theirs = outcome.contested;
    return { theirs: isContainer(theirs) ? JSON.stringify(theirs) : String(theirs) };
  };
  const lost = (next: string | number) =>
    toast({ tone: "bad", text: `What you typed in “${name}” is not in the document.`, detail: String(next) });
  const first = people[0];

  const remove = () => {
    focusBefore(row.current);
    void session.commit((root) => removeField(root, path));
    toast({
      text: `Removed “${name}”.`,
      action: { label: "Undo", run: () => void session.commit((root) => reinsert(root, path, value)) },
    });
  };

  return (
    <li className="field" style={{ "--depth": depth } as CSSProperties}>
      <div ref={row} className={first === undefined ? "row" : "row attended"} data-path={path} data-hue={first?.hue}>
        <KeyName path={path} name={name} fixed={keyName === undefined || path === "" || readOnly} />
        {isContainer(value) ? (
          <div className="value">
            <FoldButton path={path} value={value} name={title} open={open} toggle={() => setOpen(!open)} />
            {!readOnly && <AddButton adder={adder} list={isArray(value)} name={title} />}
          </div>
        ) : (
          <ValueOf {...common} edit={edit} lost={lost} />
        )}
        <TypeChoice {...common} />
        {!readOnly && (
          <button type="button" className="row-action" aria-label={`Remove ${title}`} onClick={remove}>
            <TrashIcon size={16} />
          </button>
        )}
        {first !== undefined && (
          <span className="attendants">
            {people.map((person) => (
              <span key={person.conn} data-hue={person.hue}>
                {person.name}
              </span>
            ))}
          </span>
        )}
      </div>
      {isContainer(value) && (open || adder.asking) && (
        <Fields path={path} value={value} name={title} depth={depth + 1} readOnly={readOnly} adder={adder} />
      )}
    </li>
  );
});

interface FieldsProps {
  readonly path: Pointer;
  readonly value: Container;
  readonly name: string;
  readonly depth: number;
  readonly readOnly: boolean;
  readonly adder: Adder;
}

/** The fields of a group or the elements of a list. */
export function Fields({ path, value, name, depth, readOnly, adder }: FieldsProps) {
  const [most, setMost] = useState(CHUNK);
  const reveal = useReveal();
  const count = isArray(value) ? value.length : Object.keys(value).length;
  const wanted = reveal !== undefined && reveal.path !== path && within(reveal.path, path);
  // What is to be shown may be among those not drawn yet.
  if (wanted && count > most) setMost(count);
  return (
    <ul className="fields" aria-label={name}>
      {isArray(value) ? (
        <Items path={path} value={value} most={most} depth={depth} readOnly={readOnly} />
      ) : (
        <Members path={path} value={value} most={most} depth={depth} readOnly={readOnly} />
      )}
      {count > most && (
        <li className="field-more">
          <button type="button" className="button quiet" onClick={() => setMost(most + CHUNK)}>
            Show {Math.min(CHUNK, count - most)} more of {count - most}
          </button>
        </li>
      )}
      {adder.asking && !isArray(value) && !readOnly && (
        <li>
          <NewField adder={adder} value={value} />
        </li>
      )}
    </ul>
  );
}

interface PartsProps<T> {
  readonly path: Pointer;
  readonly value: T;
  readonly most: number;
  readonly depth: number;
  readonly readOnly: boolean;
}

function Members({ path, value, most, depth, readOnly }: PartsProps<JsonObject>) {
  return useMemberOrder(value)
    .slice(0, most)
    .map(({ id, key }) => (
      <Field
        key={id}
        path={child(path, key)}
        value={own(value, key) ?? null}
        keyName={key}
        depth={depth}
        readOnly={readOnly}
      />
    ));
}

function Items({ path, value, most, depth, readOnly }: PartsProps<readonly Json[]>) {
  const keys = useItemKeys(value);
  return value
    .slice(0, most)
    .map((item, index) => (
      <Field key={keys[index]} path={child(path, index)} value={item} index={index} depth={depth} readOnly={readOnly} />
    ));
}

/** Brings the field into view when somebody asks for it. */
function useRevealed(path: Pointer, row: React.RefObject<HTMLDivElement | null>): void {
  const session = useSession();
  const reveal = useReveal();
  useEffect(() => {
    if (reveal?.path !== path || row.current === null) return;
    session.revealDone();
    row.current.scrollIntoView({ block: "center", behavior: "smooth" });
    const target = row.current.querySelector<HTMLElement>("[data-nav=value]") ?? row.current.querySelector("select");
    if (reveal.focus) target?.focus({ preventScroll: true });
  }, [reveal, path, row, session]);
}
