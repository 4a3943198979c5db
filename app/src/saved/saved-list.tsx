import { useCallback } from "react";
import { useMay, useNow } from "../room/use-live.ts";
import { useLoaded } from "../ui/use-loaded.ts";
import type { SavedOptions } from "./options.ts";
import { SaveForm } from "./save-form.tsx";
import { SavedRow } from "./saved-row.tsx";

interface Props extends SavedOptions {
  /** A new one means a new list. */
  readonly epoch?: string | undefined;
}

/** Saves, shows, restores and deletes named versions of a room. */
export function SavedList({ epoch, ...options }: Props) {
  const { api, room, words } = options;
  const mayWrite = useMay(room, "write");
  const [versions, reload] = useLoaded(
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new epoch means a new list
    useCallback(() => api.list(), [api, epoch]),
  );
  const now = useNow(30_000);

  return (
    <>
      {mayWrite && <SaveForm api={api} words={words} saved={reload} />}
      {versions.phase === "loading" && <p className="panel-note">Loading…</p>}
      {versions.phase === "failed" && (
        <p className="panel-note">
          {versions.message}{" "}
          <button type="button" className="button" onClick={reload}>
            Try again
          </button>
        </p>
      )}
      {versions.phase === "loaded" && versions.value.length === 0 && <p className="panel-note">{words.empty}</p>}
      {versions.phase === "loaded" && versions.value.length > 0 && (
        <ul className="versions">
          {versions.value.map((version) => (
            <SavedRow key={version.name} version={version} now={now} changed={reload} {...options} />
          ))}
        </ul>
      )}
    </>
  );
}
