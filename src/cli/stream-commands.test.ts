import { Command } from "commander";
import { expect, test } from "vitest";
import { addStreamCommands } from "./stream-commands.ts";

test("a tail begins at a time or with the last events, and says so to who asks for both", async () => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addStreamCommands(program);
  const both = program.parseAsync(["tail", "shop", "--since", "10m", "--last", "5"], { from: "user" });
  await expect(both).rejects.toThrow("option '--since <when>' cannot be used with option '-n, --last <count>'");
});
