import { Component, type ReactNode } from "react";

interface Props {
  readonly children: ReactNode;
  /** Shown in place of the children when they fail; by default for a whole page. `retry` renders the children again. */
  readonly renderFallback?: (retry: () => void) => ReactNode;
}

/**
 * Contains the failure of a view while it is fetched or rendered: everything outside of it stays. Give it a `key`, so that
 * another view starts afresh.
 */
export class Boundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  readonly #retry = (): void => this.setState({ failed: false });

  override render(): ReactNode {
    const { children, renderFallback } = this.props;
    if (!this.state.failed) return children;
    return renderFallback === undefined ? <PageFailed /> : renderFallback(this.#retry);
  }
}

/** The boundary of the body of a page, whose header and connection stay in use. */
export function BodyBoundary({ children }: { readonly children: ReactNode }) {
  return <Boundary renderFallback={(retry) => <BodyFailed retry={retry} />}>{children}</Boundary>;
}

function PageFailed() {
  return (
    <main className="page-failed">
      <Message heading="h1" title="This page could not be shown" />
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

function BodyFailed({ retry }: { readonly retry: () => void }) {
  return (
    <div className="page-failed">
      <Message heading="h2" title="This part of the page could not be shown" />
      <p className="page-failed-ways">
        <button type="button" className="button primary" onClick={retry}>
          Try again
        </button>
        <button type="button" className="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </p>
    </div>
  );
}

function Message({ heading: Heading, title }: { readonly heading: "h1" | "h2"; readonly title: string }) {
  return (
    <div role="alert">
      <Heading>{title}</Heading>
      <p>Something in it went wrong. What is in the room is not affected.</p>
    </div>
  );
}
