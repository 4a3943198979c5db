import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, type ParseError } from "jsonc-parser";
import { afterAll, expect, test } from "vitest";
import { type Block, blocksOf, pages } from "./blocks.ts";

const ROOT = join(import.meta.dirname, "../..");
const TSC = join(ROOT, "node_modules/.bin/tsc");
const WORKER = /from "(roomcast\/server|cloudflare:workers)"/;

const blocks = pages().flatMap(blocksOf);
mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
const folder = mkdtempSync(join(ROOT, "node_modules/.cache/docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where the block is written: under its own name in a folder for its page, so that blocks of a page can import it. */
function fileOf(block: Block): string {
  const [page = "", line = ""] = block.at.split(":");
  const name = block.check?.startsWith("file ") === true ? block.check.slice(5) : `line-${line}.${block.language}`;
  return join(page.replaceAll(/[^\w]/g, "-"), name);
}

function programOf(block: Block): "worker" | "client" {
  if (block.check === "worker" || block.check === "client") return block.check;
  return WORKER.test(block.code) ? "worker" : "client";
}

test.each(["worker", "client"] as const)("the %s examples type-check", async (program) => {
  const chosen = blocks.filter(({ language, check }) => /^tsx?$/.test(language) && check !== "none");
  for (const block of chosen) {
    mkdirSync(join(folder, fileOf(block), ".."), { recursive: true });
    writeFileSync(join(folder, fileOf(block)), `${block.code}export {};\n`);
  }
  const files = chosen.filter((block) => programOf(block) === program).map(fileOf);
  if (files.length === 0) return;
  const config = {
    extends: join(ROOT, `tsconfig.${program}.json`),
    compilerOptions: LOOSE,
    include: [],
    exclude: [],
    files,
  };
  writeFileSync(join(folder, `${program}.json`), JSON.stringify(config));
  const run = promisify(execFile)(TSC, ["-p", join(folder, `${program}.json`)], { cwd: folder });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  expect(stdout).toBe("");
});

/** An example may declare what it does not use. */
const LOOSE = { noUnusedLocals: false, noUnusedParameters: false };

test("the JSON examples parse", () => {
  const bad = blocks
    .filter(({ language, check }) => /^jsonc?$/.test(language) && check !== "none")
    .filter(({ language, code }) => {
      const parses = (text: string) => {
        const errors: ParseError[] = [];
        parse(text, errors, { disallowComments: language === "json", allowTrailingComma: language === "jsonc" });
        return errors.length === 0;
      };
      // One value, or one a line.
      return !parses(code) && !code.trim().split("\n").every(parses);
    });
  expect(bad.map(({ at }) => at)).toEqual([]);
});
