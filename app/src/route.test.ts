import { expect, test } from "vitest";
import { documentPath, parseRoute } from "./route.ts";

test("a document's path names it, whatever is in the name", () => {
  for (const id of ["plan", "ä/ö", "50%", "a b"]) {
    expect(parseRoute(documentPath(id))).toEqual({ page: "document", id });
  }
});

test.each(["/", "/d/", "/d/a/b", "/d/%zz", "/elsewhere", "/live/%00", "/d/%2E%2E", `/live/${"x".repeat(257)}`])(
  "%.40s is the start",
  (path) => {
    expect(parseRoute(path)).toEqual({ page: "start" });
  },
);
