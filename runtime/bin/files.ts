/** The files that a program's operands name, one after the other; `-` is standard input. */
import { F_DUPFD, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import { STDERR_FILENO, STDIN_FILENO } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { fileName } from "./quoting.ts";
import type { Tool } from "./tool.ts";

/** open() that leaves 0, 1 and 2 alone: standard output that was closed must stay so. */
export function openApart(sys: Syscalls, path: string, flags: number, mode = 0): number {
  const fd = sys.open(path, flags, mode);
  if (fd > STDERR_FILENO) return fd;
  try {
    return sys.fcntl(fd, F_DUPFD, STDERR_FILENO + 1);
  } finally {
    sys.close(fd);
  }
}

/** Calls `work` with a file that is open for reading, and closes it. */
export function withFile<T>(tool: Tool, path: string, work: (fd: number) => T): T {
  if (path === "-") return work(STDIN_FILENO);
  const fd = openApart(tool.sys, path, O_RDONLY);
  try {
    return work(fd);
  } finally {
    tool.sys.close(fd);
  }
}

/**
 * Calls `work` with each file in turn; what fails is told with the file's name, and the rest is done.
 * @param paths standard input when there are none
 */
export function eachFile(
  tool: Tool,
  paths: readonly string[],
  work: (fd: number, path: string) => void,
): void {
  for (const path of paths.length === 0 ? ["-"] : paths) {
    tool.attempt(
      () => withFile(tool, path, (fd) => work(fd, path)),
      (reason) => `${fileName(path)}: ${reason}`,
    );
  }
}
