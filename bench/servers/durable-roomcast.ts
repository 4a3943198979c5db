import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startServer } from "../../src/cli/serve.ts";
import { announce } from "./announce.ts";

/** The server of `roomcast start`, with a Worker that has streams only. The data folder is the first argument. */
const [, , dataDir] = process.argv;
if (dataDir === undefined) throw new Error("Say where the streams are kept.");
mkdirSync(dataDir, { recursive: true });
const server = await startServer({
  config: fileURLToPath(new URL("../durable/wrangler.jsonc", import.meta.url)),
  host: "127.0.0.1",
  port: 0,
  dataDir,
});
announce(Number(new URL(server.url).port), () => server.close());
