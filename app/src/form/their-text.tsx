import type { MouseEvent } from "react";
import { brief } from "../lib/format.ts";
import type { DraftField } from "./use-draft.ts";

/** What somebody else wrote into a field that this person types in, and the choice between the two. */
export function TheirText({ field }: { readonly field: DraftField }) {
  const { seen } = field.draft;
  return (
    <>
      Somebody else{" "}
      {seen === "" ? (
        "emptied it"
      ) : (
        <>
          wrote <q className="mono">{brief(seen, 40)}</q>
        </>
      )}{" "}
      <button type="button" onMouseDown={keepFocus} onClick={field.yieldToTheirs}>
        Take theirs
      </button>
      <button type="button" onMouseDown={keepFocus} onClick={field.insist}>
        Keep mine
      </button>
    </>
  );
}

function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
