import { expect, test } from "vitest";
import type { Json } from "../../../src/protocol/json.ts";
import { metadataText, metadataValue } from "./metadata.ts";

test.each<[string, Json | undefined, Json]>([
  ["12", "a text", "12"],
  ["true", "", "true"],
  ["13", 12, 13],
  ['{"a":1}', { a: 0 }, { a: 1 }],
  ["soon", 12, "soon"],
  ["12.5", undefined, 12.5],
  ["true", undefined, true],
  ["[1,2]", undefined, [1, 2]],
  ["007", undefined, "007"],
  ["12345678901234567890", undefined, "12345678901234567890"],
  ["1.50", undefined, "1.50"],
  ["+49 30 123", undefined, "+49 30 123"],
  ["", undefined, ""],
])("a detail's text %j, where %j was, is stored as %j", (text, before, value) => {
  expect(metadataValue(text, before)).toEqual(value);
});

test("a detail that is not changed stays what it is", () => {
  const values: Json[] = ["", "12", "a\nb", 12, 1e-7, true, null, [], { a: [1, "x"] }];
  for (const value of values) expect(metadataValue(metadataText(value), value)).toEqual(value);
});
