import type { DocumentSession } from "../document/session.ts";
import { useVersion } from "../document/use-session.ts";
import type { SavedWords } from "../saved/options.ts";
import { SavedList } from "../saved/saved-list.tsx";
import type { HistoryApi } from "./api.ts";
import { Preview } from "./preview.tsx";

const WORDS: SavedWords = {
  room: "document",
  saved: "version",
  example: "first draft",
  empty:
    "No version saved yet. A version keeps the document as it is now under a name, and can be brought back at any time.",
};

interface Props {
  readonly session: DocumentSession;
  readonly api: HistoryApi;
}

/** The document's saved versions. */
export function Versions({ session, api }: Props) {
  // A restore by anybody adds a version and changes the epoch.
  const epoch = useVersion(session)?.split(".")[0];
  return (
    <SavedList
      api={api}
      room={session.handle}
      words={WORDS}
      epoch={epoch}
      renderPreview={(name) => <Preview name={name} session={session} api={api} />}
    />
  );
}
