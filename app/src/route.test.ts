import { expect, test } from "vitest";
import { documentPath, parseRoute } from "./route.ts";

test("a document's path names it, whatever is in the name", () => {
  for (const id of ["plan", "ä/ö", "50%", "a b"]) {
    expect(parseRoute(documentPath(id))).toEqual({ page: "document", id });
  }
});

test("a name with a slash is the same when a server has unescaped it", () => {
  expect(parseRoute("/live/a/b%20c")).toEqual({ page: "live", id: "a/b c" });
});

test.each(["/", "/index.html"])("%s is the start", (path) => {
  expect(parseRoute(path)).toEqual({ page: "start" });
});

test.each(["/d/", "/d/%zz", "/elsewhere", "/live/%00", "/d/%2E%2E", `/live/${"x".repeat(257)}`])(
  "there is no page at %.40s",
  (path) => {
    expect(parseRoute(path)).toEqual({ page: "missing" });
  },
);
