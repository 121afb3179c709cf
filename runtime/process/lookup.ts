/**
 * What a program's name stands for: the address of a module outside, or a file in the machine's own tree,
 * found as posix_spawnp(3) and execve(2) find one: a program of /bin, a script with `#!`, or the text
 * of a module.
 */
import { host } from "#host";
import { EACCES, ELOOP, ENOENT, ENOEXEC, ENOTDIR } from "../../assembly/abi/errno.ts";
import { O_CLOEXEC, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { X_OK } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { builtinName } from "../bin/mark.ts";
import type { ProgramImage } from "./protocol.ts";

/** What is run, and with which arguments: a script is an argument of its interpreter. */
export interface Found {
  readonly image: ProgramImage;
  readonly argv: readonly string[];
}

/** A name that is looked for in PATH. */
const BARE = /^[^/.:\\][^/:\\.]*$/;
const IN_MACHINE = "machine:";
const MODULE = /\.m?js$/;
const DEFAULT_PATH = "/bin";
/** The bytes of a file that say what it is: as many as Linux looks at. */
const HEAD_BYTES = 256;
/** Interpreters that are scripts themselves. */
const INTERPRETERS_MOST = 4;

/**
 * @param argv its first element, too
 * @param path the environment's PATH
 * @throws {SystemError} ENOENT no such program; EACCES no permission, or no file; ENOEXEC none of the known
 *   formats; ELOOP interpreters of interpreters; what open(2) throws of the path
 */
export async function lookup(
  sys: Syscalls,
  program: string | URL,
  argv: readonly string[],
  { base, path = DEFAULT_PATH }: { base: string; path?: string | undefined },
): Promise<Found> {
  const name = String(program);
  if (typeof program === "string" && BARE.test(name))
    return await findInPath(sys, name, argv, path);
  if (name.startsWith(IN_MACHINE)) return await look(sys, name.slice(IN_MACHINE.length), argv);
  return { image: { url: await host.programUrl(program, base) }, argv };
}

/** Passes over what is not there, and remembers what may not be run. */
async function findInPath(
  sys: Syscalls,
  name: string,
  argv: readonly string[],
  path: string,
): Promise<Found> {
  let refused: SystemError | undefined;
  for (const directory of path.split(":")) {
    try {
      return await look(sys, `${directory === "" ? "." : directory}/${name}`, argv);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (error.errno === EACCES) refused = error;
      else if (error.errno !== ENOENT && error.errno !== ENOTDIR) throw error;
    }
  }
  throw refused ?? new SystemError(ENOENT, "spawn", name);
}

async function look(
  sys: Syscalls,
  path: string,
  argv: readonly string[],
  depth = 0,
): Promise<Found> {
  if (depth > INTERPRETERS_MOST) throw new SystemError(ELOOP, "spawn", path);
  const head = await readHead(sys, path);
  const builtin = builtinName(head);
  if (builtin !== undefined) return { image: { builtin }, argv };
  const [, interpreter, argument] =
    /^#![ \t]*(\S+)(?:[ \t]+(\S.*?))?[ \t]*(?:\n|$)/.exec(head) ?? [];
  if (interpreter !== undefined) {
    const extra = argument === undefined ? [] : [argument];
    return await look(sys, interpreter, [interpreter, ...extra, path, ...argv.slice(1)], depth + 1);
  }
  if (MODULE.test(path)) return { image: { file: absolute(sys, path) }, argv };
  throw new SystemError(ENOEXEC, "spawn", path);
}

/** The first bytes of a file that may be executed. */
async function readHead(sys: Syscalls, path: string): Promise<string> {
  const named = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      if (error instanceof SystemError) throw new SystemError(error.errno, "spawn", path);
      throw error;
    }
  };
  // EACCES: a directory or a device, and what nobody may execute.
  const { st_mode } = named(() => sys.stat(path));
  if ((st_mode & S_IFMT) !== S_IFREG) throw new SystemError(EACCES, "spawn", path);
  named(() => sys.access(path, X_OK));
  const fd = await sys.async.open(path, O_RDONLY | O_CLOEXEC);
  try {
    const bytes = new Uint8Array(HEAD_BYTES);
    return new TextDecoder().decode(bytes.subarray(0, sys.read(fd, bytes)));
  } finally {
    sys.close(fd);
  }
}

/** The child may begin in another directory. */
function absolute(sys: Syscalls, path: string): string {
  return path.startsWith("/") ? path : `${sys.getcwd()}/${path}`;
}
