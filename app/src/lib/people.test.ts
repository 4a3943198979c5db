import { expect, test } from "vitest";
import { HUES, toPerson, toPresence } from "./people.ts";

const spot = { path: "/a", offset: 3 };

test("presence goes there and back", () => {
  const data = toPresence({ name: "Ana", hue: 3 }, "/a/b", { anchor: spot, head: spot });
  expect(toPerson({ conn: "c1", by: "b1", data })).toEqual({
    conn: "c1",
    by: "b1",
    person: "b1",
    name: "Ana",
    hue: 3,
    path: "/a/b",
    cursor: { anchor: spot, head: spot },
  });
});

test("whatever a peer sends, it is somebody with a name, a known colour and at most a place", () => {
  const person = toPerson({
    conn: "c1",
    by: "b1",
    data: { name: "  ", hue: "red; background: url(x)", path: 7, cursor: { anchor: spot, head: { path: 1 } } },
  });
  expect(person).toMatchObject({ name: "Somebody" });
  expect(person.hue).toBeGreaterThanOrEqual(0);
  expect(person.hue).toBeLessThan(HUES);
  expect(person.path).toBeUndefined();
  expect(person.cursor).toBeUndefined();
  expect(toPerson({ conn: "c", by: "b", data: { name: "x".repeat(500), hue: -3 } })).toMatchObject({
    name: "x".repeat(40),
    hue: 5,
  });
});

test("the name that the Worker vouches for comes before one that a client gives itself", () => {
  expect(toPerson({ conn: "c", by: "b", user: { id: "u1", name: "Real" }, data: { name: "Fake" } }).name).toBe("Real");
});

test("presence stays small, however deep one is", () => {
  const deep = { path: "/x".repeat(1000), offset: 0 };
  expect(toPresence({ name: "Ana", hue: 0 }, deep.path, { anchor: deep, head: deep })).toEqual({ name: "Ana", hue: 0 });
});
