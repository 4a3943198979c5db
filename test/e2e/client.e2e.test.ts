import { afterEach, beforeEach, expect, test } from "vitest";
import { changed } from "../../src/client/fixtures/server.ts";
import { connect, type DocumentHandle, type Rooms } from "../../src/client/index.ts";
import { TestServer } from "../harness/server.ts";

// The client as a program in Node uses it, against the server that "npm start" runs.

type Tally = { readonly total: number; readonly mine: Readonly<Record<string, number>> };

const BURSTS = 30;
const BURST = 20;

let server: TestServer;
const opened: Rooms[] = [];

beforeEach(async () => {
  server = await TestServer.start();
});

afterEach(async () => {
  for (const rooms of opened.splice(0)) rooms.close();
  await server.stop();
});

function open(): DocumentHandle<Tally> {
  const rooms = connect(server.url);
  opened.push(rooms);
  return rooms.document<Tally>("tally");
}

test("S2 S3 X2 C5 the server is killed under two clients that count: each increment counts once, and both agree", async () => {
  const names = ["ada", "bob"];
  const documents = names.map(() => open());
  const [ada, bob] = documents;
  if (ada === undefined || bob === undefined) throw new Error("Nobody is there.");
  let answered = 0;
  const count = async (document: DocumentHandle<Tally>, name: string): Promise<void> => {
    let before: Promise<unknown> = Promise.resolve();
    for (let burst = 0; burst < BURSTS; burst += 1) {
      const answers = Array.from({ length: BURST }, async () => {
        await document.update([
          { op: "increment", path: "/total" },
          { op: "increment", path: `/mine/${name}` },
        ]);
        answered += 1;
      });
      // One burst is always on its way: some of it applied and unanswered whenever the server goes.
      await before;
      before = Promise.all(answers);
    }
    await before;
  };
  await Promise.all(documents.map((document) => document.ready()));
  const counting = Promise.all(documents.map((document, index) => count(document, names[index] ?? "")));
  const all = names.length * BURSTS * BURST;

  for (const part of [0.2, 0.6]) {
    await changed(ada, () => answered >= all * part);
    await server.kill9();
    expect(answered).toBeLessThan(all);
    await Promise.all(documents.map((document) => changed(document, () => document.status.phase !== "live")));
    expect(documents.map(({ pending }) => pending > 0)).toEqual([true, true]);
    await server.restart();
    for (const document of documents) document.retry();
  }

  await counting;
  expect(answered).toBe(all);
  await Promise.all(
    documents.map((document) => changed(document, () => document.version?.endsWith(`.${all}`) === true)),
  );
  const tally = { total: all, mine: { ada: all / 2, bob: all / 2 } };
  expect(ada.value).toEqual(tally);
  expect(bob.value).toEqual(ada.value);
  expect(bob.version).toBe(ada.version);
  const read = await fetch(`${server.url}/doc/tally`);
  expect([await read.json(), read.headers.get("etag")]).toEqual([tally, `"${ada.version}"`]);
});
