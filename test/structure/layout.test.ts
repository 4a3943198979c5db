import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
import { describe, expect, test } from "vitest";
import { findCircle, type Import, importsOf, reach, ROOT, sources, visit } from "./imports.ts";

const ENTRIES = [
  "src/client/index.ts",
  "src/kind.ts",
  "src/server.ts",
  "src/react/index.ts",
  "src/testing/index.ts",
  "src/cli/main.ts",
  "src/sdk/script.ts",
  "src/sdk/built.ts",
];

const written = sources("src");
const everything = written.flatMap(importsOf);
const entries = ENTRIES.filter((entry) => written.includes(entry));
const packed = new Set(entries.flatMap((entry) => [...reach(entry, everything)]));

// What the package is made of. Beside it stands only what tests share.
const files = written.filter((file) => packed.has(file));
const imports = everything.filter(({ from }) => packed.has(from));
const atRunTime = imports.filter(({ typeOnly }) => !typeOnly);

/** What each folder may import besides itself: other folders, single files, packages. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  protocol: ["valibot"],
  kinds: ["protocol", "valibot"],
  dialects: ["protocol", "kinds", "valibot"],
  room: ["protocol", "kinds", "dialects", "@noble/hashes", "cloudflare:workers"],
  edge: [
    "protocol",
    "kinds",
    "pipeline",
    "dialects",
    "room/api.ts",
    "room/durable/api.ts",
    "room/stream/api.ts",
    "room/chat/api.ts",
    "room/map/api.ts",
    "sdk/built.ts",
    "cloudflare:workers",
    "hono",
    "saxes",
    "valibot",
  ],
  client: ["protocol", "kinds"],
  react: ["client", "protocol", "kinds", "react"],
  testing: ["kinds", "protocol"],
  sdk: [],
  cli: [
    "testing/traffic.ts",
    "protocol/reader-state.ts",
    "kinds/json/text.ts",
    "commander",
    "miniflare",
    "wrangler",
    "node:*",
  ],
  "kind.ts": ["kinds", "protocol"],
  pipeline: ["protocol", "room/archive/pointer.ts"],
  "server.ts": ["edge", "pipeline", "room", "kinds", "dialects", "protocol"],
};

const top = (file: string) => file.split("/")[1] ?? "";

function isAllowed({ from, to, local }: Import): boolean {
  const folder = top(from);
  if (local && top(to) === folder) return true;
  return (ALLOWED[folder] ?? []).some((rule) => {
    if (rule === "node:*") return to.startsWith("node:");
    return local ? to === `src/${rule}` || to.startsWith(`src/${rule}/`) : to === rule || to.startsWith(`${rule}/`);
  });
}

const show = ({ from, to, typeOnly }: Import) => `${from} -> ${to}${typeOnly ? " (type)" : ""}`;

describe("folders", () => {
  test("every folder has its rule", () => {
    expect(files.map(top).filter((folder) => !Object.hasOwn(ALLOWED, folder))).toEqual([]);
  });

  test("each imports only what its rule names, in types too", () => {
    expect(imports.filter((each) => !isAllowed(each)).map(show)).toEqual([]);
  });

  test("local imports name a file that is there", () => {
    const known = new Set(files);
    expect(imports.filter(({ local, to }) => local && !known.has(to)).map(show)).toEqual([]);
  });
});

describe("reach", () => {
  const forBrowsers = entries.filter((entry) => /client|react|kind\.ts/.test(entry));

  test.each(forBrowsers)("%s never reaches a room, nor what it runs on", (entry) => {
    const reached = [...reach(entry, imports)];
    expect(reached.filter((to) => /^(src\/(room|edge|cli)\/|cloudflare:|node:|hono)/.test(to))).toEqual([]);
  });

  test.each(forBrowsers)("%s brings no schema library to browsers", (entry) => {
    expect([...reach(entry, atRunTime)]).not.toContain("valibot");
  });

  test("the server reaches neither the client nor Node", () => {
    const reached = [...reach("src/server.ts", imports)];
    expect(reached.filter((to) => /^(src\/(client|react|cli)\/|node:)/.test(to))).toEqual([]);
  });
});

test("what is not in the package is there for tests", () => {
  const tests = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((name) => `src/${name}`)
    .filter((name) => /\.test\.tsx?$/.test(name));
  const elsewhere = ["test", "bench", "examples", "app"].flatMap(sources);
  const used = new Set([...tests, ...elsewhere].flatMap((file) => importsOf(file).map(({ to }) => to)));
  for (const file of used) for (const { from, to } of everything) if (from === file) used.add(to);
  expect(written.filter((file) => !packed.has(file) && !used.has(file) && !file.endsWith("/index.ts"))).toEqual([]);
});

describe("circles", () => {
  test("there is none at run time", () => {
    expect(findCircle(atRunTime)).toBeUndefined();
  });

  test("there is none in types either", () => {
    expect(findCircle(imports)).toBeUndefined();
  });
});

describe("kinds", () => {
  const IMPURE = /^(Date\.now|Math\.random|performance\.now|new Date)$/;

  test.each(files.filter((file) => top(file) === "kinds"))("%s knows no clock and no chance", (file) => {
    const impure: string[] = [];
    visit(parseAst(readFileSync(join(ROOT, file), "utf8"), { lang: "ts" }), (node) => {
      const text = nameOf(node);
      if (IMPURE.test(text)) impure.push(text);
    });
    expect(impure).toEqual([]);
  });

  function nameOf(node: Readonly<Record<string, unknown>>): string {
    const part = (key: string) => {
      const value = node[key];
      return typeof value === "object" && value !== null && "name" in value ? String(value.name) : "";
    };
    if (node["type"] === "MemberExpression") return `${part("object")}.${part("property")}`;
    if (node["type"] === "NewExpression") {
      const bare = Array.isArray(node["arguments"]) && node["arguments"].length === 0;
      return bare ? `new ${part("callee")}` : "";
    }
    return "";
  }
});

test("no file is longer than 500 lines", () => {
  const all = ["src", "app", "bench", "examples", "test", "scripts"].flatMap(sources);
  const long = all.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > 501);
  expect(long).toEqual([]);
});
