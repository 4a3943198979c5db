import { useState } from "react";
import { ago, bytes } from "../lib/format.ts";
import { useMay } from "../room/use-live.ts";
import { EyeIcon, RestoreIcon, TrashIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import type { VersionInfo } from "./api.ts";
import { Confirm } from "./confirm.tsx";
import type { SavedOptions } from "./options.ts";
import { RowAction } from "./row-action.tsx";

interface Props extends SavedOptions {
  readonly version: VersionInfo;
  readonly now: number;
  readonly changed: () => void;
}

type Asking = "nothing" | "preview" | "restore" | "delete";

/** One saved version, with what can be done with it. */
export function SavedRow({ version, now, changed, api, room, words, renderPreview }: Props) {
  const { name, savedAt } = version;
  const [asking, setAsking] = useState<Asking>("nothing");
  const toast = useToast();
  const mayWrite = useMay(room, "write");
  const mayDelete = useMay(room, "admin");
  const action = (what: Asking) => ({
    open: asking === what,
    toggle: () => setAsking(asking === what ? "nothing" : what),
  });
  const cancel = () => setAsking("nothing");
  const done = (text: string): void => {
    setAsking("nothing");
    toast({ text });
    changed();
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
        {renderPreview && (
          <RowAction label={`Compare ${name} with now`} title="Compare with now" {...action("preview")}>
            <EyeIcon />
          </RowAction>
        )}
        {mayWrite && (
          <RowAction label={`Restore ${name}`} title="Restore" {...action("restore")}>
            <RestoreIcon />
          </RowAction>
        )}
        {mayDelete && (
          <RowAction label={`Delete ${name}`} title="Delete" {...action("delete")}>
            <TrashIcon />
          </RowAction>
        )}
      </div>
      {(asking === "preview" || asking === "restore") && renderPreview?.(name)}
      {asking === "restore" && (
        <Confirm
          action="Restore"
          name={name}
          text={`Everybody here will see “${name}” at once. The ${words.room} as it is now is kept as “before-restore”.`}
          work={async () => {
            await api.restore(name);
            done(`Restored “${name}”.`);
          }}
          cancel={cancel}
        />
      )}
      {asking === "delete" && (
        <Confirm
          action="Delete"
          name={name}
          text={`The saved ${words.saved} goes for good. The ${words.room} itself stays as it is.`}
          work={async () => {
            await api.remove(name);
            done(`Deleted “${name}”.`);
          }}
          cancel={cancel}
        />
      )}
    </li>
  );
}
