import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const WORKERS = new URL("./cloudflare-workers.ts", import.meta.url).href;

/** A change to one source file, made while it is loaded. */
export interface SourceEdit {
  /** From the folder of the repository, such as `src/room/ledger.ts`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Makes `cloudflare:workers` importable in Node. `edits` are applied to sources as they are loaded. */
export function installHooks(edits: readonly SourceEdit[] = []): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers" ? { url: WORKERS, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) => {
      const mine = edits.filter(({ file }) => url.endsWith(`/${file}`));
      if (mine.length === 0) return next(url, context);
      let source = readFileSync(fileURLToPath(url), "utf8");
      for (const { file, from, to } of mine) {
        if (source.split(from).length !== 2) throw new Error(`${file} should contain this once: ${from}`);
        source = source.replace(from, () => to);
      }
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}
