import { expect, test } from "vitest";
import { addField, putField, removeField, renameField } from "./intents.ts";

const root = { title: "x", tags: ["red", "blue"], team: [{ id: 7, name: "Ana" }] };

test("a field outside of lists is put, whatever it was: the last writer wins that field alone", () => {
  expect(putField(root, "/title", "y")).toEqual([
    { type: "jsonPatch", patch: [{ op: "replace", path: "/title", value: "y" }] },
  ]);
  expect(removeField(root, "/title")).toEqual([{ type: "update", fields: [{ op: "delete", path: "/title" }] }]);
});

test("in a list the element that is meant is tested first", () => {
  expect(putField(root, "/team/0/name", "Bo")).toEqual([
    {
      type: "jsonPatch",
      patch: [
        { op: "test", path: "/team/0/id", value: 7 },
        { op: "replace", path: "/team/0/name", value: "Bo" },
      ],
    },
  ]);
  expect(removeField(root, "/tags/0")).toEqual([
    {
      type: "jsonPatch",
      patch: [
        { op: "test", path: "/tags/0", value: "red" },
        { op: "remove", path: "/tags/0" },
      ],
    },
  ]);
});

test("a new element goes to the end of its list, wherever that is by then", () => {
  expect(addField(root, "/tags/2", "green")).toEqual([
    { type: "jsonPatch", patch: [{ op: "add", path: "/tags/-", value: "green" }] },
  ]);
});

test("a rename keeps the value that the field has by then", () => {
  expect(renameField(root, "/title", "/name")).toEqual([
    { type: "jsonPatch", patch: [{ op: "move", from: "/title", path: "/name" }] },
  ]);
});

test("the whole document is set", () => {
  expect(putField("a", "", "b")).toEqual([{ type: "set", value: "b" }]);
});
