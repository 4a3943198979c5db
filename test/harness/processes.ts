import { execFileSync } from "node:child_process";

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Ended, but its parent has not asked for its exit code yet. */
  readonly zombie: boolean;
  readonly command: string;
}

function list(): Process[] {
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,comm="], { encoding: "utf8" });
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state, ...command]) => ({
      pid: Number(pid),
      parent: Number(parent),
      zombie: state?.startsWith("Z") === true,
      command: command.join(" "),
    }));
}

/** The running children of a process whose command's name contains `command`. */
export function childrenOf(parent: number, command: string): number[] {
  return list()
    .filter((each) => each.parent === parent && !each.zombie && each.command.includes(command))
    .map(({ pid }) => pid);
}

/** The process and all that it started, and they started, as far as their parents still live. */
export function treeOf(root: number): number[] {
  const all = list();
  const found = [root];
  for (const pid of found) for (const each of all) if (each.parent === pid) found.push(each.pid);
  return found;
}

/** Those that have not ended. */
export function alive(pids: readonly number[]): number[] {
  const living = new Set(
    list()
      .filter(({ zombie }) => !zombie)
      .map(({ pid }) => pid),
  );
  return pids.filter((pid) => living.has(pid));
}
