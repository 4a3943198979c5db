import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { endWithProcess } from "./children.ts";
import type { Engine } from "./engine.ts";
import { Failure } from "./failure.ts";

const CONFIG_NAMES = ["wrangler.jsonc", "wrangler.json", "wrangler.toml"];

/** A Worker that is ready to run. */
export interface Project extends Bundle {
  readonly name: string;
  /** The wrangler configuration that describes it, absolute. */
  readonly configPath: string;
}

export interface Bundle {
  /** The main module first. */
  readonly modules: readonly WorkerModule[];
  readonly modulesRoot: string;
}

export interface WorkerModule {
  readonly type: "ESModule" | "CompiledWasm" | "Text" | "Data";
  readonly path: string;
}

/** What a build tool left, by their configurations. */
export interface Build {
  readonly configPath: string;
  /** Workers that run beside the one that is served. */
  readonly beside: readonly string[];
}

/** The wrangler configuration at `path`, or the one in `folder`. Throws a Failure when there is none. */
export function findConfig(path: string | undefined, folder: string): string {
  if (path !== undefined) {
    const absolute = resolve(folder, path);
    if (!existsSync(absolute)) throw new Failure(`No such file: ${absolute}`);
    return absolute;
  }
  for (const name of CONFIG_NAMES) {
    const candidate = join(folder, name);
    if (existsSync(candidate)) return candidate;
  }
  throw new Failure(`Found no wrangler.jsonc, wrangler.json or wrangler.toml in ${folder}. Name one with --config.`);
}

/**
 * The build that a tool such as Vite left for this configuration, if there is one, else `undefined`.
 * Such a tool writes `.wrangler/deploy/config.json` beside the configuration, and wrangler follows it too.
 */
export function findBuild(configPath: string): Build | undefined {
  const pointer = join(dirname(configPath), ".wrangler/deploy/config.json");
  if (!existsSync(pointer)) return undefined;
  const parsed = readPointer(pointer);
  const built = builtConfig(pointer, parsed);
  if (built === undefined) return undefined;
  if (!existsSync(built)) {
    throw new Failure(`${pointer} names a build that is not there: ${built}. Build the project again.`);
  }
  const others =
    typeof parsed === "object" && parsed !== null && "auxiliaryWorkers" in parsed ? parsed.auxiliaryWorkers : [];
  const beside = Array.isArray(others)
    ? others.flatMap((other) => builtConfig(pointer, other) ?? []).filter((path) => existsSync(path))
    : [];
  return { configPath: built, beside };
}

function builtConfig(pointer: string, entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null || !("configPath" in entry)) return undefined;
  if (typeof entry.configPath !== "string") return undefined;
  return resolve(dirname(pointer), entry.configPath);
}

function readPointer(pointer: string): unknown {
  try {
    return JSON.parse(readFileSync(pointer, "utf8"));
  } catch (error) {
    throw new Failure(`Cannot read ${pointer}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Every module in a folder of built code, the main one first. */
export function listModules(folder: string, main: string): WorkerModule[] {
  const modules: WorkerModule[] = [{ type: "ESModule", path: main }];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const type = moduleType(path);
    if (entry.isFile() && type !== undefined && path !== main) modules.push({ type, path });
  }
  return modules;
}

function moduleType(path: string): WorkerModule["type"] | undefined {
  switch (extname(path)) {
    case ".js":
    case ".mjs":
      return "ESModule";
    case ".wasm":
      return "CompiledWasm";
    case ".txt":
    case ".html":
    case ".sql":
      return "Text";
    case ".bin":
      return "Data";
    default:
      return undefined;
  }
}

/** Runs the project's own build, in sight of whoever started it. */
export async function runBuild(command: string, cwd: string): Promise<void> {
  // A group of its own, so that all of it can be ended: the command is a shell, which starts others.
  const detached = process.platform !== "win32";
  const child = spawn(command, { cwd, shell: true, stdio: ["ignore", "inherit", "inherit"], detached });
  endWithProcess(child, { group: detached });
  const status = await new Promise<number | null>((settle, reject) => {
    child.once("error", reject);
    child.once("close", settle);
  });
  if (status !== 0) throw new Failure(`The build failed: ${command}`);
}

/** Bundles the Worker of a configuration as `wrangler deploy` would, without any call to Cloudflare. */
export async function bundle(engine: Engine, configPath: string, main: string, folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { status, output } = await runWrangler(
    engine,
    ["deploy", "--dry-run", "--outdir", folder, "--config", configPath],
    dirname(configPath),
  );
  if (status !== 0) throw new Failure(`Could not bundle the Worker of ${configPath}:\n${output.trim()}`);
  const mainModule = join(folder, `${basename(main, extname(main))}.js`);
  if (!existsSync(mainModule)) throw new Failure(`wrangler left no ${mainModule}:\n${output.trim()}`);
  return { modules: listModules(folder, mainModule), modulesRoot: folder };
}

function runWrangler(
  engine: Engine,
  args: readonly string[],
  cwd: string,
): Promise<{ status: number | null; output: string }> {
  const detached = process.platform !== "win32";
  const child = spawn(process.execPath, [engine.command, ...args], {
    cwd,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", NO_COLOR: "1", CI: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  endWithProcess(child, { group: detached });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("close", (status) => settle({ status, output }));
  });
}
