/** A `curl` command of the documentation as the request that it makes. */
export interface Recipe {
  readonly path: string;
  readonly init: RequestInit & { readonly headers: Record<string, string> };
}

/** The commands of a shell block, in order. Throws for an option that this reader does not know. */
export function recipesOf(block: string): Recipe[] {
  const lines = block.replaceAll(/\\\n\s*/g, "").split("\n");
  return lines.filter((line) => line.startsWith("curl ")).map(recipeOf);
}

function recipeOf(line: string): Recipe {
  const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? "").slice(1);
  const headers: Record<string, string> = {};
  let path: string | undefined;
  let method: string | undefined;
  let body: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-i" || word === "-N") continue;
    if (word === "--max-time") words.shift();
    else if (word === "-X") method = words.shift();
    else if (word === "-d") body = words.shift();
    else if (word === "-H") {
      const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(words.shift() ?? "") ?? [];
      headers[name] = value;
    } else if (word.startsWith("localhost:8787/")) path = word.slice("localhost:8787".length);
    else throw new Error(`Cannot read ${word} in: ${line}`);
  }
  if (path === undefined) throw new Error(`No address in: ${line}`);
  method ??= body === undefined ? "GET" : "POST";
  return { path, init: { method, headers, ...(body === undefined ? {} : { body }) } };
}
