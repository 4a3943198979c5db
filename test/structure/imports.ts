import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { parseAst } from "vite";

export const ROOT = join(import.meta.dirname, "../..");

export interface Import {
  /** The importing file, from the root of the repository, with forward slashes. */
  readonly from: string;
  /** A file of the repository in the same form, or a package. */
  readonly to: string;
  readonly local: boolean;
  /** Erased before it runs. */
  readonly typeOnly: boolean;
}

/** Every TypeScript file under `folder` that is not a test, from the root of the repository. */
export function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name).split(sep).join("/"))
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|\.d\.ts$|\/node_modules\/|\/fixtures\//.test(name));
}

/** The imports, exports-from and dynamic imports of a file, in order. */
export function importsOf(from: string): Import[] {
  const found: Import[] = [];
  const text = readFileSync(join(ROOT, from), "utf8");
  visit(parseAst(text, { lang: from.endsWith("x") ? "tsx" : "ts" }), (node) => {
    switch (node["type"]) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
      case "ImportExpression":
      case "TSImportType": {
        const source = node["source"];
        if (isNode(source) && typeof source["value"] === "string")
          found.push(describe(from, source["value"], isTypeOnly(node)));
        break;
      }
      default:
    }
  });
  return found;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

/** Calls `enter` with every node of the tree. */
export function visit(node: unknown, enter: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, enter);
  } else if (isNode(node)) {
    if (typeof node["type"] === "string") enter(node);
    for (const child of Object.values(node)) if (isNode(child)) visit(child, enter);
  }
}

function isTypeOnly(node: Node): boolean {
  if (node["type"] === "TSImportType" || node["importKind"] === "type" || node["exportKind"] === "type") return true;
  const specifiers = node["specifiers"];
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every(
    (each: unknown) => isNode(each) && (each["importKind"] === "type" || each["exportKind"] === "type"),
  );
}

function describe(from: string, source: string, typeOnly: boolean): Import {
  const local = source.startsWith(".");
  const to = local
    ? relative(ROOT, resolve(ROOT, from, "..", source))
        .split(sep)
        .join("/")
    : source;
  return { from, to, local, typeOnly };
}

/** The first circle of these imports, as the files on it, or undefined. */
export function findCircle(imports: readonly Import[]): string[] | undefined {
  const edges = Map.groupBy(
    imports.filter(({ local }) => local),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const { to } of edges.get(file) ?? []) {
      const circle = walk(to);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of edges.keys()) {
    const circle = walk(file);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Every file that `start` reaches, itself included. */
export function reach(start: string, imports: readonly Import[]): Set<string> {
  const seen = new Set([start]);
  for (const file of seen) for (const { from, to } of imports) if (from === file) seen.add(to);
  return seen;
}
