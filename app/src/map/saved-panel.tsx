import { type FormEvent, useId, useMemo, useState } from "react";
import { toDocumentId } from "../lib/names.ts";
import { navigate, pathTo } from "../route.ts";
import type { SavedWords } from "../saved/options.ts";
import { SavedList } from "../saved/saved-list.tsx";
import { Fault } from "../ui/fault.tsx";
import { useWork } from "../ui/use-work.ts";
import { MapApi } from "./api.ts";
import { FilesSection } from "./files-section.tsx";
import { CopyIcon } from "./icons.tsx";
import type { MapSession } from "./session.ts";
import { useSession } from "./use-map.ts";

const WORDS: SavedWords = {
  room: "map",
  saved: "session",
  example: "day one",
  empty: "No session saved yet. A session keeps the map as it is now under a name.",
};

/** Saved sessions, copies and files of the map. */
export function SavedPanel() {
  const session = useSession();
  const api = useMemo(() => new MapApi(session.handle.id), [session]);
  return (
    <>
      <SavedList api={api} room={session.handle} words={WORDS} />
      <Duplicate api={api} session={session} />
      <FilesSection api={api} session={session} />
    </>
  );
}

function Duplicate({ api, session }: { readonly api: MapApi; readonly session: MapSession }) {
  const [name, setName] = useState("");
  const { busy, error, run } = useWork();
  const id = useId();
  const to = toDocumentId(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (to === undefined) return;
    void run(async () => {
      await api.duplicate(to);
      navigate(pathTo("map", to));
    });
  };
  return (
    <form className="save-version panel-part" onSubmit={submit}>
      <label htmlFor={id}>Duplicate it to a new map</label>
      <div>
        <input
          id={id}
          className="input"
          placeholder={`such as ${session.handle.id.slice(0, 20)}-2`}
          maxLength={64}
          value={name}
          autoCapitalize="off"
          spellCheck={false}
          aria-invalid={error !== undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button" disabled={busy || to === undefined}>
          <CopyIcon size={16} />
          Duplicate
        </button>
      </div>
      <Fault text={error} />
    </form>
  );
}
