import type { ChatSample } from "../results.ts";
import type { Server } from "../servers/server.ts";
import { newRoom, type Bench } from "./context.ts";

const JOINS = 10;
const PAGES = 40;
/** A server's memory goes on moving for a moment after the last request. */
const SETTLE_MS = 700;

interface Page {
  readonly messages: readonly { readonly n: number; readonly at: number }[];
}

/** Joining, paging back and searching by date, in rooms with little history and with much; each in a server of its own. */
export async function measureChat(bench: Bench): Promise<void> {
  const { plan, results, servers, say } = bench;
  const rooms = plan.histories.map((messages) => ({ messages, room: newRoom() }));
  try {
    for (const { messages, room } of rooms) {
      say(`chat: ${messages} messages of history`);
      const server = await servers.get("workerd");
      await server.ask(`/chat/${room}/fill`, { method: "POST", body: JSON.stringify({ messages }) });
    }
    // In turn, so that drift of the machine meets all.
    for (let run = 1; run <= plan.runs; run += 1) {
      for (const { messages, room } of rooms) {
        results.chat.push(...(await look(bench, await servers.restart("workerd"), room, messages)));
      }
    }
  } catch (error) {
    results.notes.push(`chat: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function look({ load }: Bench, server: Server, room: string, messages: number): Promise<ChatSample[]> {
  const found: ChatSample[] = [];
  const timed = async (what: ChatSample["what"], query: string): Promise<Page> => {
    const began = performance.now();
    const page = (await (await server.ask(`/chat/${room}/messages?${query}`)).json()) as Page;
    found.push({ messages, what, value: performance.now() - began });
    return page;
  };
  const group = newRoom();
  try {
    // Another room first, so that the Worker's code is in memory and only this room is measured.
    await server.ask(`/chat/${newRoom()}/messages`);
    await settled();
    const before = server.residentBytes;
    const times = await load.open(group, { port: server.port, path: `/chat/${room}`, codec: "roomcastChat" }, JOINS);
    for (const { ready } of times) found.push({ messages, what: "join: whole snapshot", value: ready });
    for (let i = 0; i < PAGES; i += 1) {
      const n = Math.max(1, Math.floor((messages * (i + 1)) / PAGES));
      const page = await timed("a page of 100, anywhere", `before=${n + 1}&limit=100`);
      if (page.messages[0]?.n !== n) throw new Error(`message ${n} was not on its page`);
      const at = page.messages[0].at;
      const byDate = await timed("a page of 100, by date", `since=${at}&limit=100`);
      if (byDate.messages.at(-1)?.n !== n) throw new Error(`message ${n} was not found by its date`);
    }
    await settled();
    found.push({ messages, what: "memory", value: server.residentBytes - before });
    return found;
  } finally {
    await load.close(group);
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}
