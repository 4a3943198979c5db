import { useEffect } from "react";
import { follow } from "../route.ts";

/** For an address that is no page. */
export function MissingPage() {
  useEffect(() => {
    document.title = "Page not found · Roomcast";
  }, []);
  return (
    <main className="page-failed">
      <h1>Page not found</h1>
      <p>
        There is no page at <code className="missing-path">{location.pathname}</code>. Check the address, or start a
        room.
      </p>
      <p className="page-failed-ways">
        <a className="button primary" href="/" onClick={follow}>
          Go to the start page
        </a>
      </p>
    </main>
  );
}
