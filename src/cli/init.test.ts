import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { init, nameFor } from "./init.ts";

let folder: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomcast-init-"));
  said = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line.trim()));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = async (at: string) => JSON.parse(await readFile(join(at, "package.json"), "utf8")) as Manifest;

test("a project has the folder's name, and says what to do next", async () => {
  const target = join(folder, "Tuesday Club");
  await init(target, {});
  expect(await manifest(target)).toMatchObject({ name: "tuesday-club" });
  expect(await readFile(join(target, "wrangler.jsonc"), "utf8")).toContain('"name": "tuesday-club"');
  expect((await readdir(target)).toSorted()).toEqual(
    [
      ".gitignore",
      "README.md",
      "index.html",
      "package.json",
      "page",
      "tsconfig.json",
      "vite.config.ts",
      "worker",
      "wrangler.jsonc",
    ].toSorted(),
  );
  expect(said.slice(-2)).toEqual(["npm install", "npm run dev"]);
  expect(said.at(-3)).toMatch(/^cd ".*Tuesday Club"$/);
});

/** The addresses that a project's wrangler.jsonc gives to the Worker rather than to the page's files. */
async function workerPaths(file: string): Promise<readonly string[]> {
  const list = /"run_worker_first": \[([^\]]*)\]/.exec(await readFile(file, "utf8"))?.[1] ?? "";
  return [...list.matchAll(/"([^"]*)"/g)].map(([, path = ""]) => path).toSorted();
}

test("the project's Worker answers every address of rooms, so that a kind works as soon as it is added", async () => {
  const target = join(folder, "rooms");
  await init(target, {});
  const paths = await workerPaths(join(target, "wrangler.jsonc"));
  const isWorkers = (path: string) =>
    paths.some((rule) => (rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule));
  const addresses = ["/doc/a", "/room/game/a", "/chat", "/chat/a/b", "/api/room", "/map/a", "/api/map/a", "/stream/a"];
  const ofStreams = ["/publish", "/subscribe", "/sdk.js", "/v1/stream/a/b"];
  expect([...addresses, ...ofStreams].filter((path) => !isWorkers(path))).toEqual([]);
  expect(["/", "/index.html", "/assets/page.js", "/document"].filter(isWorkers)).toEqual([]);
  // The example has rooms of every kind, and the page on how to start names the same addresses.
  expect(paths).toEqual(await workerPaths("wrangler.jsonc"));
  expect(paths).toEqual(await workerPaths("docs/start.md"));
});

test("it uses this roomcast, or the one that it is told to", async () => {
  const { version } = await manifest(".");
  await init(join(folder, "one"), {});
  expect((await manifest(join(folder, "one"))).dependencies).toEqual({ roomcast: `^${version}` });
  await init(join(folder, "two"), { roomcast: "file:../roomcast.tgz" });
  expect((await manifest(join(folder, "two"))).dependencies).toEqual({ roomcast: "file:../roomcast.tgz" });
});

test("what else it installs are the versions that the tests here run with", async () => {
  const [ours, theirs] = await Promise.all([manifest("."), manifest("template")]);
  expect(Object.keys(theirs.devDependencies)).toContain("wrangler");
  expect(ours.devDependencies).toMatchObject(theirs.devDependencies);
});

test("a folder with something in it is left as it is", async () => {
  await writeFile(join(folder, "thesis.txt"), "");
  await expect(init(folder, {})).rejects.toThrow(`${folder} is not empty.`);
  expect(await readdir(folder)).toEqual(["thesis.txt"]);
});

test.each([
  ["rooms", "rooms"],
  ["My Rooms!", "my-rooms"],
  ["--", "my-rooms"],
  ["日本", "my-rooms"],
  [`${"a".repeat(53)}-b`, "a".repeat(53)],
])("the folder %j makes a project %j", (name, project) => {
  expect(nameFor(name)).toBe(project);
});
