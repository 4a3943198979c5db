import { routePartykitRequest } from "partyserver";
import { DocumentRoom } from "../../src/server.ts";
import { BenchChatRoom } from "./chat.ts";
import type { CountedDocumentRoom, CountedFeedRoom, CountedSqlRoom } from "./counted.ts";
import type { FeedRoom } from "./feed.ts";
import type { PartyRoom } from "./party.ts";
import type { SqlRoom } from "./tutorial-sql.ts";
import type { TutorialRoom } from "./tutorial.ts";

export { CountedDocumentRoom, CountedFeedRoom, CountedSqlRoom } from "./counted.ts";
export { BenchChatRoom };
export { FeedRoom } from "./feed.ts";
export { PartyRoom } from "./party.ts";
export { SqlRoom } from "./tutorial-sql.ts";
export { TutorialRoom } from "./tutorial.ts";

/** Tells a room that slept from one that stayed awake: new with every instance. */
export class BenchDocumentRoom extends DocumentRoom {
  readonly #instance = crypto.randomUUID();

  async instance(): Promise<string> {
    return this.#instance;
  }
}

export interface Env {
  readonly FEED: DurableObjectNamespace<FeedRoom>;
  readonly DOCUMENT: DurableObjectNamespace<BenchDocumentRoom>;
  readonly CHAT: DurableObjectNamespace<BenchChatRoom>;
  readonly TUTORIAL: DurableObjectNamespace<TutorialRoom>;
  readonly SQL: DurableObjectNamespace<SqlRoom>;
  readonly PARTY: DurableObjectNamespace<PartyRoom>;
  readonly COUNTED_FEED: DurableObjectNamespace<CountedFeedRoom>;
  readonly COUNTED_DOCUMENT: DurableObjectNamespace<CountedDocumentRoom>;
  readonly COUNTED_SQL: DurableObjectNamespace<CountedSqlRoom>;
}

/** Routes `/<contestant>/<room>` to the room; `/<contestant>/<room>/<question>` asks it something by RPC. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, contestant = "", name = "", question] = new URL(request.url).pathname.split("/");
    switch (contestant) {
      case "feed":
        return env.FEED.getByName(name).fetch(request);
      case "document":
        return askDocument(env.DOCUMENT.getByName(name), question, request);
      case "chat":
        return askChat(env.CHAT.getByName(name), question, request);
      case "tutorial":
        return env.TUTORIAL.getByName(name).fetch(request);
      case "sql":
        return env.SQL.getByName(name).fetch(request);
      case "parties":
        return (await routePartykitRequest(request, { party: env.PARTY })) ?? notFound();
      case "counted-feed":
        return askCounts(env.COUNTED_FEED.getByName(name), question, request);
      case "counted-document":
        return askCounts(env.COUNTED_DOCUMENT.getByName(name), question, request);
      case "counted-sql":
        return askCounts(env.COUNTED_SQL.getByName(name), question, request);
      default:
        return notFound();
    }
  },
} satisfies ExportedHandler<Env>;

type Counted = DurableObjectStub<CountedFeedRoom | CountedDocumentRoom | CountedSqlRoom>;

async function askCounts(room: Counted, question: string | undefined, request: Request): Promise<Response> {
  return question === "counts" ? Response.json(await room.counts()) : room.fetch(request);
}

async function askChat(
  room: DurableObjectStub<BenchChatRoom>,
  question: string | undefined,
  request: Request,
): Promise<Response> {
  if (question === "fill") return Response.json(await room.fill(await request.json()));
  if (question !== "messages") return room.fetch(request);
  const range = Object.fromEntries([...new URL(request.url).searchParams].map(([key, value]) => [key, Number(value)]));
  return Response.json(await room.messages(range));
}

async function askDocument(
  room: DurableObjectStub<BenchDocumentRoom>,
  question: string | undefined,
  request: Request,
): Promise<Response> {
  if (question === "instance") return new Response(await room.instance());
  if (question === "merge") return Response.json(await room.merge(await request.json()));
  return room.fetch(request);
}

function notFound(): Response {
  return new Response("Not found", { status: 404 });
}
