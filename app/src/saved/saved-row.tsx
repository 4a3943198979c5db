import { useState } from "react";
import { ago, bytes } from "../lib/format.ts";
import { useMay } from "../room/use-live.ts";
import { Fault } from "../ui/fault.tsx";
import { EyeIcon, RestoreIcon, TrashIcon } from "../ui/icons.tsx";
import { useToast } from "../ui/toasts.tsx";
import { useWork } from "../ui/use-work.ts";
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
export function SavedRow({ version, now, changed, api, room, words, renderPreview, exactTime, failures }: Props) {
  const { name, savedAt } = version;
  const [asking, setAsking] = useState<Asking>("nothing");
  const toast = useToast();
  const { busy, error, run } = useWork(
    failures === "toast" ? (message) => toast({ tone: "bad", text: message }) : undefined,
  );
  const mayWrite = useMay(room, "write");
  const mayDelete = useMay(room, "admin");
  const action = (what: Asking) => ({
    open: asking === what,
    toggle: () => setAsking(asking === what ? "nothing" : what),
  });
  const cancel = () => setAsking("nothing");
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
            <time
              dateTime={new Date(savedAt).toISOString()}
              title={exactTime ? new Date(savedAt).toLocaleString() : undefined}
            >
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
          busy={busy}
          confirmed={() => void act(() => api.restore(name), `Restored “${name}”.`)}
          cancel={cancel}
        >
          <Fault text={error} />
        </Confirm>
      )}
      {asking === "delete" && (
        <Confirm
          action="Delete"
          name={name}
          text={`The saved ${words.saved} goes for good. The ${words.room} itself stays as it is.`}
          busy={busy}
          confirmed={() => void act(() => api.remove(name), `Deleted “${name}”.`)}
          cancel={cancel}
        >
          <Fault text={error} />
        </Confirm>
      )}
    </li>
  );
}
