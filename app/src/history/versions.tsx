import { type FormEvent, useCallback, useId, useState } from "react";
import type { DocumentSession } from "../document/session.ts";
import { useVersion } from "../document/use-session.ts";
import { useMay, useNow } from "../room/use-live.ts";
import { ago, bytes } from "../lib/format.ts";
import { useToast } from "../ui/toasts.tsx";
import { EyeIcon, RestoreIcon, TrashIcon } from "../ui/icons.tsx";
import { type HistoryApi, type VersionInfo, messageFor } from "./api.ts";
import { Preview } from "./preview.tsx";
import { useLoaded } from "./use-loaded.ts";

interface Props {
  readonly session: DocumentSession;
  readonly api: HistoryApi;
}

/** Saves, shows, restores and deletes named versions. */
export function Versions({ session, api }: Props) {
  const mayWrite = useMay(session.handle, "write");
  // A restore by anybody adds a version and changes the epoch.
  const epoch = useVersion(session)?.split(".")[0];
  const [versions, reload] = useLoaded(
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new epoch means a new list
    useCallback(() => api.list(), [api, epoch]),
  );
  const now = useNow(30_000);

  return (
    <>
      {mayWrite && <SaveForm api={api} saved={reload} />}
      {versions.phase === "loading" && <p className="panel-note">Loading…</p>}
      {versions.phase === "failed" && (
        <p className="panel-note">
          {versions.message}{" "}
          <button type="button" className="button" onClick={reload}>
            Try again
          </button>
        </p>
      )}
      {versions.phase === "loaded" &&
        (versions.value.length === 0 ? (
          <p className="panel-note">
            No version saved yet. A version keeps the document as it is now under a name, and can be brought back at any
            time.
          </p>
        ) : (
          <ul className="versions">
            {versions.value.map((version) => (
              <Version key={version.name} version={version} session={session} api={api} now={now} changed={reload} />
            ))}
          </ul>
        ))}
    </>
  );
}

function SaveForm({ api, saved }: { readonly api: HistoryApi; readonly saved: () => void }) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const id = useId();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await api.save(name.trim());
      setName("");
      saved();
    } catch (caught) {
      setError(messageFor(caught));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="save-version" onSubmit={(event) => void submit(event)}>
      <label htmlFor={id}>Save the document as it is now</label>
      <div>
        <input
          id={id}
          className="input"
          placeholder="name, such as first draft"
          maxLength={64}
          value={name}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button primary" disabled={busy || name.trim() === ""}>
          Save
        </button>
      </div>
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </form>
  );
}

interface VersionProps extends Props {
  readonly version: VersionInfo;
  readonly now: number;
  readonly changed: () => void;
}

type Asking = "nothing" | "preview" | "restore" | "delete";

function Version({ version, session, api, now, changed }: VersionProps) {
  const [asking, setAsking] = useState<Asking>("nothing");
  const [busy, setBusy] = useState(false);
  const toast = useToast();
  const mayWrite = useMay(session.handle, "write");
  const mayDelete = useMay(session.handle, "admin");
  const { name, savedAt } = version;
  const toggle = (what: Asking) => setAsking(asking === what ? "nothing" : what);

  const run = async (work: () => Promise<void>, done: string) => {
    setBusy(true);
    try {
      await work();
      setAsking("nothing");
      toast({ text: done });
      changed();
    } catch (error) {
      toast({ tone: "bad", text: messageFor(error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <li className={asking === "nothing" ? "version" : "version open"}>
      <div className="version-line">
        <div className="version-name">
          <strong>{name}</strong>
          <span>
            <time dateTime={new Date(savedAt).toISOString()} title={new Date(savedAt).toLocaleString()}>
              {ago(savedAt, now)}
            </time>{" "}
            · {bytes(version.bytes)}
          </span>
        </div>
        <button
          type="button"
          className="row-action"
          aria-expanded={asking === "preview"}
          aria-label={`Compare ${name} with now`}
          title="Compare with now"
          onClick={() => toggle("preview")}
        >
          <EyeIcon />
        </button>
        {mayWrite && (
          <button
            type="button"
            className="row-action"
            aria-expanded={asking === "restore"}
            aria-label={`Restore ${name}`}
            title="Restore"
            onClick={() => toggle("restore")}
          >
            <RestoreIcon />
          </button>
        )}
        {mayDelete && (
          <button
            type="button"
            className="row-action"
            aria-expanded={asking === "delete"}
            aria-label={`Delete ${name}`}
            title="Delete"
            onClick={() => toggle("delete")}
          >
            <TrashIcon />
          </button>
        )}
      </div>
      {(asking === "preview" || asking === "restore") && <Preview name={name} session={session} api={api} />}
      {asking === "restore" && (
        <div className="confirm" role="group" aria-label={`Restore ${name}?`}>
          <p>Everybody here will see “{name}” at once. The document as it is now is kept as “before-restore”.</p>
          <button
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => void run(() => api.restore(name), `Restored “${name}”.`)}
          >
            Restore
          </button>
          <button type="button" className="button quiet" onClick={() => setAsking("nothing")}>
            Cancel
          </button>
        </div>
      )}
      {asking === "delete" && (
        <div className="confirm" role="group" aria-label={`Delete ${name}?`}>
          <p>The saved version goes for good. The document itself stays as it is.</p>
          <button
            type="button"
            className="button danger"
            disabled={busy}
            onClick={() => void run(() => api.remove(name), `Deleted “${name}”.`)}
          >
            Delete
          </button>
          <button type="button" className="button quiet" onClick={() => setAsking("nothing")}>
            Cancel
          </button>
        </div>
      )}
    </li>
  );
}
