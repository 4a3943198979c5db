import { mkdirSync } from "node:fs";
import { DurableStreamTestServer } from "@durable-streams/server";
import { announce } from "./announce.ts";

/** The protocol's Node reference server, file-backed. The data folder is the first argument. */
const [, , dataDir] = process.argv;
if (dataDir === undefined) throw new Error("Say where the streams are kept.");
mkdirSync(dataDir, { recursive: true });
// It tells of each slow append, which on a busy machine is each; the terminal is no part of what is measured.
console.info = () => undefined;
const server = new DurableStreamTestServer({ host: "127.0.0.1", port: 0, dataDir });
announce(Number(new URL(await server.start()).port), () => server.stop());
