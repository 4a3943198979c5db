import type { ReactNode } from "react";

interface Props {
  /** What would be done, on its button. */
  readonly action: "Restore" | "Delete";
  /** Of what it would be done to. */
  readonly name: string;
  readonly busy: boolean;
  readonly confirmed: () => void;
  readonly cancel: () => void;
  /** What would come of it. */
  readonly text: string;
  /** Below the buttons. */
  readonly children?: ReactNode;
}

/** Asks once more before something is done that everybody notices. */
export function Confirm({ action, name, busy, confirmed, cancel, text, children }: Props) {
  return (
    <div className="confirm" role="group" aria-label={`${action} ${name}?`}>
      <p>{text}</p>
      <button
        type="button"
        className={action === "Delete" ? "button danger" : "button primary"}
        disabled={busy}
        onClick={confirmed}
      >
        {action}
      </button>
      <button type="button" className="button quiet" onClick={cancel}>
        Cancel
      </button>
      {children}
    </div>
  );
}
