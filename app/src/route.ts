import { useSyncExternalStore } from "react";

/** `/` is the start; a room's page is under a letter or a word for its kind, such as `/d/<document id>`. */
const PREFIXES = { document: "/d/", chat: "/chat/", live: "/live/", map: "/map/" } as const;

export type RoomPage = keyof typeof PREFIXES;

export type Route =
  | { readonly page: "start" }
  | { readonly page: "missing" }
  | { readonly page: RoomPage; readonly id: string };

export function pathTo(page: RoomPage, id: string): string {
  return PREFIXES[page] + encodeURIComponent(id);
}

export function documentPath(id: string): string {
  return pathTo("document", id);
}

/**
 * The route of a path; `missing` where there is no page. A slash belongs to the name: there is nothing below a room's page,
 * and servers of static files unescape it in the address.
 */
export function parseRoute(path: string): Route {
  if (path === "/" || path === "/index.html") return { page: "start" };
  for (const page of Object.keys(PREFIXES) as RoomPage[]) {
    const rest = path.startsWith(PREFIXES[page]) ? path.slice(PREFIXES[page].length).replace(/\/$/, "") : "";
    if (rest === "") continue;
    const id = decoded(rest);
    return id !== undefined && isRoomId(id) ? { page, id } : { page: "missing" };
  }
  return { page: "missing" };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** As the server has it; a page of any other would fail before it shows. */
function isRoomId(id: string): boolean {
  return Array.from(id).length <= 256 && !/\p{Cc}/u.test(id) && id !== "." && id !== "..";
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
