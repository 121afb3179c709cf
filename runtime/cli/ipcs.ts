/** `wasm-ipc ipcs`: lists System V objects with the options and in the format of ipcs(1). */
import { Command } from "commander";
import { type IpcKind, type IpcsOptions, ipcs, ipcsDetail } from "../ipcs/ipcs.ts";
import { parseId } from "../ipcs/numbers.ts";
import type { IpcsFormat } from "../ipcs/section.ts";
import { withSyscalls } from "./backend.ts";
import { linuxLimits, linuxPageSize } from "./linux-limits.ts";
import { systemNames } from "./names.ts";
import { CommandExit, EXIT_FAILURE, EXIT_OK, reportUsage } from "./usage.ts";

const EXAMPLES = `
A machine ends with its program, so that plain "wasm-ipc ipcs" sees a new and empty
one; a program lists its own with ipcs(sys).

Examples:
  wasm-ipc ipcs --linux            what this computer's kernel holds
  wasm-ipc ipcs --linux -m -p      shared memory segments, with processes
  wasm-ipc ipcs --linux -s -i 3    semaphore set 3
  wasm-ipc ipcs -l                 the limits of a machine`;

const NEW_MACHINE =
  "wasm-ipc ipcs: this machine is new and therefore empty; " +
  "--linux shows the objects of this computer's kernel\n";

/** What the options add up to; the last one wins where several say the same thing. */
interface Request {
  readonly kinds: Set<IpcKind>;
  format: IpcsFormat;
  unit: NonNullable<IpcsOptions["unit"]>;
  id: string | undefined;
}

const KINDS: readonly [string, IpcKind[], string][] = [
  ["-m, --shmems", ["shm"], "shared memory segments"],
  ["-q, --queues", ["msg"], "message queues"],
  ["-s, --semaphores", ["sem"], "semaphores"],
  ["-a, --all", ["shm", "sem", "msg"], "all three (the default)"],
];

const FORMATS: readonly [string, IpcsFormat, string][] = [
  ["-t, --time", "time", "show attach, detach and change times"],
  ["-p, --pid", "pid", "show PIDs of creator and last operator"],
  ["-c, --creator", "creator", "show creator and owner"],
  ["-l, --limits", "limits", "show resource limits"],
  ["-u, --summary", "summary", "show status summary"],
];

function longName(flags: string): string {
  return flags.replace(/^.*--/, "");
}

/** The options as they come: commander's own values forget in which order they stood. */
function addOptions(command: Command): Request {
  const request: Request = { kinds: new Set(), format: "default", unit: "default", id: undefined };
  command.optionsGroup("Resources:");
  for (const [flags, kinds, help] of KINDS) {
    command.option(flags, help).on(`option:${longName(flags)}`, () => {
      for (const kind of kinds) request.kinds.add(kind);
    });
  }
  command.option("-i, --id <id>", "show all there is to know of one").on("option:id", (id) => {
    request.id = id;
  });
  command.optionsGroup("Output:");
  for (const [flags, format, help] of FORMATS) {
    command.option(flags, help).on(`option:${longName(flags)}`, () => {
      request.format = format;
    });
  }
  command.option("-b, --bytes", "show sizes in bytes").on("option:bytes", () => {
    request.unit = "bytes";
  });
  command.option("--human", "show sizes as 4.9K").on("option:human", () => {
    request.unit = "human";
  });
  return request;
}

/** What stdout gets. */
async function list(request: Request, isLinux: boolean): Promise<string> {
  const options: IpcsOptions = {
    format: request.format,
    unit: request.unit,
    names: systemNames(),
    ...(isLinux ? { limits: linuxLimits(), pageSize: linuxPageSize() } : {}),
    ...(request.kinds.size > 0 ? { kinds: [...request.kinds] } : {}),
  };
  const { id } = request;
  if (id === undefined) return await withSyscalls(isLinux, (sys) => ipcs(sys, options));
  const number = parseId(id, (why) => {
    throw new CommandExit(EXIT_FAILURE, `ipcs: failed to parse id argument: ${why}`);
  });
  const [kind] = request.kinds;
  const text = await withSyscalls(isLinux, (sys) => ipcsDetail(sys, kind!, number, options));
  // Exit status 0, as util-linux has it.
  if (text === undefined) throw new CommandExit(EXIT_OK, `ipcs: id ${number} not found`);
  return text;
}

export function ipcsCommand(): Command {
  const command = new Command("ipcs")
    .description("Show information on System V objects, as ipcs(1) does.")
    .allowExcessArguments(false)
    .addHelpText("after", EXAMPLES);
  reportUsage(command, EXIT_FAILURE);
  const request = addOptions(command);
  command.optionsGroup("Where:").option("--linux", "the objects of this computer's kernel");
  command.action(async (options: { linux?: boolean }) => {
    if (request.id !== undefined && request.kinds.size !== 1) {
      const message = "when using an ID, a single resource must be specified";
      throw new CommandExit(EXIT_FAILURE, `ipcs: ${message}`);
    }
    const isLinux = options.linux === true;
    process.stdout.write(await list(request, isLinux));
    if (!isLinux && request.format !== "limits") process.stderr.write(NEW_MACHINE);
  });
  return command;
}
