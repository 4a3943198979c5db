import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { Failure } from "./failure.ts";

/** What the project in the template is called. */
const TEMPLATE_NAME = "my-rooms";
const NAMED = ["package.json", "wrangler.jsonc", "README.md"];

export interface InitOptions {
  /** What stands for roomcast in the project's dependencies: a version, or a `file:` from the project's folder. */
  readonly roomcast?: string;
}

/** `roomcast init`: writes a project that runs. Throws a Failure, and writes nothing, where something is already. */
export async function init(folder: string, { roomcast }: InitOptions): Promise<void> {
  const target = resolve(folder);
  const there = existsSync(target) ? await readdir(target) : [];
  if (there.some((name) => name !== ".git")) throw new Failure(`${folder} is not empty.`);
  const home = packageFolder();
  await mkdir(target, { recursive: true });
  await cp(join(home, "template"), target, { recursive: true });
  // Under its own name it would not come with the package.
  await rename(join(target, "gitignore"), join(target, ".gitignore"));
  const name = nameFor(basename(target));
  for (const file of NAMED) await edit(join(target, file), (text) => text.replaceAll(TEMPLATE_NAME, name));
  const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
  await edit(join(target, "package.json"), (text) =>
    text.replace(/"roomcast": "[^"]*"/, () => `"roomcast": ${JSON.stringify(roomcast ?? `^${version}`)}`),
  );
  const where = relative(process.cwd(), target);
  console.log(`Made ${folder}. Now:\n`);
  for (const step of [
    ...(where === "" ? [] : [`cd ${/\s/.test(where) ? `"${where}"` : where}`]),
    "npm install",
    "npm run dev",
  ])
    console.log(`  ${step}`);
}

/** A name that npm and Workers both allow, as close to the folder's as may be. */
export function nameFor(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 54)
    .replaceAll(/^-|-$/g, "");
  return name === "" ? TEMPLATE_NAME : name;
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

/** As source and as built, this module is at different depths. */
function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
