import { type FormEvent, useId, useMemo, useRef, useState } from "react";
import { plural } from "../lib/format.ts";
import { toDocumentId } from "../lib/names.ts";
import { useMay } from "../room/use-live.ts";
import { navigate, pathTo } from "../route.ts";
import type { SavedWords } from "../saved/options.ts";
import { SavedList } from "../saved/saved-list.tsx";
import { Fault } from "../ui/fault.tsx";
import { useToast } from "../ui/toasts.tsx";
import { useWork } from "../ui/use-work.ts";
import { MapApi } from "./api.ts";
import { CopyIcon, DownloadIcon, UploadIcon } from "./icons.tsx";
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
      <Files api={api} session={session} />
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
