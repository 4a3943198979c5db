import { type Json, type JsonObject, isObject } from "../lib/json.ts";
import { PlusIcon, WindowsIcon } from "../ui/icons.tsx";
import { EXAMPLES } from "./examples.ts";
import type { DocumentSession } from "./session.ts";

export function isEmptyDocument(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0);
}

interface Props {
  readonly session: DocumentSession;
  readonly begin: () => void;
  /** Somebody emptied it while this page was open. */
  readonly emptied: boolean;
}

/** What a blank document offers: a field of one's own, or something to play with. */
export function EmptyDocument({ session, begin, emptied }: Props) {
  // A merge rather than a set: somebody else may begin in the same moment.
  const start = (value: JsonObject) =>
    session.commit((now) => [now === null ? { type: "set", value } : { type: "merge", value }]);
  return (
    <section className="empty" aria-labelledby="empty-title">
      <h2 id="empty-title">{emptied ? "This document was deleted" : "A blank document"}</h2>
      <p>
        {emptied
          ? "Somebody deleted everything in it, its history included, while you had it open. Versions that were saved are still there, under History. What you write now begins it anew."
          : "It is live already: whoever has the link sees what you write as you write it."}
      </p>
      <button type="button" className="button primary" onClick={begin}>
        <PlusIcon size={16} />
        Add the first field
      </button>
      <h3>Or start from an example</h3>
      <ul className="examples">
        {EXAMPLES.map((example) => (
          <li key={example.name}>
            <button type="button" onClick={() => void start(example.value)}>
              <strong>{example.name}</strong>
              <span>{example.about}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="hint">
        <WindowsIcon />
        Open this page in a second window, side by side, to see two people meet.
      </p>
    </section>
  );
}
