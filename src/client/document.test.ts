import { afterEach, beforeEach, expect, expectTypeOf, test } from "vitest";
import { documentKind } from "../kinds/document/kind.ts";
import type { DocumentIntent, DocumentOp } from "../kinds/document/types.ts";
import type { Json } from "../protocol/json.ts";
import { connect, type Rooms } from "./connect.ts";
import type { DocumentValue } from "./types.ts";
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
  expectTypeOf(note.value).toEqualTypeOf<DocumentValue<Note> | undefined>();
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

interface Cursor {
  x: number;
  y: number;
  label?: string;
}
interface Board {
  title: string;
  cursors: Cursor[];
}

test("interfaces are shapes of documents and presence, and what is shown is readonly and may be missing", async () => {
  const board = rooms.document<Board, Cursor>("board");
  board.presence.set({ x: 1, y: 2 });
  await board.ready();
  expectTypeOf(board.presence.peers[0]?.data).toEqualTypeOf<Cursor | undefined>();
  const { value } = board;
  expectTypeOf(value?.title).toEqualTypeOf<string | undefined>();
  // @ts-expect-error -- a document begins as {}
  expect(() => value?.title.length).toThrow(TypeError);
  // @ts-expect-error -- frozen
  expect(() => value && (value.title = "x")).toThrow(TypeError);
  const cursor: Cursor = { x: 3, y: 4 };
  await board.set({ title: "a", cursors: [cursor] });
  expect(() => (board.value?.cursors as Cursor[] | undefined)?.push(cursor)).toThrow(TypeError);
  await board.mergePatch(cursor);
  await board.update([{ op: "put", path: "/cursors/0", value: cursor }]);
  await board.patch([{ op: "add", path: "/cursors/-", value: cursor }]);
  await board.mutate({ type: "merge", value: cursor });
  if (board.value) await board.merge(board.value);
  expect(board.value).toEqual({ title: "a", cursors: [cursor, cursor], x: 3, y: 4 });
});
