import type { DocumentOp } from "../../../src/kinds/document/types.ts";
import type { HistoryRun } from "../../../src/room/api.ts";
import { type Json, isObject } from "./json.ts";
import { type Pointer, child } from "./pointer.ts";

/** What somebody did, as one line of the activity list. */
export interface Activity {
  /** Number of its newest op; unique within an epoch. */
  readonly seq: number;
  /** When it last happened, milliseconds since 1970. */
  readonly at: number;
  /** The author's public name; absent for the server's own. */
  readonly by?: string;
  readonly user?: string;
  readonly what: "changed" | "removed" | "replaced";
  readonly paths: readonly Pointer[];
}

/** Typing arrives as many small ops: those within this many milliseconds of each other are one line. */
const TOGETHER = 60_000;

/** The log as people tell it, newest first: one author's changes to the same fields in a row are one line. */
export function activities(runs: readonly HistoryRun[]): Activity[] {
  const lines: Activity[] = [];
  for (const run of runs) {
    let seq = run.seq;
    for (const entry of run.entries) {
      for (const op of entry.ops as readonly DocumentOp[]) {
        const line: Activity = {
          ...describe(op),
          seq,
          at: run.at,
          ...(entry.by === undefined ? {} : { by: entry.by }),
          ...(entry.user === undefined ? {} : { user: entry.user }),
        };
        const last = lines.at(-1);
        if (last !== undefined && continues(last, line)) lines[lines.length - 1] = line;
        else lines.push(line);
        seq += 1;
      }
    }
  }
  return lines.toReversed();
}

function continues(last: Activity, next: Activity): boolean {
  return (
    last.by === next.by &&
    last.what === next.what &&
    next.at - last.at <= TOGETHER &&
    last.paths.length === next.paths.length &&
    last.paths.every((path, i) => path === next.paths[i])
  );
}

function describe(op: DocumentOp): Pick<Activity, "what" | "paths"> {
  switch (op.type) {
    case "set":
      return { what: "replaced", paths: [""] };
    case "merge":
      return { what: "changed", paths: Object.keys(op.value).map((key) => child("", key)) };
    case "mergePatch":
      return mergePatchPaths(op.patch);
    case "jsonPatch":
      return {
        what: op.patch.every((part) => part.op === "remove") ? "removed" : "changed",
        paths: unique(op.patch.map((part) => part.path)),
      };
    case "update":
      return {
        what: op.fields.every((field) => field.op === "delete") ? "removed" : "changed",
        paths: unique(op.fields.map((field) => field.path)),
      };
  }
}

function mergePatchPaths(patch: Json): Pick<Activity, "what" | "paths"> {
  if (!isObject(patch)) return { what: "replaced", paths: [""] };
  const paths: Pointer[] = [];
  let removals = 0;
  const walk = (value: Json, path: Pointer) => {
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) walk(inner, child(path, key));
    } else {
      paths.push(path);
      if (value === null) removals += 1;
    }
  };
  walk(patch, "");
  return { what: removals === paths.length && removals > 0 ? "removed" : "changed", paths };
}

function unique(paths: readonly Pointer[]): Pointer[] {
  return [...new Set(paths)];
}
