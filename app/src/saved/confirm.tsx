import { Fault } from "../ui/fault.tsx";
import { useWork } from "../ui/use-work.ts";

interface Props {
  /** What would be done, on its button. */
  readonly action: "Restore" | "Delete";
  /** Of what it would be done to. */
  readonly name: string;
  /** What would come of it. */
  readonly text: string;
  readonly work: () => Promise<void>;
  readonly cancel: () => void;
}

/** Asks once more before something is done that everybody notices, does it, and says so when that fails. */
export function Confirm({ action, name, text, work, cancel }: Props) {
  const { busy, error, run } = useWork();
  return (
    <div className="confirm" role="group" aria-label={`${action} ${name}?`}>
      <p>{text}</p>
      <button
        type="button"
        className={action === "Delete" ? "button danger" : "button primary"}
        disabled={busy}
        onClick={() => void run(work)}
      >
        {action}
      </button>
      <button type="button" className="button quiet" onClick={cancel}>
        Cancel
      </button>
      <Fault text={error} />
    </div>
  );
}
