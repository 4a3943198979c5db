import type { Step } from "./apply.ts";

/**
 * Whether no two writes of a step can take each other back, so that it changes the document where one of them does:
 * none at, above or below the place of another, and no array that both gains and loses elements.
 */
export function independent(step: Step): boolean {
  if (step.type !== "jsonPatch" && step.type !== "update") return true;
  const operations: readonly { readonly op: string; readonly path: string; readonly from?: string }[] =
    step.type === "jsonPatch" ? step.patch.filter(({ op }) => op !== "test") : step.fields;
  const places: string[] = [];
  const grown = new Set<string>();
  const shrunk = new Set<string>();
  const note = (path: string, shrinks: boolean): void => {
    places.push(`${path}/`);
    const tokens = path.split("/");
    for (let end = 1; end < tokens.length; end += 1) {
      // A way that is made may add an element to any array that it passes.
      if (!/^(-|\d+)$/.test(tokens[end] ?? "") || (shrinks && end < tokens.length - 1)) continue;
      (shrinks ? shrunk : grown).add(tokens.slice(0, end).join("/"));
    }
  };
  for (const { op, path, from } of operations) {
    note(path, op === "remove" || op === "delete");
    if (op === "move" && from !== undefined) note(from, true);
  }
  // In this order what lies below a place comes right after it.
  places.sort();
  return (
    !places.some((place, index) => places[index + 1]?.startsWith(place)) && ![...grown].some((list) => shrunk.has(list))
  );
}
