import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "jsonc-parser";

export const ROOT = join(import.meta.dirname, "../..");
/** From the root of the repository. */
export const SOURCE = "test/serve/project/wrangler.jsonc";

/** The project of these tests, bundled already, so that it starts fast. */
export interface BundledProject {
  readonly config: string;
  readonly folder: string;
  remove(): Promise<void>;
}

export async function bundleProject(): Promise<BundledProject> {
  const folder = await mkdtemp(join(tmpdir(), "roomcast-serve-"));
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--config", join(ROOT, SOURCE), "--outdir", folder];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, WRANGLER_SEND_METRICS: "false" } });
  const settings = parse(await readFile(join(ROOT, SOURCE), "utf8")) as { assets: object };
  const assets = { ...settings.assets, directory: join(ROOT, "test/serve/project/public") };
  const config = join(folder, "wrangler.json");
  await writeFile(config, JSON.stringify({ ...settings, main: "worker.js", no_bundle: true, assets }));
  return { config, folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}
