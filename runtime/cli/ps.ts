/** `wasm-ipc ps`: the processes of a machine, what they have open, and who waits for whom. */
import { Command } from "commander";
import { boot } from "../index.ts";
import { choose, listing } from "../ps/columns.ts";
import { filesText } from "../ps/files.ts";
import { waitsText } from "../ps/waits.ts";
import { systemNames } from "./names.ts";
import { CommandExit, EXIT_USAGE, reportUsage } from "./usage.ts";

const COLUMNS = "pid ppid pgid sid user stat start_time wchan args".split(" ");

const EXAMPLES = `
A machine ends with its program, so that "wasm-ipc ps" sees a new one: its first process,
and the one that booted it. A program looks at its own with machine.snapshot(), or starts
the program ps of its /bin: machine.spawn("ps", ["-ef"]), with --files and --waits.

Examples:
  wasm-ipc ps              every process, and the call that it sleeps in
  wasm-ipc ps -o           what the processes have open, as lsof(8) lists it
  wasm-ipc ps --waits      who waits for whom; a deadlock is told with its ring`;

const NEW_MACHINE = "wasm-ipc ps: this machine is new; nobody else is in it\n";

export function psCommand(): Command {
  const command = new Command("ps")
    .description("Show the processes of a machine.")
    .allowExcessArguments(false)
    .option("-o, --files", "what they have open")
    .option("-w, --waits", "who waits for whom, and deadlocks")
    .addHelpText("after", EXAMPLES);
  reportUsage(command, EXIT_USAGE);
  command.action(async ({ files, waits }: { files?: boolean; waits?: boolean }) => {
    if (files && waits) throw new CommandExit(EXIT_USAGE, "wasm-ipc ps: one of -o and --waits");
    await using machine = await boot({ pool: 0 });
    const snapshot = machine.snapshot();
    const names = systemNames();
    const { processes } = snapshot;
    const rows = processes.map((process) => ({ process, snapshot, names }));
    if (waits) process.stdout.write(waitsText(snapshot));
    else if (files) process.stdout.write(filesText(snapshot, processes, names));
    else
      process.stdout.write(
        listing(
          rows,
          COLUMNS.map((name) => choose(name)),
        ),
      );
    process.stderr.write(NEW_MACHINE);
  });
  return command;
}
