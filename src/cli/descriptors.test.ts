import { expect, test } from "vitest";
import { awakeRoomsFor, descriptorLimit, descriptorWarning, FEW_DESCRIPTORS } from "./descriptors.ts";

test("a low limit of open files is told with its number and the remedy, a high or unknown one is not", () => {
  expect(descriptorWarning(4096)).toMatch(/^This process may have 4096 files .*Raise the hard limit to 16384/);
  expect(descriptorWarning(FEW_DESCRIPTORS)).toBeUndefined();
  expect(descriptorWarning(Infinity)).toBeUndefined();
  expect(descriptorWarning(undefined)).toBeUndefined();
});

test.skipIf(process.platform === "win32")("the limit is the one that children of this process get", () => {
  expect(descriptorLimit()).toBeGreaterThan(0);
});

test.each([
  [1024, 200],
  [4096, 512],
  [1_048_576, 2000],
  [Infinity, 2000],
  [undefined, 2000],
])("with a limit of %s files, one address may keep %s rooms awake", (limit, rooms) => {
  expect(awakeRoomsFor(limit)).toBe(rooms);
});
