import { readFileSync } from "node:fs";

/** How often to look, in milliseconds. */
const INTERVAL = 250;

// As early as can be: npm may end while the server is still starting.
const before = process.env["npm_lifecycle_event"] === undefined ? undefined : ancestors();

/**
 * Calls back once when npm, which started this process through a shell, has ended. A signal to npm ends npm and the
 * shell, but does not reach what they started: a server would go on and hold its port. Does nothing outside npm.
 */
export function onOrphaned(callback: () => void): void {
  if (before === undefined) return;
  const timer = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(timer);
    callback();
  }, INTERVAL);
  timer.unref();
}

/** The shell, and npm above it where the system says so in a file. */
function ancestors(): string {
  const parent = process.ppid;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, "utf8");
    // After the name in parentheses, which may hold anything: state, parent.
    const grandparent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    return `${parent} ${String(grandparent)}`;
  } catch {
    return String(parent);
  }
}
