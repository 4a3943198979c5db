import { readdirSync, readFileSync } from "node:fs";

/** The workerd that this process has started, through however many others; the newest, if several. Linux only. */
export function findWorkerd(): number {
  const processes = new Map<number, { readonly parent: number; readonly name: string }>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const [, name = "", parent = ""] =
        /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
      processes.set(Number(entry), { parent: Number(parent), name });
    } catch {
      // It has ended meanwhile.
    }
  }
  const ours = (pid: number): boolean => pid === process.pid || (pid > 1 && ours(processes.get(pid)?.parent ?? 0));
  const found = [...processes].filter(([pid, { name }]) => name.startsWith("workerd") && ours(pid)).map(([pid]) => pid);
  const newest = found.sort((a, b) => a - b).at(-1);
  if (newest === undefined) throw new Error("No workerd runs under this process.");
  return newest;
}

/** Resident memory of a process now, in MiB. */
export function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1024);
}

/** Watches a process's resident memory until it is stopped, which answers the largest that it was. */
export function watchMemory(pid: number): { stop(): number } {
  let peak = residentMiB(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMiB(pid));
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, residentMiB(pid));
    },
  };
}
