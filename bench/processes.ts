import { readFileSync } from "node:fs";

/** Linux counts CPU time in hundredths of a second, whatever the kernel was built with. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** CPU seconds that a process has used; 0 when it is gone or this is not Linux. */
export function cpuSecondsOf(pid: number): number {
  const stat = readProc(`${pid}/stat`);
  // The second field is the command in brackets and may hold spaces: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** Resident bytes of a process; 0 when it is gone or this is not Linux. */
export function residentBytesOf(pid: number): number {
  return Number(readProc(`${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES;
}

/** The children of a process, and theirs. */
export function descendantsOf(pid: number): number[] {
  const children = readProc(`${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** How many files this process may have open; Infinity where it cannot be told. */
export function openFileLimit(): number {
  const line = /^Max open files\s+(\S+)/m.exec(readProc("self/limits"))?.[1];
  return line === undefined || line === "unlimited" ? Number.POSITIVE_INFINITY : Number(line);
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
