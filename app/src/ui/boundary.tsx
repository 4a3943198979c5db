import { Component, type ReactNode } from "react";

interface Props {
  readonly children: ReactNode;
}

/** Stands in for a view that failed while it was drawn or fetched. Give it a `key`, so that another view begins anew. */
export class Boundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  return (
    <main className="page-failed">
      <div role="alert">
        <h1>This page could not be shown</h1>
        <p>Something in it went wrong. What is in the room is not affected.</p>
      </div>
      <p className="page-failed-ways">
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Load it again
        </button>
        <a className="button" href="/">
          Go to the start
        </a>
      </p>
    </main>
  );
}
