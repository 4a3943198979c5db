import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerName } from "../contestants.ts";
import { Server } from "./server.ts";

/** The servers of a run: one of each, started when first needed, all stopped at the end. */
export class Servers {
  readonly #folder = mkdtempSync(join(tmpdir(), "roomcast-bench-"));
  readonly #running = new Map<ServerName, Server>();

  async get(name: ServerName): Promise<Server> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const server = await Server.start(name, join(this.#folder, name));
    this.#running.set(name, server);
    return server;
  }

  /** Starts it anew on the same data. */
  async restart(name: ServerName): Promise<Server> {
    await this.stop(name);
    return this.get(name);
  }

  async stop(name: ServerName): Promise<void> {
    const server = this.#running.get(name);
    this.#running.delete(name);
    await server?.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name)));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
