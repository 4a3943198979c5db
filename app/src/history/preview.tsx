import { useCallback, useMemo } from "react";
import type { DocumentSession } from "../document/session.ts";
import { useValue } from "../document/use-session.ts";
import { type Edit, diff } from "../lib/diff.ts";
import { brief } from "../lib/format.ts";
import type { Json } from "../lib/json.ts";
import { at, label } from "../lib/pointer.ts";
import { useLoaded } from "../ui/use-loaded.ts";
import type { HistoryApi } from "./api.ts";

/** Beyond this many, the differences are only counted. */
const SHOWN = 30;

interface Props {
  readonly name: string;
  readonly session: DocumentSession;
  readonly api: HistoryApi;
}

/** What a restore of a version would change in the document as it is now; follows it as it changes. */
export function Preview({ name, session, api }: Props) {
  const [saved] = useLoaded(useCallback(() => api.read(name), [api, name]));
  const value = useValue(session) ?? null;
  switch (saved.phase) {
    case "loading":
      return <p className="panel-note">Comparing…</p>;
    case "failed":
      return <p className="panel-note">{saved.message}</p>;
    case "loaded":
      return <Differences now={value} then={saved.value} />;
  }
}

function Differences({ now, then }: { readonly now: Json; readonly then: Json }) {
  const edits = useMemo(() => diff(now, then), [now, then]);
  if (edits.length === 0) return <p className="panel-note">The same as the document is now.</p>;
  return (
    <ul className="differences" aria-label="What a restore would change">
      {edits.slice(0, SHOWN).map((edit) => (
        <li key={`${edit.op}${edit.path}`}>
          <Difference edit={edit} now={now} then={then} />
        </li>
      ))}
      {edits.length > SHOWN && <li>and {edits.length - SHOWN} more</li>}
    </ul>
  );
}

function Difference({ edit, now, then }: { readonly edit: Edit; readonly now: Json; readonly then: Json }) {
  const place = <span className="difference-place">{label(edit.path, edit.op === "remove" ? now : then)}</span>;
  switch (edit.op) {
    case "add":
      return (
        <>
          {place} <span className="visually-hidden">comes back:</span>
          <ins>{brief(edit.value)}</ins>
        </>
      );
    case "remove": {
      const value = at(now, edit.path);
      return (
        <>
          {place} <span className="visually-hidden">goes:</span>
          <del>{value === undefined ? "removed" : brief(value)}</del>
        </>
      );
    }
    case "replace": {
      const value = at(now, edit.path);
      return (
        <>
          {place} {value !== undefined && <del>{brief(value, 28)}</del>}
          <span aria-hidden="true"> → </span>
          <span className="visually-hidden">becomes</span>
          <ins>{brief(edit.value, 28)}</ins>
        </>
      );
    }
  }
}
