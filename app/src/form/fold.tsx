import { useState } from "react";
import { useNamesWithin, useReveal, useSession } from "../document/use-session.ts";
import { plural } from "../lib/format.ts";
import { type Json, type JsonObject, countFields, isArray } from "../lib/json.ts";
import { type Pointer, within } from "../lib/pointer.ts";
import { ChevronIcon } from "../ui/icons.tsx";

/** Larger groups start folded. */
const MOST_OPEN = 150;

/** Groups that somebody folded or unfolded, for as long as the page is open: views come and go. */
const chosen = new Map<string, boolean>();

/** Whether a group is open, and the way to change that. It opens by itself when something in it is to be shown. */
export function useFold(path: Pointer, value: Json, depth: number): readonly [boolean, (open: boolean) => void] {
  const place = useSession().handle.id + path;
  const reveal = useReveal();
  const [open, setOpen] = useState(
    () => chosen.get(place) ?? (depth < 3 && countFields(value, MOST_OPEN + 1) <= MOST_OPEN),
  );
  if (!open && reveal !== undefined && reveal.path !== path && within(reveal.path, path)) setOpen(true);
  const choose = (next: boolean) => {
    chosen.set(place, next);
    setOpen(next);
  };
  return [open, choose];
}

interface Props {
  readonly path: Pointer;
  readonly value: readonly Json[] | JsonObject;
  readonly name: string;
  readonly open: boolean;
  readonly toggle: () => void;
}

/** Says how much a group holds, and who is in it while it is folded; folds and unfolds it. */
export function FoldButton({ path, value, name, open, toggle }: Props) {
  const hidden = useNamesWithin(path, !open);
  const words = isArray(value) ? plural(value.length, "item") : plural(Object.keys(value).length, "field");
  return (
    <button
      type="button"
      className="fold"
      aria-expanded={open}
      aria-label={`${name}, ${words}${hidden === "" ? "" : `, ${hidden} in here`}`}
      data-nav="value"
      onClick={toggle}
    >
      <ChevronIcon size={16} />
      {words}
      {hidden !== "" && <span className="inside">{hidden} in here</span>}
    </button>
  );
}
