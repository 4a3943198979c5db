import { createWorker, DocumentRoom, roomOf } from "roomcast/server";
import { tickets } from "./tickets.ts";

export class Documents extends DocumentRoom<{ title: string }> {}
export class Tickets extends roomOf(tickets) {}

interface Env {
  DOCUMENTS: DurableObjectNamespace<Documents>;
  TICKETS: DurableObjectNamespace<Tickets>;
}

export default createWorker<Env>({ documents: (env) => env.DOCUMENTS, rooms: { tickets: (env) => env.TICKETS } });
