import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.ts";

/** A port in use is tried again this many times, this long apart. */
const PORT_TRIES = 5;
const PORT_PAUSE_MS = 200;

/** Rejects with a Failure when the port stays taken: a server that is just stopping gets a moment to let go. */
export async function assertFree(port: number, host: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const error = await listenOnce(port, host);
    if (error === undefined) return;
    if (error.code === "EACCES") throw new Failure(`Port ${port} needs more rights than this user has.`);
    if (error.code !== "EADDRINUSE") throw new Failure(`Cannot listen on ${host}:${port}: ${error.message}`);
    if (tries === PORT_TRIES) throw portInUse(port, host);
    await sleep(PORT_PAUSE_MS);
  }
}

export function portInUse(port: number, host: string): Failure {
  return new Failure(`Port ${port} on ${displayHost(host)} is in use. Choose another with --port or PORT.`);
}

/** The host as it stands in a URL for people. */
export function displayHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "127.0.0.1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

function listenOnce(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((settle) => {
    const probe = createServer();
    probe.once("error", settle);
    probe.listen(port, host, () => probe.close(() => settle(undefined)));
  });
}
