import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

/** Child processes that must not outlive this one, and whether each leads a process group of its own. */
const running = new Map<ChildProcess, boolean>();
let hooked = false;

/** Kills the child when this process exits, however it exits short of `kill -9`. `group`: it was spawned detached. */
export function endWithProcess(child: ChildProcess, { group = false }: { readonly group?: boolean } = {}): void {
  if (!hooked) process.on("exit", () => [...running.keys()].forEach(killHard));
  hooked = true;
  running.set(child, group);
  const forget = () => running.delete(child);
  child.once("exit", forget);
  child.once("error", forget);
}

/** Ends a child at once. A child that leads a group takes the whole group with it. */
export function killHard(child: ChildProcess): void {
  if (child.pid === undefined || hasEnded(child)) return;
  const leads = running.get(child) === true && process.platform !== "win32";
  try {
    process.kill(leads ? -child.pid : child.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * Kills `child` when this process ends in any way, `kill -9` included: a shell that waits for its standard input to
 * close. Call the result when the child has ended, so that the shell does not kill a stranger with the same pid.
 */
export function guard(child: ChildProcess): () => void {
  if (child.pid === undefined || process.platform === "win32") return () => {};
  // The signals of a terminal that closes must not end the guard before its time.
  const script = `trap '' INT TERM HUP; while read -r _; do :; done; kill -9 "$1" 2>/dev/null`;
  const shell = spawn("sh", ["-c", script, "sh", String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", () => {});
  shell.unref();
  // The pipe must not keep this process alive either.
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  shell.stdin.on("error", () => {});
  return () => {
    shell.kill("SIGKILL");
    shell.stdin.destroy();
  };
}
