import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";
import { publishNumbered } from "../streams/stress.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ config: "bench/streams.wrangler.jsonc" });
});

afterAll(async () => {
  await server?.stop();
});

test("B2 B10 the server is killed while batches come in: what was answered is there, once, and a browser's EventSource hears it so", async () => {
  const url = `${server.url}/stream/killed`;
  const producers = 3;
  const batches = 6;
  const size = 20;
  const total = producers * batches * size;
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/page`);
    await page.evaluate(() => {
      const source = new EventSource("/stream/killed?from=start&filter=type:pageview");
      const seen: string[] = [];
      source.addEventListener("message", ({ lastEventId }) => seen.push(lastEventId.replace(/^.*\./, "")));
      Object.assign(globalThis, { seen });
    });
    let answered = 0;
    let killed: Promise<void> | undefined;
    const produce = async (producer: number): Promise<void> => {
      for (let seq = 1; seq <= batches;) {
        const headers = { "roomcast-producer": `p${producer}`, "roomcast-seq": String(seq) };
        const from = (seq - 1) * size + 1;
        try {
          await publishNumbered(url, from, from + size - 1, { producer }, headers);
          seq += 1;
          answered += 1;
          if (answered === batches) killed = server.kill9().then(() => server.restart());
        } catch (error) {
          // Not answered: sent again under its number.
          if (killed === undefined) throw error;
          await killed;
        }
      }
    };
    await Promise.all(Array.from({ length: producers }, (_, producer) => produce(producer)));

    const heard = new Map<number, number[]>();
    for (let next = "start", more = true; more;) {
      const { events, ...rest } = (await (await fetch(`${url}?limit=1000&from=${next}`)).json()) as Page;
      for (const { event } of events) heard.set(event.producer, [...(heard.get(event.producer) ?? []), event.n]);
      ({ next, more } = rest);
    }
    const all = Array.from({ length: batches * size }, (_, at) => at + 1);
    expect([...heard.values()]).toEqual(Array.from({ length: producers }, () => all));

    await page.waitForFunction((count) => (globalThis as unknown as Seen).seen.length >= count, total);
    const positions = await page.evaluate(() => (globalThis as unknown as Seen).seen);
    expect(positions).toEqual(Array.from({ length: total }, (_, at) => String(at + 1)));
  } finally {
    await browser.close();
  }
});

interface Page {
  readonly events: readonly { readonly event: { readonly producer: number; readonly n: number } }[];
  readonly next: string;
  readonly more: boolean;
}

interface Seen {
  readonly seen: readonly string[];
}
