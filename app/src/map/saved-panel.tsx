import { type FormEvent, useCallback, useId, useMemo, useRef, useState } from "react";
import { useLoaded } from "../history/use-loaded.ts";
import { ago, bytes, plural } from "../lib/format.ts";
import { toDocumentId } from "../lib/names.ts";
import { useMay, useNow } from "../room/use-live.ts";
import { navigate, pathTo } from "../route.ts";
import { RestoreIcon, TrashIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import { MapApi, type VersionInfo, messageFor } from "./api.ts";
import { CopyIcon, DownloadIcon, UploadIcon } from "./icons.tsx";
import type { MapSession } from "./session.ts";
import { useSession } from "./use-map.ts";

/** Saved sessions, copies and files of the map. */
export function SavedPanel() {
  const session = useSession();
  const api = useMemo(() => new MapApi(session.handle.id), [session]);
  const [sessions, reload] = useLoaded(useCallback(() => api.sessions(), [api]));
  const mayWrite = useMay(session.handle, "write");
  const now = useNow(30_000);
  return (
    <>
      {mayWrite && <SaveForm api={api} saved={reload} />}
      {sessions.phase === "loading" && <p className="panel-note">Loading…</p>}
      {sessions.phase === "failed" && (
        <p className="panel-note">
          {sessions.message}{" "}
          <button type="button" className="button" onClick={reload}>
            Try again
          </button>
        </p>
      )}
      {sessions.phase === "loaded" && sessions.value.length === 0 && (
        <p className="panel-note">No session saved yet. A session keeps the map as it is now under a name.</p>
      )}
      {sessions.phase === "loaded" && sessions.value.length > 0 && (
        <ul className="versions">
          {sessions.value.map((saved) => (
            <Session key={saved.name} saved={saved} api={api} session={session} now={now} changed={reload} />
          ))}
        </ul>
      )}
      <Duplicate api={api} session={session} />
      <Files api={api} session={session} />
    </>
  );
}

function SaveForm({ api, saved }: { readonly api: MapApi; readonly saved: () => void }) {
  const [name, setName] = useState("");
  const { busy, error, run } = useWork();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.save(name.trim());
      setName("");
      saved();
    });
  };
  return (
    <form className="save-version" onSubmit={submit}>
      <label htmlFor={id}>Save the map as it is now</label>
      <div>
        <input
          id={id}
          className="input"
          placeholder="name, such as day one"
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
      <Fault id={`${id}-error`} text={error} />
    </form>
  );
}

interface SessionProps {
  readonly saved: VersionInfo;
  readonly api: MapApi;
  readonly session: MapSession;
  readonly now: number;
  readonly changed: () => void;
}

function Session({ saved: { name, savedAt, bytes: size }, api, session, now, changed }: SessionProps) {
  const [asking, setAsking] = useState<"nothing" | "restore" | "delete">("nothing");
  const { busy, error, run } = useWork();
  const toast = useToast();
  const mayWrite = useMay(session.handle, "write");
  const mayDelete = useMay(session.handle, "admin");
  const act = (work: () => Promise<void>, done: string) =>
    run(async () => {
      await work();
      setAsking("nothing");
      toast({ text: done });
      changed();
    });
  return (
    <li className={asking === "nothing" ? "version" : "version open"}>
      <div className="version-line">
        <div className="version-name">
          <strong>{name}</strong>
          <span>
            <time dateTime={new Date(savedAt).toISOString()}>{ago(savedAt, now)}</time> · {bytes(size)}
          </span>
        </div>
        {mayWrite && (
          <button
            type="button"
            className="row-action"
            aria-expanded={asking === "restore"}
            aria-label={`Restore ${name}`}
            title="Restore"
            onClick={() => setAsking(asking === "restore" ? "nothing" : "restore")}
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
            onClick={() => setAsking(asking === "delete" ? "nothing" : "delete")}
          >
            <TrashIcon />
          </button>
        )}
      </div>
      {asking !== "nothing" && (
        <div
          className="confirm"
          role="group"
          aria-label={asking === "restore" ? `Restore ${name}?` : `Delete ${name}?`}
        >
          <p>
            {asking === "restore"
              ? `Everybody here will see “${name}” at once. The map as it is now is kept as “before-restore”.`
              : "The saved session goes for good. The map itself stays as it is."}
          </p>
          {asking === "restore" ? (
            <button
              type="button"
              className="button primary"
              disabled={busy}
              onClick={() => void act(() => api.restore(name), `Restored “${name}”.`)}
            >
              Restore
            </button>
          ) : (
            <button
              type="button"
              className="button danger"
              disabled={busy}
              onClick={() => void act(() => api.remove(name), `Deleted “${name}”.`)}
            >
              Delete
            </button>
          )}
          <button type="button" className="button quiet" onClick={() => setAsking("nothing")}>
            Cancel
          </button>
          <Fault text={error} />
        </div>
      )}
    </li>
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

function Files({ api, session }: { readonly api: MapApi; readonly session: MapSession }) {
  const { busy, error, run } = useWork();
  const input = useRef<HTMLInputElement>(null);
  const toast = useToast();
  const mayWrite = useMay(session.handle, "write");
  const read = (file: File) =>
    run(async () => {
      const { features, skipped } = await api.read(file);
      await session.import(features);
      const left = skipped === 0 ? "" : ` ${plural(skipped, "thing")} in it cannot be shown here.`;
      toast({
        text: `${plural(features.length, "thing")} from ${file.name}.${left}`,
        action: { label: "Undo", run: () => session.undo() },
      });
    });
  return (
    <section className="panel-part" aria-label="Files">
      <h2>Files</h2>
      <div className="editor-actions">
        {mayWrite && (
          <button type="button" className="button" disabled={busy} onClick={() => input.current?.click()}>
            <UploadIcon size={16} />
            Import
          </button>
        )}
        <a className="button" href={`${api.base}/export.geojson`} download title="Save the map as a GeoJSON file">
          <DownloadIcon size={16} />
          <span className="visually-hidden">Export as </span>GeoJSON
        </a>
        <a className="button" href={`${api.base}/export.gpx`} download title="Save the pins and routes as a GPX file">
          <DownloadIcon size={16} />
          <span className="visually-hidden">Export as </span>GPX
        </a>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="A GeoJSON or GPX file"
        accept=".geojson,.json,.gpx,application/geo+json,application/gpx+xml"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void read(file);
        }}
      />
      <p className="hint">Import takes GeoJSON and GPX files. A GPX file has no areas.</p>
      <Fault text={error} />
    </section>
  );
}

function Fault({ id, text }: { readonly id?: string; readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p className="field-error" id={id} role="alert">
      {text}
    </p>
  );
}

function useWork() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (caught) {
      setError(messageFor(caught));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
