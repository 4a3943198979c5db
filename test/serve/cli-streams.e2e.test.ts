import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestServer } from "../harness/server.ts";
import { Cable } from "./cable.ts";
import { Cli } from "./cli.ts";

// The commands for streams, against a real server.

let server: TestServer;
const running: Cli[] = [];

beforeAll(async () => {
  server = await TestServer.start();
});

afterAll(async () => {
  await server?.stop();
});

afterEach(() => {
  for (const cli of running.splice(0)) cli.kill();
});

function roomcast(...args: readonly string[]): Cli {
  const cli = new Cli(...args, "--server", server.url);
  running.push(cli);
  return cli;
}

async function post(stream: string, body: string): Promise<void> {
  expect((await fetch(`${server.url}/stream/${stream}`, { method: "POST", body })).status).toBe(200);
}

/** Starts a server of the test's own, and resolves with its address. */
async function listen(stub: Server): Promise<string> {
  stub.listen(0, "127.0.0.1");
  await once(stub, "listening");
  const address = stub.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

const numbers = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { n: number }).n);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const events = (from: number, to: number) =>
  upTo(to)
    .slice(from - 1)
    .map((n) => `{"type":"${n % 2 === 0 ? "even" : "odd"}","n":${n}}\n`)
    .join("");

test("J10 what is published from a pipe and from arguments is tailed, in order, and a signal ends it", async () => {
  expect(await roomcast("publish", "jobs").end(events(1, 1200))).toBe(0);
  const follower = roomcast("tail", "jobs", "--since", "start", "--json");
  const evens = roomcast("tail", "jobs", "--since", "10m", "--filter", "type:even");
  await Promise.all([
    follower.until(({ lines }) => lines.length === 1200),
    evens.until((one) => one.lines.length === 600),
  ]);
  const args = roomcast("publish", "jobs", '{"type":"odd","n":1201}', '{"type":"even",\n"n":1202}');
  expect(await args.end()).toBe(0);
  expect(args.out).toMatch(/^2 events published, newest [a-z0-9]+\.1202\n$/);
  await Promise.all([
    follower.until(({ lines }) => lines.length === 1202),
    evens.until((one) => one.lines.length === 601),
  ]);
  expect(numbers(follower.lines)).toEqual(upTo(1202));
  // For people, and without colours where nobody looks.
  expect(evens.lines.at(-1)).toMatch(/^\d\d:\d\d:\d\d {2}even {8}\{"n":1202\}$/);
  expect(await Promise.all([follower.signal("SIGINT"), evens.signal("SIGTERM")])).toEqual([0, 0]);
  expect(follower.err + evens.err).toBe("");
});

test("J10 a tail that is cut off goes on where it was: nothing is missing, nothing comes twice", async () => {
  const cable = await Cable.to(server.url);
  await post("cut", events(1, 3));
  const follower = new Cli("tail", "cut", "--json", "--server", cable.url);
  running.push(follower);
  await follower.until(({ lines }) => lines.length === 3);
  cable.cut();
  await follower.until(({ err }) => /The connection is lost/.test(err));
  await post("cut", events(4, 700));
  cable.mend();
  await follower.until(({ lines }) => lines.length >= 700);
  expect(numbers(follower.lines)).toEqual(upTo(700));
  expect(follower.err.trim().split("\n")).toEqual([
    expect.stringMatching(/^roomcast: The connection is lost \(.+\)\. Trying again\.$/),
    "roomcast: Connected again.",
  ]);
  await cable.close();
});

