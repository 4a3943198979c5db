import { expect, test } from "vitest";
import type { Conditions } from "./api.ts";
import { unmet, type Standing } from "./conditions.ts";

const HERE: Standing = {
  epoch: "e",
  seq: 5,
  untouched: false,
  text: () => expect.fail("the state matters to a blank room only"),
};
const BLANK: Standing = { epoch: "e", seq: 0, untouched: true, text: () => "{}" };
const RESTORED: Standing = { epoch: "e", seq: 0, untouched: false, text: () => '{"a":1}' };

test.each<[string, Conditions, Standing, boolean]>([
  ["nothing asked", {}, HERE, true],
  ["match, the same", { match: ["e.5"] }, HERE, true],
  ["match, in a list", { match: ["x", "e.5"] }, HERE, true],
  ["match, other", { match: ["x", "e.50", "e"] }, HERE, false],
  ["match, nothing that could", { match: [] }, HERE, false],
  ["match *", { match: "*", blank: "{}" }, HERE, true],
  ["match * of nothing", { match: "*", blank: "{}" }, BLANK, false],
  ["match * of what was restored", { match: "*", blank: "{}" }, RESTORED, true],
  ["match * where there is always something", { match: "*" }, BLANK, true],
  ["none-match, the same", { noneMatch: ["e.5"] }, HERE, false],
  ["none-match, other", { noneMatch: ["nope"] }, HERE, true],
  ["none-match *", { noneMatch: "*", blank: "{}" }, HERE, false],
  ["none-match * of nothing", { noneMatch: "*", blank: "{}" }, BLANK, true],
  ["match, where it started from", { match: ["0.0"] }, BLANK, true],
  ["match, where it started from, written to since", { match: ["0.0"] }, HERE, false],
  ["match, where it started from, replaced since", { match: ["0.0"] }, RESTORED, false],
  ["none-match, where it started from", { noneMatch: ["0.0"] }, BLANK, false],
  ["both, one of them unmet", { match: ["e.5"], noneMatch: ["e.5"] }, HERE, false],
])("A7 %s", (_, conditions, now, met) => {
  expect(unmet({ conditions }, now)?.code).toBe(met ? undefined : "version_mismatch");
});
