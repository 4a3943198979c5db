import type { KeyboardEvent, ReactNode } from "react";

interface TabsProps<Tab extends string> {
  /** Shared with the panel, which is named after the tab. */
  readonly id: string;
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly tab: Tab;
  readonly pick: (tab: Tab) => void;
}

/** Tabs, of which the Tab key reaches only the picked one; the arrow keys go to the others, around the ends. */
export function Tabs<Tab extends string>({ id, label, tabs, tab, pick }: TabsProps<Tab>) {
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] ?? tab;
    pick(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label={label} className="tabs" onKeyDown={onKey}>
      {tabs.map((name) => (
        <button
          key={name}
          id={`${id}-${name}`}
          type="button"
          role="tab"
          aria-selected={tab === name}
          aria-controls={`${id}-panel`}
          tabIndex={tab === name ? 0 : -1}
          onClick={() => pick(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

interface PanelProps {
  readonly id: string;
  readonly tab: string;
  readonly children: ReactNode;
}

/** What the picked one of the `Tabs` with the same id shows. */
export function TabPanel({ id, tab, children }: PanelProps) {
  return (
    <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${tab}`} className="panel-body" tabIndex={-1}>
      {children}
    </div>
  );
}
