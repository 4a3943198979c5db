#!/usr/bin/env node
import { readFileSync } from "node:fs";
import * as module from "node:module";
import { Command, InvalidArgumentError, Option } from "commander";
import { Failure } from "./failure.ts";
import { init } from "./init.ts";
import { start } from "./start.ts";
import { addStreamCommands } from "./stream-commands.ts";

// What is heavy, wrangler above all, is loaded by the commands that need it: compiled once, not at every start.
// Node 20 knows no such cache.
(module as Partial<typeof module>).enableCompileCache?.();

const program = new Command("roomcast")
  .description("Real-time rooms on Durable Objects.")
  .version(version(), "-v, --version", "print the version of roomcast");

program
  .command("init")
  .description("Write a small project with a room and a page, to begin with.")
  .argument("<folder>", "where to: a new folder, or an empty one")
  .option("--roomcast <version>", "another roomcast than this one of npm's, such as file:../roomcast-0.1.0.tgz")
  .action(init);

program
  .command("start")
  .description("Build the Worker of this folder and serve it from this machine, with its data on disk.")
  .option("-c, --config <file>", "the wrangler configuration (default: the one in this folder)")
  .addOption(new Option("-p, --port <number>", "the port to listen on").env("PORT").default(8787).argParser(parsePort))
  .addOption(new Option("--host <address>", "the address to listen on").env("HOST").default("127.0.0.1"))
  .addOption(new Option("-d, --data-dir <folder>", "where the data is kept").env("DATA_DIR").default(".roomcast"))
  .option("--build <command>", 'run this first, such as "vite build"')
  .addOption(
    new Option("--trust-proxy [count]", "believe X-Forwarded-For and X-Forwarded-Proto of so many proxies in front")
      .env("TRUST_PROXY")
      .preset("1")
      .argParser(parseProxies),
  )
  .addOption(
    new Option("--allowed-hosts <names>", "host names to answer for besides loopback names, separated by commas")
      .env("ALLOWED_HOSTS")
      .argParser(parseHosts),
  )
  .option("--accept-data-loss", "start although files are missing without which rooms are empty")
  .action(start);

addStreamCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`roomcast: ${error.message}`);
  process.exitCode = 1;
}

/** That of the package this file is in, whether it is the source or `dist/cli.mjs`. */
function version(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as { readonly version: string }).version;
    } catch {
      // The other one.
    }
  }
  return "unknown";
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

/** A number of proxies; `true` and `false` are 1 and 0. */
function parseProxies(text: string): number {
  const count = { true: 1, false: 0, "": 0 }[text.toLowerCase()] ?? Number(text);
  if (!Number.isInteger(count) || count < 0 || count > 16) {
    throw new InvalidArgumentError("It is the number of proxies in front, from 0 to 16.");
  }
  return count;
}

function parseHosts(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
