import { DocumentPage } from "./document/document-page.tsx";
import { useRoute } from "./route.ts";
import { StartPage } from "./start/start-page.tsx";
import { Toasts } from "./ui/toasts.tsx";

export function App() {
  const route = useRoute();
  return <Toasts>{route.page === "start" ? <StartPage /> : <DocumentPage key={route.id} id={route.id} />}</Toasts>;
}
