import { describe, expect, test } from "vitest";
import { activities } from "./activity.ts";
import { ago, brief, bytes } from "./format.ts";
import { guards } from "./guard.ts";
import { convert } from "./json.ts";
import { documentName, initials, toDocumentId } from "./names.ts";
import { child, label, within } from "./pointer.ts";

describe("guards", () => {
  const root = { tags: ["red", "blue"], team: [{ id: 7, name: "Ana" }, { name: "Bo" }, [1]] };

  test("a path through no list needs none", () => {
    expect(guards(root, "/tags")).toEqual([]);
  });

  test("an element of plain values is known by its value, an object by a field that the edit leaves alone", () => {
    expect(guards(root, "/tags/1")).toEqual([{ op: "test", path: "/tags/1", value: "blue" }]);
    expect(guards(root, "/team/0/name")).toEqual([{ op: "test", path: "/team/0/id", value: 7 }]);
    expect(guards(root, "/team/1/name")).toEqual([]);
    expect(guards(root, "/team/1")).toEqual([{ op: "test", path: "/team/1/name", value: "Bo" }]);
    expect(guards(root, "/team/2/0")).toEqual([{ op: "test", path: "/team/2/0", value: 1 }]);
  });
});

describe("activities", () => {
  const put = (path: string, value: string) => ({ type: "update", fields: [{ op: "put", path, value }] });

  test("typing is one line, newest first", () => {
    const lines = activities([
      {
        seq: 1,
        at: 1000,
        entries: [
          { by: "a", ops: [put("/t", "h")] },
          { by: "a", ops: [put("/t", "he")] },
        ],
      },
      { seq: 3, at: 2000, entries: [{ by: "b", ops: [{ type: "set", value: {} }] }] },
      { seq: 4, at: 3000, entries: [{ by: "a", ops: [{ type: "jsonPatch", patch: [{ op: "remove", path: "/x" }] }] }] },
    ]);
    expect(lines.map((line) => [line.by, line.what, line.paths, line.seq])).toEqual([
      ["a", "removed", ["/x"], 4],
      ["b", "replaced", [""], 3],
      ["a", "changed", ["/t"], 2],
    ]);
  });

  test("a pause begins a new line", () => {
    const run = (seq: number, at: number) => ({ seq, at, entries: [{ by: "a", ops: [put("/t", "h")] }] });
    expect(activities([run(1, 0), run(2, 61_000)])).toHaveLength(2);
  });

  test("a merge patch names its fields", () => {
    const patch = { a: { b: 1 }, c: null };
    expect(activities([{ seq: 1, at: 0, entries: [{ ops: [{ type: "mergePatch", patch }] }] }])[0]).toMatchObject({
      what: "changed",
      paths: ["/a/b", "/c"],
    });
  });
});

test("labels are for people", () => {
  expect(label("/team/1/na~1me", { team: [{}, {}] })).toBe("team › #2 › na/me");
  expect(label("")).toBe("the whole document");
  expect(child("/a", "b/c")).toBe("/a/b~1c");
  expect([within("/a/b", "/a"), within("/ab", "/a")]).toEqual([true, false]);
});

test("times, sizes and values in a few words", () => {
  expect([ago(0, 30_000), ago(0, 240_000), ago(0, 7_200_000)]).toEqual(["just now", "4 min. ago", "2 hr. ago"]);
  expect([bytes(312), bytes(1400), bytes(2_000_000)]).toEqual(["312 B", "1.4 kB", "2.0 MB"]);
  expect([brief([]), brief([1]), brief({ a: 1, b: 2 }), brief("x".repeat(60), 10)]).toEqual([
    "[]",
    "[1 item]",
    "{2 fields}",
    '"xxxxxxxx…"',
  ]);
});

test("a change of type keeps what it can", () => {
  expect(convert("42", "number")).toBe(42);
  expect(convert("yes", "boolean")).toBe(true);
  expect(convert({ a: 1 }, "array")).toEqual([1]);
  expect(convert("x", "array")).toEqual(["x"]);
  expect(convert(null, "string")).toBe("");
});

test("names", () => {
  expect(documentName(() => 0)).toBe("amber-bay-100");
  expect([initials("Calm Otter"), initials("ana"), initials("  ")]).toEqual(["CO", "A", "?"]);
  expect(toDocumentId("  Trip to Oslo / plan? ")).toBe("Trip-to-Oslo-plan");
  expect(toDocumentId(" / ")).toBeUndefined();
  expect(toDocumentId("cafe\u0301")).toBe("caf\u00e9");
});
