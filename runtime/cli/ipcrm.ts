/** `wasm-ipc ipcrm`: removes System V objects with the options and messages of ipcrm(1). */
import { Command } from "commander";
import { type IpcrmTarget, ipcrm, ipcrmOldForm } from "../ipcs/ipcrm.ts";
import { IPC_KINDS, type IpcKind, isIpcKind } from "../ipcs/ipcs.ts";
import { parseId, parseKey } from "../ipcs/numbers.ts";
import { withSyscalls } from "./backend.ts";
import { CommandExit, EXIT_FAILURE, reportUsage, usageError } from "./usage.ts";

const EXAMPLES = `
The old form is understood as well: wasm-ipc ipcrm shm|msg|sem ID...

Examples:
  wasm-ipc ipcrm --linux -m 5 -S 0x4711    segment 5 and the semaphore set of a key
  wasm-ipc ipcrm --linux --all=msg -v      every message queue, and say so`;

const NEW_MACHINE =
  "wasm-ipc ipcrm: this machine is new and therefore empty; " +
  "--linux removes objects of this computer's kernel";

/** Ends the command for an argument that is no number. */
function unreadable(why: string): never {
  throw new CommandExit(EXIT_FAILURE, `ipcrm: failed to parse argument: ${why}`);
}

const NAMES: readonly [IpcKind, string, string, string][] = [
  ["shm", "m", "shmem", "shared memory segment"],
  ["msg", "q", "queue", "message queue"],
  ["sem", "s", "semaphore", "semaphore set"],
];

/** Options in the order in which they stand, and `--all` after them. */
interface Request {
  readonly targets: IpcrmTarget[];
  all: readonly IpcKind[];
}

function addOptions(command: Command): Request {
  const request: Request = { targets: [], all: [] };
  for (const [kind, letter, long, name] of NAMES) {
    command
      .option(`-${letter}, --${long}-id <id>`, `remove a ${name} by id`)
      .on(`option:${long}-id`, (text: string) => {
        request.targets.push({ kind, id: parseId(text, unreadable) });
      });
    command
      .option(`-${letter.toUpperCase()}, --${long}-key <key>`, `remove a ${name} by key`)
      .on(`option:${long}-key`, (keyText: string) => {
        request.targets.push({ kind, key: parseKey(keyText, unreadable), keyText });
      });
  }
  command
    .option("-a, --all [shm|msg|sem]", "remove all, or all of one kind")
    .on("option:all", (text: string | null) => {
      if (text !== null && !isIpcKind(text)) {
        throw usageError(command, EXIT_FAILURE, `unknown argument: ${text}`);
      }
      request.all = text === null ? IPC_KINDS : [text];
    });
  command.option("-v, --verbose", "say what is being done");
  return request;
}

/** What the arguments ask for; wrong ones end the command before anything is removed. */
function interpret(command: Command, request: Request, words: readonly string[]) {
  const usage = (message: string) => usageError(command, EXIT_FAILURE, message);
  const targets = [
    ...request.targets,
    ...request.all.map((kind) => ({ kind, all: true as const })),
  ];
  const [kind, ...ids] = words;
  if (kind === undefined) {
    if (targets.length === 0) throw usage("bad usage: nothing to remove");
    return { targets, failures: [], done: "" };
  }
  if (!isIpcKind(kind) || targets.length > 0) throw usage(`unknown argument: ${kind}`);
  if (ids.length === 0) throw usage("not enough arguments");
  return { ...ipcrmOldForm(kind, ids), done: "resource(s) deleted\n" };
}

export function ipcrmCommand(): Command {
  const command = new Command("ipcrm")
    .description("Remove System V objects, as ipcrm(1) does.")
    .usage("[options]\n       wasm-ipc ipcrm shm|msg|sem ID...")
    .argument("[words...]")
    .addHelpText("after", EXAMPLES);
  reportUsage(command, EXIT_FAILURE);
  const request = addOptions(command);
  command.option("--linux", "the objects of this computer's kernel");
  command.action(async (words: string[], options: { linux?: boolean; verbose?: boolean }) => {
    const { targets, failures, done } = interpret(command, request, words);
    const isLinux = options.linux === true;
    const result = await withSyscalls(isLinux, (sys) => ipcrm(sys, targets));
    const lines = [...failures, ...result.failures].map((line) => `ipcrm: ${line}`);
    if (options.verbose === true) {
      process.stdout.write(result.actions.map((line) => `${line}\n`).join(""));
    }
    if (lines.length === 0) {
      process.stdout.write(done);
      return;
    }
    if (!isLinux) lines.push(NEW_MACHINE);
    throw new CommandExit(EXIT_FAILURE, lines.join("\n"));
  });
  return command;
}
