export type View = "form" | "json";

const VIEWS: readonly { readonly view: View; readonly name: string }[] = [
  { view: "form", name: "Form" },
  { view: "json", name: "JSON" },
];

interface Props {
  readonly view: View;
  readonly show: (view: View) => void;
}

/** Two ways to see the same document. */
export function ViewSwitch({ view, show }: Props) {
  return (
    <div className="switch" role="group" aria-label="View">
      {VIEWS.map((item) => (
        <button key={item.view} type="button" aria-pressed={item.view === view} onClick={() => show(item.view)}>
          {item.name}
        </button>
      ))}
    </div>
  );
}
