/** Where a program is: its path as it is given, or the first of its name in PATH. */
import { EACCES, ENOENT, ENOTDIR } from "../../assembly/abi/errno.ts";
import { S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { X_OK } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText, SystemError } from "../../host/errno.ts";
import { CommandFailure } from "./failure.ts";
import { DEFAULT_PATH } from "./variables.ts";

/** What a shell says when there is no such program, and when it cannot be run. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** 0, or why it cannot be run. */
function obstacle(sys: Syscalls, path: string): number {
  try {
    const type = sys.stat(path).st_mode & S_IFMT;
    if (type !== S_IFREG) return EACCES;
    sys.access(path, X_OK);
    return 0;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return error.errno;
  }
}

/** The failure that a shell reports for an errno of execve(2). */
export function execFailure(name: string, errno: number): CommandFailure {
  const isAbsent = errno === ENOENT || errno === ENOTDIR;
  const why = isAbsent ? "not found" : errnoText(errno);
  return new CommandFailure(`${name}: ${why}`, isAbsent ? NOT_FOUND : NOT_EXECUTABLE);
}

/** The path of a file in PATH, or why there is none. */
function inPath(sys: Syscalls, name: string, path: string): string | number {
  let why: number = ENOENT;
  for (const directory of path.split(":")) {
    const full = directory === "" ? `./${name}` : `${directory}/${name}`;
    const errno = obstacle(sys, full);
    if (errno === 0) return full;
    if (errno !== ENOENT && errno !== ENOTDIR) why = errno;
  }
  return why;
}

/**
 * The path of a program.
 * @param path PATH; the usual one when it is not set
 * @throws {CommandFailure} 127 or 126
 */
export function findProgram(sys: Syscalls, name: string, path: string | undefined): string {
  const found = name.includes("/")
    ? obstacle(sys, name) || name
    : inPath(sys, name, path ?? DEFAULT_PATH);
  if (typeof found === "string") return found;
  throw execFailure(name, found);
}

/** findProgram(); undefined when there is none. */
export function locate(sys: Syscalls, name: string, path: string | undefined): string | undefined {
  if (name === "") return undefined;
  try {
    return findProgram(sys, name, path);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return undefined;
  }
}

/** The file that `.` reads: it need not be executable. */
export function findFile(
  sys: Syscalls,
  name: string,
  path: string | undefined,
): string | undefined {
  if (name.includes("/")) return name;
  for (const directory of (path ?? DEFAULT_PATH).split(":")) {
    const full = directory === "" ? `./${name}` : `${directory}/${name}`;
    try {
      if ((sys.stat(full).st_mode & S_IFMT) === S_IFREG) return full;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
  }
  return undefined;
}
