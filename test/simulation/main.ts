import { parseArgs } from "node:util";
import { installHooks, type SourceEdit } from "./platform/hooks.ts";

// Not what the platform logs when it is told to fail: what matters is checked.
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string", default: "2000" },
    keep: { type: "string" },
    for: { type: "string" },
    edits: { type: "string" },
    "no-shrink": { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

installHooks(values.edits === undefined ? [] : (JSON.parse(values.edits) as readonly SourceEdit[]));
const { simulate } = await import("./run.ts");
process.exitCode = await simulate({
  ...(values.seed === undefined
    ? { from: Number(values.from), count: Number(values.count) }
    : { from: Number(values.seed), count: 1 }),
  ...(values.keep === undefined ? {} : { keep: values.keep.split(",").map(Number) }),
  ...(values.for === undefined ? {} : { duration: values.for }),
  shrinks: !values["no-shrink"],
  verbose: values.verbose,
});
