import { execFileSync } from "node:child_process";

/** Below this many, a crowd of sockets or of rooms can use them up. */
export const FEW_DESCRIPTORS = 16_384;

/**
 * How many files and sockets workerd may have open; undefined where the system does not say. Node raises its own limit
 * to the hard one when it starts, and workerd inherits it, so this is the hard limit.
 */
export function descriptorLimit(): number | undefined {
  if (process.platform === "win32") return undefined;
  try {
    const text = execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return text.trim() === "unlimited" ? Infinity : Number(text);
  } catch {
    return undefined;
  }
}

/** What to tell the operator when the limit is low. */
export function descriptorWarning(limit: number | undefined): string | undefined {
  if (limit === undefined || !(limit < FEW_DESCRIPTORS)) return undefined;
  return (
    `This process may have ${limit} files and sockets open, which is few: each connection needs one, each awake room ` +
    `three, and the runtime ends when none is left. Raise the hard limit to ${FEW_DESCRIPTORS} or more (ulimit -Hn, LimitNOFILE).`
  );
}
