import { useRef, useState } from "react";
import { plural } from "../lib/format.ts";
import { useMay } from "../room/use-live.ts";
import { Fault } from "../ui/fault.tsx";
import { useToast } from "../ui/toasts.tsx";
import { useWork } from "../ui/use-work.ts";
import { type FileContent, fitsOne, type MapApi } from "./api.ts";
import { CloseIcon } from "../ui/icons.tsx";
import { DownloadIcon, UploadIcon } from "./icons.tsx";
import type { MapSession } from "./session.ts";

/** A file that was read and is too large for an import that could be undone. */
interface Large extends FileContent {
  readonly file: File;
}

/** What an import changed. */
interface Report extends Pick<FileContent, "changes" | "moreChanges"> {
  readonly name: string;
}

/** GeoJSON and GPX in and out. */
export function FilesSection({ api, session }: { readonly api: MapApi; readonly session: MapSession }) {
  const { busy, error, run } = useWork();
  const [large, setLarge] = useState<Large>();
  const [report, setReport] = useState<Report>();
  const input = useRef<HTMLInputElement>(null);
  const toast = useToast();
  const mayWrite = useMay(session.handle, "write");
  const read = (file: File) =>
    run(async () => {
      setLarge(undefined);
      setReport(undefined);
      const content = await api.read(file);
      const { features } = content;
      if (features.length === 0) toast({ text: said(file, content) });
      else if (fitsOne(features)) {
        await session.import(features);
        toast({ text: said(file, content), action: session.offerUndo() });
      } else {
        setLarge({ ...content, file });
        return;
      }
      setReport({ ...content, name: file.name });
    });
  const importLarge = ({ file, ...content }: Large) =>
    run(async () => {
      await api.import(file);
      setLarge(undefined);
      setReport({ ...content, name: file.name });
      session.showAll(content.features);
      toast({ text: said(file, content) });
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
        accept=".geojson,.json,.gpx,.xml,application/geo+json,application/vnd.geo+json,application/gpx+xml"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void read(file);
        }}
      />
      {large ? (
        <div className="confirm" role="group" aria-label={`Import ${large.file.name}`}>
          <p>
            <strong>{large.file.name}</strong> has {plural(large.features.length, "thing")}. A file this large cannot be
            undone: save a session first if you may want the map back as it is.
          </p>
          <Changes {...large} name={large.file.name} />
          <button type="button" className="button primary" disabled={busy} onClick={() => void importLarge(large)}>
            Import all
          </button>
          <button type="button" className="button quiet" onClick={() => setLarge(undefined)}>
            Cancel
          </button>
        </div>
      ) : (
        <p className="hint">Import takes GeoJSON and GPX files. A GPX file has no areas.</p>
      )}
      <Fault text={error} />
      {report && <Changes {...report} close={() => setReport(undefined)} />}
    </section>
  );
}

/** What of a file had to be changed, in the file's own terms; nothing where nothing had. */
function Changes({ name, changes = [], moreChanges = 0, close }: Report & { readonly close?: () => void }) {
  if (changes.length === 0) return null;
  return (
    <div className="import-report" role="status">
      <p>
        <strong>{plural(changes.length + moreChanges, "change")}</strong> so that the map can hold {name}:
      </p>
      {close && (
        <button type="button" className="button quiet icon" aria-label="Close the list of changes" onClick={close}>
          <CloseIcon size={14} />
        </button>
      )}
      <ul>
        {changes.map(({ message, path, line }, index) => (
          <li key={index}>
            {message}
            {(path !== undefined || line !== undefined) && <span className="where"> {path ?? `Line ${line}`}</span>}
          </li>
        ))}
        {moreChanges > 0 && <li>And {moreChanges} more.</li>}
      </ul>
    </div>
  );
}

function said({ name }: File, { features, skipped }: FileContent): string {
  const left = skipped === 0 ? "" : ` ${plural(skipped, "thing")} in it cannot be shown here.`;
  return `${features.length === 0 ? "Nothing" : plural(features.length, "thing")} from ${name}.${left}`;
}
