import { useSyncExternalStore } from "react";

/** The page's two places: `/` and `/d/<document id>`. */
export type Route = { readonly page: "start" } | { readonly page: "document"; readonly id: string };

export function documentPath(id: string): string {
  return `/d/${encodeURIComponent(id)}`;
}

/** The route of a path; what names no document is the start. */
export function parseRoute(path: string): Route {
  const match = /^\/d\/([^/]+)\/?$/.exec(path);
  if (match?.[1] === undefined) return { page: "start" };
  try {
    return { page: "document", id: decodeURIComponent(match[1]) };
  } catch {
    return { page: "start" };
  }
}

export function navigate(path: string): void {
  history.pushState(null, "", path);
  window.dispatchEvent(new PopStateEvent("popstate"));
  window.scrollTo(0, 0);
}

/** For links that stay in the page: leaves clicks that mean a new tab or window to the browser. */
export function follow(event: React.MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(event.currentTarget.pathname);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  return () => window.removeEventListener("popstate", listener);
}

export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return parseRoute(path);
}
