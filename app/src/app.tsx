import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { rememberPlace } from "./lib/places.ts";
import { type Route, useRoute } from "./route.ts";
import { MissingPage } from "./start/missing-page.tsx";
import { StartPage } from "./start/start-page.tsx";
import { Boundary } from "./ui/boundary.tsx";
import { Toasts } from "./ui/toasts.tsx";

// Each page brings an editor, a map or charts of its own: nobody downloads those of another.
const DocumentPage = lazy(async () => ({ default: (await import("./document/document-page.tsx")).DocumentPage }));
const ChatPage = lazy(async () => ({ default: (await import("./chat/chat-page.tsx")).ChatPage }));
const LivePage = lazy(async () => ({ default: (await import("./live/live-page.tsx")).LivePage }));
const MapPage = lazy(async () => ({ default: (await import("./map/map-page.tsx")).MapPage }));

export function App() {
  const route = useRoute();
  const { page } = route;
  const id = "id" in route ? route.id : "";
  useEffect(() => {
    if (page !== "start" && page !== "missing") rememberPlace(page, id);
  }, [page, id]);
  return (
    <Toasts>
      <Boundary key={`${page} ${id}`}>
        <Suspense fallback={<div className="page-loading" role="status" aria-label="Loading" />}>
          {pageOf(route)}
        </Suspense>
      </Boundary>
    </Toasts>
  );
}

function pageOf(route: Route): ReactNode {
  switch (route.page) {
    case "start":
      return <StartPage />;
    case "missing":
      return <MissingPage />;
    case "document":
      return <DocumentPage key={route.id} id={route.id} />;
    case "chat":
      return <ChatPage key={route.id} id={route.id} />;
    case "live":
      return <LivePage key={route.id} id={route.id} />;
    case "map":
      return <MapPage key={route.id} id={route.id} />;
  }
}
