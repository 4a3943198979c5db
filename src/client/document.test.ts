import { afterEach, beforeEach, expect, expectTypeOf, test } from "vitest";
import { documentKind } from "../kinds/document/kind.ts";
import type { DocumentIntent, DocumentOp } from "../kinds/document/types.ts";
import type { Json } from "../protocol/json.ts";
import { connect, type Rooms } from "./connect.ts";
import { TestServer } from "./fixtures/server.ts";

interface Note {
  readonly [key: string]: Json;
  readonly title: string;
  readonly likes: number;
}

let server: TestServer<Json, DocumentIntent, DocumentOp>;
let rooms: Rooms;

beforeEach(async () => {
  server = new TestServer(documentKind);
  await server.listen();
  rooms = connect(server.url);
});

afterEach(async () => {
  rooms.close();
  await server.stop();
});

test("each way to change a document", async () => {
  const note = rooms.document<Note>("a b");
  expectTypeOf(note.value).toEqualTypeOf<Note | undefined>();
  await note.ready();
  expect(server.visits).toEqual(["/doc/a%20b/ws"]);
  expect(note.value).toEqual({});

  await note.set({ title: "a", likes: 0, old: { kept: 1, gone: 2 } });
  await note.merge({ title: "b" });
  await note.mergePatch({ old: { gone: null } });
  await note.patch([
    { op: "test", path: "/title", value: "b" },
    { op: "add", path: "/tags", value: [] },
  ]);
  await note.update([
    { op: "increment", path: "/likes" },
    { op: "union", path: "/tags", values: ["x"] },
  ]);
  expect(note.value).toEqual({ title: "b", likes: 1, old: { kept: 1 }, tags: ["x"] });
  expect(note.value).toBe(note.state);
  expect(server.room.state).toEqual(note.value);
});

test("an expected version that is no longer true refuses the change", async () => {
  const note = rooms.document<Note>("a");
  await note.ready();
  const ifVersion = note.version;
  if (ifVersion === undefined) throw new Error("No version.");
  await note.merge({ title: "first" }, { ifVersion });
  const late = note.merge({ title: "second" }, { ifVersion });
  expect(note.value?.title).toBe("first");
  await expect(late).rejects.toMatchObject({ code: "version_mismatch" });
});

test("the same id is the same handle, until it is closed", () => {
  const one = rooms.document("a");
  expect(rooms.document("a")).toBe(one);
  expect(rooms.lend.document("a")).toBe(one);
  expect(rooms.document("b")).not.toBe(one);
  one.close();
  expect(rooms.document("a")).not.toBe(one);
});
