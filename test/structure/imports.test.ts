import { expect, test } from "vitest";
import { findCircle, type Import, reach } from "./imports.ts";

const edge = (from: string, to: string): Import => ({ from, to, local: true, typeOnly: false });

test("a circle is found wherever it is entered", () => {
  const line = [edge("a", "b"), edge("b", "c"), edge("a", "c")];
  expect(findCircle(line)).toBeUndefined();
  expect(findCircle([...line, edge("c", "b")])).toEqual(["b", "c", "b"]);
  expect(findCircle([edge("a", "a")])).toEqual(["a", "a"]);
});

test("reach follows imports of imports, and packages", () => {
  const imports = [edge("a", "b"), edge("b", "c"), { ...edge("c", "hono"), local: false }, edge("d", "e")];
  expect([...reach("a", imports)]).toEqual(["a", "b", "c", "hono"]);
});
