import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Not a development dependency: its `tsc` would take the place of the other version's in `node_modules/.bin`. */
const OLDER = "5.9.3";

const CLIENT = `
import { chat, connect, map, stream } from "roomcast";
import { defineKind } from "roomcast/kind";
import { useChat, useDocument, usePresence, useRoom } from "roomcast/react";
import { checkKind } from "roomcast/testing";
interface Note { title: string; at?: { line: number } }
interface Cursor { name: string; field?: string }
const note = connect("https://notes.example").document<Note, Cursor>("a");
export const title: string | undefined = note.value?.title;
export const all = [chat, map, stream, defineKind, useChat, useDocument, usePresence, useRoom, checkKind];
note.presence.set({ name: "Ada" });
`;
const SERVER = `
import { createWorker, DocumentRoom, roomOf } from "roomcast/server";
export const all = [createWorker, DocumentRoom, roomOf];
`;

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "roomcast-types-"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "types", private: true, type: "module" }));
  await pack(project);
  const tarball = (await readdir(project)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  const install = ["install", "--no-audit", "--no-fund", "--prefer-offline", `./${tarball}`, `typescript@${OLDER}`];
  await run("npm", install, { cwd: project });
  for (const name of ["@cloudflare/workers-types", "@types/react", "csstype", "react"]) {
    const target = join(project, "node_modules", name);
    await mkdir(join(target, ".."), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), target);
  }
  await writeFile(join(project, "client.ts"), CLIENT);
  await writeFile(join(project, "server.ts"), SERVER);
});

/** Packs a copy of the package: packing builds `dist` anew, which another test may be using. */
async function pack(into: string): Promise<void> {
  const copy = join(into, "copy");
  const parts = (await readdir(ROOT)).filter((name) =>
    /^(src|template|package\.json|tsdown\.config\.ts|tsconfig.*\.json|[A-Z]+(\.md)?)$/.test(name),
  );
  for (const part of parts) await cp(join(ROOT, part), join(copy, part), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  await run("npm", ["pack", "--silent", "--pack-destination", into], { cwd: copy });
}

afterAll(() => rm(project, { recursive: true, force: true }));

const SETTINGS = ["5.9", "7.0"].flatMap((version) =>
  ["bundler", "nodenext", "node16"].flatMap((resolution) =>
    [true, false].map((exact) => ({ version, resolution, exact })),
  ),
);

test.each(SETTINGS)(
  "the published types check: TypeScript $version, $resolution, exactOptionalPropertyTypes $exact, without skipLibCheck",
  async ({ version, resolution, exact }) => {
    const tsc = join(version === "5.9" ? project : ROOT, "node_modules/typescript/bin/tsc");
    expect((await run(process.execPath, [tsc, "--version"])).stdout).toContain(`Version ${version}`);
    for (const [file, types, lib] of [
      ["client.ts", [], ["es2022", "dom", "dom.iterable"]],
      ["server.ts", ["@cloudflare/workers-types"], ["es2022"]],
    ] as const) {
      const compilerOptions = {
        target: "es2022",
        module: resolution === "bundler" ? "esnext" : resolution,
        moduleResolution: resolution,
        exactOptionalPropertyTypes: exact,
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        types,
        lib,
      };
      await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
      // tsc explains itself on its standard output, which execFile's error shows.
      await expect(run(process.execPath, [tsc, "-p", project], { cwd: project })).resolves.toMatchObject({
        stdout: "",
      });
    }
  },
);
