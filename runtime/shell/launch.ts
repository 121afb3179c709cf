/**
 * Starts processes: programs, and child shells. They have the shell's own descriptors, so whoever calls
 * puts these in place first.
 */
import { E2BIG, EAGAIN, ENOEXEC } from "../../assembly/abi/errno.ts";
import { O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { SystemError } from "../../host/errno.ts";
import { hasErrno } from "../api/wait-options.ts";
import type { BuiltinProgram } from "../bin/index.ts";
import { builtinName } from "../bin/mark.ts";
import { awaitProcess } from "./await.ts";
import { CommandFailure, ExitJump, ShellError } from "./failure.ts";
import { execFailure, findProgram } from "./find.ts";
import { exitStatus } from "./jobs.ts";
import type { Shell } from "./shell.ts";
import { encodeState } from "./state.ts";
import type { Node } from "./tree.ts";

/** A child shell is this program, whatever PATH says. */
const SHELL_PATH = "/bin/sh";

/** The option of a child shell, and the variable that has its state. */
export const INHERIT_OPTION = "--inherit";
export const STATE_VARIABLE = "WASM_IPC_SHELL_STATE";

/** Where a new process belongs. */
export interface Place {
  /** The process group: 0 a new one, undefined the shell's. */
  readonly group?: number | undefined;
  /** The terminal whose foreground group that is to be. */
  readonly terminal?: number | undefined;
}

function placed({ group, terminal }: Place) {
  return {
    ...(group !== undefined && { pgroup: group }),
    ...(terminal !== undefined && { foreground: terminal }),
  };
}

/** The errno of a process that could not be made. */
function spawnFailure(name: string, error: unknown): Error {
  if (!(error instanceof SystemError)) throw error;
  if (error.errno === EAGAIN) return new ShellError("Cannot fork");
  if (error.errno === E2BIG) return new CommandFailure(`${name}: Argument list too long`, 126);
  return execFailure(name, error.errno);
}

/** As machine.spawn() names a file of the machine. */
function address(path: string): string {
  if (path.startsWith("/") || path.startsWith("./")) return `machine:${path}`;
  return `machine:./${path}`;
}

/**
 * Starts a program.
 * @returns its pid
 * @throws {CommandFailure} it does not exist, or cannot be run
 * @throws {ShellError} no process can be made
 */
export async function launchProgram(
  shell: Shell,
  argv: readonly string[],
  env: Record<string, string>,
  place: Place = {},
): Promise<number> {
  const [name = "", ...args] = argv;
  const path = findProgram(shell.sys, name, env.PATH ?? shell.variables.get("PATH"));
  const options = { argv0: name, env, ...placed(place) };
  try {
    const { pid } = await shell.machine.spawn(address(path), args, options);
    return pid;
  } catch (error) {
    if (!hasErrno(error, ENOEXEC)) throw spawnFailure(name, error);
  }
  // A file without `#!` is the shell's.
  try {
    const { pid } = await shell.machine.spawn(address(SHELL_PATH), [path, ...args], options);
    return pid;
  } catch (error) {
    throw spawnFailure(name, error);
  }
}

/**
 * Starts a child shell that runs a command.
 * @returns its pid
 * @throws {ShellError} no process can be made
 */
export async function launchShell(shell: Shell, node: Node, place: Place = {}): Promise<number> {
  const env = { [STATE_VARIABLE]: encodeState(shell, node) };
  const options = { argv0: "sh", env, ...placed(place) };
  try {
    const { pid } = await shell.machine.spawn(address(SHELL_PATH), [INHERIT_OPTION], options);
    return pid;
  } catch (error) {
    throw spawnFailure(SHELL_PATH, error);
  }
}

/** The program of /bin that a file is, if it is one. */
async function builtinAt(shell: Shell, path: string): Promise<BuiltinProgram | undefined> {
  const { sys } = shell;
  const fd = sys.open(path, O_RDONLY);
  try {
    const buffer = new Uint8Array(64);
    const count = sys.read(fd, buffer);
    const name = builtinName(new TextDecoder().decode(buffer.subarray(0, count)));
    return name === undefined ? undefined : await shell.program(name)?.();
  } finally {
    sys.close(fd);
  }
}

/**
 * exec(2): the process becomes the program. One of /bin is run here; for others a process is started,
 * whose end is the shell's.
 * @throws {CommandFailure} as launchProgram()
 */
export async function replace(
  shell: Shell,
  argv: readonly string[],
  env: Record<string, string>,
): Promise<never> {
  const { sys, machine } = shell;
  const [name = ""] = argv;
  const path = findProgram(sys, name, env.PATH ?? shell.variables.get("PATH"));
  const program = await builtinAt(shell, path).catch((error: unknown) => {
    // Who may run a program need not be allowed to read it.
    if (!(error instanceof SystemError)) throw error;
    return undefined;
  });
  if (program === undefined) {
    const pid = await launchProgram(shell, argv, env);
    shell.status = exitStatus(awaitProcess(shell, pid));
    throw new ExitJump();
  }
  shell.traps.reset();
  for (const each of Object.keys(machine.env)) delete machine.env[each];
  Object.assign(machine.env, env);
  shell.status = await program.main(sys, argv, machine);
  shell.isReplaced = true;
  throw new ExitJump();
}
