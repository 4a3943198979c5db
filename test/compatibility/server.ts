import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { parse } from "jsonc-parser";
import { TestServer } from "../harness/server.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface FixtureServerOptions {
  /** The folder to serve. */
  readonly dataDir: string;
  /** The time at which the rooms' clock starts, in milliseconds since 1970. */
  readonly now: number;
}

/** `roomcast start` with the Worker of the fixtures: the application's bindings, and a clock that starts at `now`. */
export class FixtureServer {
  readonly #server: TestServer;
  readonly #folder: string;

  private constructor(server: TestServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  static async start({ dataDir, now }: FixtureServerOptions): Promise<FixtureServer> {
    const folder = await mkdtemp(join(tmpdir(), "roomcast-compatibility-"));
    const main = join(folder, "worker.js");
    await build({
      entryPoints: [join(ROOT, "test/compatibility/worker/index.ts")],
      outfile: main,
      bundle: true,
      format: "esm",
      target: "es2024",
      external: ["cloudflare:*"],
      tsconfig: join(ROOT, "tsconfig.base.json"),
      conditions: ["workerd"],
      logLevel: "warning",
    });
    const config = join(folder, "wrangler.json");
    await writeFile(
      config,
      JSON.stringify({ ...(await settings()), main, vars: { CLOCK_OFFSET_MS: now - Date.now() } }),
    );
    try {
      return new FixtureServer(await TestServer.start({ config, dataDir }), folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.#server.url;
  }

  /** Stops it as Ctrl-C does, so that what it leaves on the disk is what a user has. */
  async stop(): Promise<void> {
    await this.#server.signal("SIGINT");
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Of the application's configuration: where the names of the files in a data folder come from. */
async function settings(): Promise<object> {
  const {
    assets: _,
    queues,
    durable_objects,
    migrations,
    ...rest
  } = parse(await readFile(join(ROOT, "wrangler.jsonc"), "utf8")) as {
    readonly assets: object;
    readonly queues: { readonly producers: readonly { readonly queue: string }[] };
    readonly durable_objects: { readonly bindings: readonly object[] };
    readonly migrations: readonly object[];
  };
  return {
    ...rest,
    no_bundle: true,
    durable_objects: { bindings: [...durable_objects.bindings, { name: "COUNTERS", class_name: "Counters" }] },
    migrations: [...migrations, { tag: "fixtures", new_sqlite_classes: ["Counters"] }],
    queues: { ...queues, consumers: queues.producers.map(({ queue }) => ({ queue, max_batch_timeout: 0 })) },
  };
}
