import { type FormEvent, useEffect, useId, useState } from "react";
import { ago } from "../lib/format.ts";
import { documentName, toDocumentId } from "../lib/names.ts";
import { type Recent, forgetDocument, recentDocuments } from "../lib/storage.ts";
import { documentPath, follow, navigate } from "../route.ts";
import { CloseIcon, Mark, PlusIcon, WindowsIcon } from "../ui/icons.tsx";

/** Where one makes a document, or names one. */
export function StartPage() {
  const [name, setName] = useState("");
  const id = useId();
  const wanted = toDocumentId(name);

  useEffect(() => {
    document.title = "Roomcast";
  }, []);

  const open = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== undefined) navigate(documentPath(wanted));
  };

  return (
    <main className="start">
      <p className="brand">
        <Mark size={28} />
        Roomcast
      </p>
      <h1>A document that everyone edits at once.</h1>
      <p className="lead">
        Make one, share its link, and watch each other type. It is kept on this server, and nothing is lost when a
        connection is.
      </p>
      <div className="start-actions">
        <button type="button" className="button primary big" onClick={() => navigate(documentPath(documentName()))}>
          <PlusIcon />
          New document
        </button>
        <form className="open-form" onSubmit={open}>
          <label htmlFor={id}>or open one by its name</label>
          <div>
            <input
              id={id}
              className="input"
              placeholder="such as team-notes"
              value={name}
              autoCapitalize="off"
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
            <button type="submit" className="button" disabled={wanted === undefined}>
              Open
            </button>
          </div>
        </form>
      </div>
      <RecentList />
      <p className="hint">
        <WindowsIcon />
        Open the same document in a second window, side by side, to see two people meet.
      </p>
    </main>
  );
}

function RecentList() {
  const [recent, setRecent] = useState<readonly Recent[]>(recentDocuments);
  const [now] = useState(() => Date.now());
  const id = useId();
  if (recent.length === 0) return null;
  return (
    <section className="recent" aria-labelledby={id}>
      <h2 id={id}>Recent on this device</h2>
      <ul>
        {recent.map((item) => (
          <li key={item.id}>
            <a href={documentPath(item.id)} onClick={follow}>
              <span>{item.id}</span>
              <time dateTime={new Date(item.at).toISOString()}>{ago(item.at, now)}</time>
            </a>
            <button
              type="button"
              className="row-action"
              aria-label={`Take ${item.id} off this list`}
              onClick={() => {
                forgetDocument(item.id);
                setRecent(recentDocuments());
              }}
            >
              <CloseIcon size={16} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
