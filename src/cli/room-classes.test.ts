import { expect, test } from "vitest";
import { classProblems } from "./room-classes.ts";

const bindings = [
  { name: "DOCUMENTS", class_name: "Documents" },
  { name: "OTHERS", class_name: "Others", script_name: "elsewhere" },
];

test.each([
  ["a SQLite class", [{ tag: "v1", new_sqlite_classes: ["Documents"] }]],
  [
    "a renamed SQLite class",
    [
      { tag: "v1", new_sqlite_classes: ["Docs"] },
      { tag: "v2", renamed_classes: [{ from: "Docs", to: "Documents" }] },
    ],
  ],
  ["a transferred class", [{ tag: "v1", transferred_classes: [{ from: "D", from_script: "old", to: "Documents" }] }]],
])("%s is a class for rooms", (_, migrations) => {
  expect(classProblems({ durable_objects: { bindings }, migrations })).toEqual([]);
});

test("a class that is declared in exports is a class for rooms", () => {
  const exports = { Documents: { type: "durable-object", storage: "sqlite" } };
  expect(classProblems({ durable_objects: { bindings }, exports })).toEqual([]);
});

test("a class without SQLite, or in no migration, is named with its binding and the remedy", () => {
  const [keyValue] = classProblems({
    durable_objects: { bindings },
    migrations: [{ tag: "v1", new_classes: ["Documents"] }],
  });
  expect(keyValue).toBe(
    'The class Documents (binding DOCUMENTS) is under "new_classes", without SQLite, so it cannot be a room. List it under "new_sqlite_classes" in "migrations" of the wrangler configuration.',
  );
  expect(classProblems({ durable_objects: { bindings } })).toEqual([
    'The class Documents (binding DOCUMENTS) is in no migration, so it cannot be a room. List it under "new_sqlite_classes" in "migrations" of the wrangler configuration.',
  ]);
});

test("a configuration without objects has no problem", () => {
  expect(classProblems({})).toEqual([]);
  expect(classProblems(undefined)).toEqual([]);
});
