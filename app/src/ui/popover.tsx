import { type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";

interface Props {
  readonly id: string;
  /** What it belongs to, and stands beside. */
  readonly anchor: RefObject<HTMLElement | null>;
  readonly label: string;
  readonly className?: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

const GAP = 6;
const EDGE = 8;

/**
 * Something small above the page, beside what opened it: in the top layer, so that no list cuts it off. Escape and a
 * click elsewhere close it, and the focus goes back to where it came from.
 */
export function Popover({ id, anchor, label, className = "", close, children }: Props) {
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    element.showPopover();
    const beside = anchor.current?.getBoundingClientRect();
    if (beside !== undefined) {
      const { width, height } = element.getBoundingClientRect();
      const below = beside.bottom + GAP;
      const fits = below + height <= window.innerHeight - EDGE;
      const left = Math.min(Math.max(EDGE, beside.right - width), window.innerWidth - width - EDGE);
      element.style.insetInlineStart = `${left}px`;
      element.style.insetBlockStart = `${fits ? below : Math.max(EDGE, beside.top - GAP - height)}px`;
    }
    element.querySelector<HTMLElement>("button, input, select")?.focus();
    const toggled = (event: ToggleEvent) => {
      if (event.newState === "closed") close();
    };
    element.addEventListener("toggle", toggled);
    return () => element.removeEventListener("toggle", toggled);
    // Where it stands is settled once: what opened it does not move while it is open.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  return (
    <div ref={box} id={id} popover="auto" role="dialog" aria-label={label} className={`floating ${className}`}>
      {children}
    </div>
  );
}
