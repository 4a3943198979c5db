import { type Command, Option } from "commander";
import { demo, parseRate } from "./demo.ts";
import { publish } from "./publish.ts";
import { serverOptions } from "./server-option.ts";
import { parseCount, parseSince, tail } from "./tail.ts";

/** Puts the commands for event streams on the program. */
export function addStreamCommands(program: Command): void {
  const named = (name: string, description: string): Command => {
    const command = program.command(name).description(description);
    for (const option of serverOptions()) command.addOption(option);
    return command;
  };

  named("tail", "Print a stream's events as they happen.")
    .argument("<stream>")
    .addOption(
      new Option("--since <when>", "begin at a time, a duration ago, a position, or start")
        .conflicts("last")
        .argParser(parseSince),
    )
    .addOption(new Option("-n, --last <count>", "begin with the last events").default(10).argParser(parseCount))
    .option("-f, --filter <filter>", 'such as "type:pageview,click path^:/docs has:user.id"')
    .option("--json", "print each event as it was published, one a line")
    .action(tail);

  named("publish", "Publish events: JSON objects as arguments, or one a line on the standard input.")
    .argument("<stream>")
    .argument("[events...]")
    .option("-q, --quiet", "print nothing when all is well")
    .action(publish);

  named("demo", "Publish made-up traffic, to have something to look at.")
    .argument("[stream]", "", "demo")
    .addOption(new Option("-r, --rate <number>", "events a second").default(20).argParser(parseRate))
    .addOption(new Option("--visitors <number>", "people on the site at any time").default(40).argParser(parseCount))
    .action(demo);
}
