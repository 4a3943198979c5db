import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, sources } from "./imports.ts";

const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The names of other files that a file exports, under whatever name. */
function passedOn(file: string): readonly string[] {
  return [...text(file).matchAll(/export (?:type )?\{([^}]*)\} from/g)].flatMap(([, list = ""]) =>
    list.split(",").map((name) => name.trim().replace(/^type | as \w+$/g, "")),
  );
}

/** What the Worker and its rooms say to one another, and what they are given: all of it may be met by who extends them. */
const spoken = [...sources("src/room").filter((file) => file.endsWith("/api.ts")), "src/edge/options.ts"];

test.each(spoken)("`roomcast/server` names every type of %s", (file) => {
  const types = [...text(file).matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  const exported = new Set([...passedOn("src/server.ts"), ...passedOn("src/edge/index.ts")]);
  expect(types.length).toBeGreaterThan(0);
  expect(types.filter((name) => name !== undefined && !exported.has(name))).toEqual([]);
});

test("`roomcast/server` names what a room's own fields and the Worker's options hold", () => {
  const exported = [...passedOn("src/server.ts"), ...passedOn("src/edge/index.ts")];
  expect(exported).toEqual(expect.arrayContaining(["AnyDialect", "Chore", "RoutingServer"]));
});
