import type { ReactNode } from "react";

interface Props {
  readonly label: string;
  readonly title: string;
  readonly open: boolean;
  readonly toggle: () => void;
  readonly children: ReactNode;
}

/** An icon at the end of a row that opens something below it. */
export function RowAction({ label, title, open, toggle, children }: Props) {
  return (
    <button type="button" className="row-action" aria-expanded={open} aria-label={label} title={title} onClick={toggle}>
      {children}
    </button>
  );
}
