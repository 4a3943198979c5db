import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MADE, OPENED } from "./clock.ts";
import { Conversation } from "./conversation.ts";
import { LIVE } from "./recorded/live.ts";
import { STORED, type Scene } from "./recorded/stored.ts";
import { seed } from "./recorded/seed.ts";
import { FixtureServer } from "./server.ts";

/**
 * Records the fixtures of a version: `node test/compatibility/record.ts v0.1.0`, in a checkout of exactly that version.
 * See README.md beside it.
 */
const version = process.argv[2];
if (version === undefined || !/^v\d/.test(version)) {
  console.error("Name the version that this checkout is: node test/compatibility/record.ts v0.1.0");
  process.exit(1);
}

const folder = join(import.meta.dirname, version);
const dataDir = await mkdtemp(join(tmpdir(), "roomcast-record-"));
await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, "stored"), { recursive: true });
await mkdir(join(folder, "live"));
try {
  await withServer(MADE, async (url) => {
    const talk = new Conversation({ url, since: MADE, stored: true });
    await seed(talk);
    await settled(url);
    await writeFile(join(folder, "data.txt"), talk.lines.map((line) => `${line.slice(0, 1_000)}\n`).join(""));
    talk.end();
  });
  await rm(join(dataDir, "bundle"), { recursive: true, force: true });
  await promisify(execFile)("tar", ["-czf", join(folder, "data.tar.gz"), "-C", dataDir, ...(await readdir(dataDir))]);
  await withServer(OPENED, async (url) => {
    for (const [name, scene] of Object.entries(STORED)) await record(url, `stored/${name}.txt`, scene);
    for (const [name, scene] of Object.entries(LIVE)) await record(url, `live/${name}.txt`, scene);
  });
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function withServer(now: number, work: (url: string) => Promise<void>): Promise<void> {
  const server = await FixtureServer.start({ dataDir, now });
  try {
    await work(server.url);
  } finally {
    await server.stop();
  }
}

async function record(url: string, file: string, scene: Scene): Promise<void> {
  const talk = new Conversation({ url, since: OPENED, stored: file.startsWith("stored") });
  try {
    await scene(talk);
  } catch (error) {
    console.error(`${file}: ${String(error)}`);
    process.exitCode = 1;
  } finally {
    talk.end();
    await writeFile(join(folder, file), talk.lines.join("\n") + "\n");
  }
}

/** Until the archive has everything and everything is counted. */
async function settled(url: string): Promise<void> {
  const events = { archived: 120, shop: 8 };
  for (const [stream, count] of Object.entries(events)) {
    for (let tries = 0; ; tries += 1) {
      const stats = await (await fetch(`${url}/stream/${stream}/stats?by=type`)).text();
      if (stats.includes(`"events":${count},"rows"`)) break;
      if (tries === 100) throw new Error(`The events of ${stream} were not counted: ${stats}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
