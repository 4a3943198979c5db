import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Failure } from "./failure.ts";

/** What runs a Worker on this machine: wrangler, of the project that is served, and the Miniflare that it brings. */
export interface Engine {
  readonly miniflare: typeof import("miniflare");
  readonly wrangler: typeof import("wrangler");
  /** wrangler's own command. */
  readonly command: string;
}

/** Loads it from the project in `folder`, else from where this command is installed. Throws a Failure when neither has it. */
export function loadEngine(folder: string): Engine {
  // Nothing here may call Cloudflare: no example of `request.cf`, no statistics.
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";
  process.env["WRANGLER_SEND_METRICS"] ??= "false";
  const manifest = locate([join(folder, "package.json"), import.meta.filename]);
  if (manifest === undefined) {
    throw new Failure("Running rooms on this machine needs wrangler: npm install --save-dev wrangler");
  }
  const load = createRequire(manifest);
  const wrangler = load("wrangler") as Engine["wrangler"];
  const miniflare = load("miniflare") as Partial<Engine["miniflare"]>;
  if (!isRecent(miniflare)) {
    throw new Failure("This wrangler is too old to run rooms on this machine: npm install --save-dev wrangler@latest");
  }
  // Else workerd takes `request.cf` from this header, and does not tell the address and port of the caller.
  Object.assign(miniflare.CoreHeaders ?? {}, { CF_BLOB: undefined });
  return { wrangler, miniflare, command: join(dirname(manifest), "bin/wrangler.js") };
}

/** The path of wrangler's package.json, seen from the first of these files that sees it. */
function locate(from: readonly string[]): string | undefined {
  for (const file of from) {
    try {
      return createRequire(file).resolve("wrangler/package.json");
    } catch {
      // The next one may.
    }
  }
  return undefined;
}

function isRecent(miniflare: Partial<Engine["miniflare"]>): miniflare is Engine["miniflare"] {
  return typeof miniflare.convertV4MiniflareOptions === "function" && typeof miniflare.Miniflare === "function";
}
