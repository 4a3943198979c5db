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

/** The name by which Workers find how many rooms one address may keep awake. */
export const AWAKE_ROOMS_BINDING = "ROOMCAST_AWAKE_ROOMS";
const FEWEST_AWAKE_ROOMS = 200;
const MOST_AWAKE_ROOMS = 2000;

/** How many rooms one address may keep awake: three files each leave more than half of a limit to everybody else. */
export function awakeRoomsFor(limit: number | undefined): number {
  return Math.min(MOST_AWAKE_ROOMS, Math.max(FEWEST_AWAKE_ROOMS, Math.floor((limit ?? Infinity) / 8)));
}

/** What to tell the operator when the limit is low. */
export function descriptorWarning(limit: number | undefined): string | undefined {
  if (limit === undefined || !(limit < FEW_DESCRIPTORS)) return undefined;
  return (
    `This process may have ${limit} files and sockets open, which is few: each connection needs one, each awake room ` +
    `three, and the runtime ends when none is left. Raise the hard limit to ${FEW_DESCRIPTORS} or more (ulimit -Hn, LimitNOFILE).`
  );
}