test("J12 an event that is nested deeper than any stack is a line like others, and the connection holds", async () => {
  const deep = `{"type":"deep","a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
  let connections = 0;
  const stub = createServer((_, response) => {
    connections += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`id: e.1\ndata: ${deep}\n\nid: e.2\ndata: {"type":"next"}\n\n`);
  });
  const follower = new Cli("tail", "deep", "--server", await listen(stub));
  running.push(follower);
  await follower.until(({ lines }) => lines.length === 2);
  expect(follower.lines[0]).toContain(deep.slice('{"type":"deep",'.length));
  expect(await follower.signal("SIGINT")).toBe(0);
  expect([connections, follower.err]).toEqual([1, ""]);
  stub.close();
});

test("J11 a batch whose answer is lost is not published twice", async () => {
  let posts = 0;
  const proxy = createServer((request, response) => {
    const headers = Object.entries(request.headers).filter(([name]) => /^(content-type|roomcast-.*)$/.test(name));
    void (async () => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
      const init = { method: "POST", headers: headers as [string, string][], body };
      const answer = await fetch(server.url + (request.url ?? ""), init);
      posts += 1;
      if (posts === 1) request.socket.destroy();
      else response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    })();
  });
  const publisher = new Cli("publish", "once", "--server", await listen(proxy));
  running.push(publisher);
  expect(await publisher.end(events(1, 3))).toBe(0);
  proxy.close();
  expect(posts).toBe(2);
  const page = (await (await fetch(`${server.url}/stream/once`)).json()) as { events: { event: { n: number } }[] };
  expect(page.events.map(({ event }) => event.n)).toEqual([1, 2, 3]);
});

test("what is wrong is one line and exit code 1", async () => {
  const half = roomcast("publish", "wrong");
  expect(await half.end('{"n":1}\n{"n":\n')).toBe(1);
  expect(half.err).toMatch(
    /^roomcast: bad_json: .*line 2.*\n0 events published before lines 1 to 2, and nothing of it\.\n$/i,
  );
  const filter = roomcast("tail", "wrong", "--filter", "type:");
  expect(await filter.end()).toBe(1);
  expect(filter.err).toMatch(/^roomcast: bad_request: The filter is wrong at character 6.*\n$/);
  const breaks = roomcast("publish", "wrong", '{"n":1}', '{"a":"x\ny"}');
  expect(await breaks.end()).toBe(1);
  expect(breaks.err).toBe("roomcast: Event 2 is not JSON. Nothing was published.\n");
  const bytes = roomcast("publish", "wrong");
  expect(await bytes.end(Buffer.from([...Buffer.from('{"n":1}\n{"a":"'), 0xe9, ...Buffer.from('"}\n')]))).toBe(1);
  expect(bytes.err).toBe("roomcast: Line 2 is not UTF-8 text.\n1 event published before it.\n");
  // Whatever server has a page for every address.
  const pages = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>Hello"));
  const page = new Cli("tail", "wrong", "--server", await listen(pages));
  expect(await page.end()).toBe(1);
  expect(page.err).toMatch(
    /^roomcast: http:\S+\/stream\/wrong is no stream to follow: it answered with text\/html\.\n$/,
  );
  pages.close();
  const nobody = new Cli("tail", "wrong", "--server", "http://127.0.0.1:1025");
  expect(await nobody.end()).toBe(1);
  expect(nobody.err).toMatch(/^roomcast: No stream to follow at http:\/\/127.0.0.1:1025\/ \(.*ECONNREFUSED.*\)\.\n$/);
});

test("J11 publish that is told to stop says what was published", async () => {
  const publisher = roomcast("publish", "stopped");
  const follower = roomcast("tail", "stopped", "--json");
  publisher.write(events(1, 3));
  await follower.until(({ lines }) => lines.length === 3);
  expect(await publisher.signal("SIGINT")).toBe(0);
  expect(publisher.out).toMatch(/^3 events published, newest [a-z0-9]+\.3\n$/);
  expect(publisher.err).toBe("");
});

test("made-up traffic is published until it is stopped; whoever stops reading ends the tail", async () => {
  const demo = roomcast("demo", "shop", "--rate", "200");
  const follower = roomcast("tail", "shop", "--json");
  await follower.until(({ lines }) => lines.length > 20);
  expect(await follower.hangUp()).toBe(0);
  expect(await demo.signal("SIGINT")).toBe(0);
  const [, sent] = /^(\d+) events sent\.$/m.exec(demo.out) ?? [];
  const page = (await (await fetch(`${server.url}/stream/shop?from=last:0`)).json()) as { head: string };
  // The last batch may have been under way.
  expect(Number(page.head.split(".")[1]) - Number(sent)).toBeLessThanOrEqual(40);
});
