import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPENED } from "./clock.ts";
import { essence } from "./compare.ts";
import { Conversation } from "./conversation.ts";
import { FixtureServer } from "./server.ts";

const versions = (await readdir(import.meta.dirname)).filter((name) => /^v\d/.test(name));

describe.each(versions)("what %s stored and said", async (version) => {
  const folder = join(import.meta.dirname, version);
  let dataDir: string;
  let server: FixtureServer;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "roomcast-compatibility-data-"));
    await promisify(execFile)("tar", ["-xzf", join(folder, "data.tar.gz"), "-C", dataDir]);
    server = await FixtureServer.start({ dataDir, now: OPENED });
  });

  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const hold = async (file: string): Promise<void> => {
    const recorded = (await readFile(join(folder, file), "utf8")).trimEnd().split("\n");
    const talk = new Conversation({ url: server.url, since: OPENED, stored: file.startsWith("stored") });
    try {
      await talk.again(recorded);
    } finally {
      talk.end();
      expect(essence(talk.lines)).toEqual(essence(recorded));
    }
  };

  test.each(await readdir(join(folder, "stored")))("L4 its rooms open, answer and go on as it left them: %s", (file) =>
    hold(`stored/${file}`),
  );

  test.each(await readdir(join(folder, "live")))("its clients get the frames that they know: %s", (file) =>
    hold(`live/${file}`),
  );
});
