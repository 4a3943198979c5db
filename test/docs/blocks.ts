import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A fenced piece of code in a page of the documentation. */
export interface Block {
  /** Such as `README.md:42`, the line of the fence. */
  readonly at: string;
  /** `ts`, `tsx`, `jsonc`... as the fence says. */
  readonly language: string;
  readonly code: string;
  /** What the comment `<!-- check: ... -->` on the line before the fence says; `undefined` without one. */
  readonly check: string | undefined;
}

/** README.md, PROTOCOL.md and docs/*.md, as far as they exist. */
export function pages(): string[] {
  const docs = existsSync(join(ROOT, "docs")) ? readdirSync(join(ROOT, "docs")) : [];
  const names = [
    "README.md",
    "PROTOCOL.md",
    ...docs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ];
  return names.filter((name) => existsSync(join(ROOT, name)));
}

export function blocksOf(page: string): Block[] {
  return parseBlocks(page, readFileSync(join(ROOT, page), "utf8"));
}

export function parseBlocks(page: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  let open:
    | {
        readonly at: string;
        readonly language: string;
        readonly fence: string;
        readonly indent: number;
        readonly check: string | undefined;
      }
    | undefined;
  let code: string[] = [];
  let comment: string | undefined;
  for (const [index, line] of lines.entries()) {
    const [, indent = "", fence, language] = /^(\s*)(`{3,})\s*(\w*)/.exec(line) ?? [];
    if (open !== undefined) {
      if (fence !== undefined && fence.length >= open.fence.length && language === "") {
        blocks.push({ at: open.at, language: open.language, code: `${code.join("\n")}\n`, check: open.check });
        open = undefined;
      } else {
        code.push(line.slice(open.indent));
      }
    } else if (fence !== undefined) {
      open = { at: `${page}:${index + 1}`, language: language ?? "", fence, indent: indent.length, check: comment };
      code = [];
      comment = undefined;
    } else if (line.trim() !== "") {
      comment = /^\s*<!--\s*check:\s*(.*?)\s*-->\s*$/.exec(line)?.[1];
    }
  }
  return blocks;
}
