// Bundles the site script into the text that the Worker serves as /sdk.js: `npm run build:sdk`, after changes in src/sdk.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "..");
const OUT = join(ROOT, "src/sdk/built.ts");

/** The script as browsers get it: one classic script, minified, for browsers of 2020 and later. */
export async function bundleSdk(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "src/sdk/script.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2020",
    write: false,
  });
  return outputFiles[0]?.text.trim() ?? "";
}

/** The module that carries it. */
export function asModule(script: string): string {
  const tag = createHash("sha256").update(script).digest("base64url").slice(0, 16);
  return `// Made by "npm run build:sdk" from the other files here.
export const SDK =
  ${quote(script)};

/** Changes with it. */
export const SDK_TAG = "${tag}";
`;
}

/** As the formatter wants it: in the quotes that need fewer escapes. */
function quote(text: string): string {
  const double = JSON.stringify(text);
  const single = `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  return single.length < double.length ? single : double;
}

if (process.argv[1] === import.meta.filename) writeFileSync(OUT, asModule(await bundleSdk()));
