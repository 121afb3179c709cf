/**
 * Redirections, made on the shell's own descriptors: a builtin runs with them, a program inherits them.
 * What was there before is kept above 10, closed on exec, and put back.
 */
import { EBADF, EEXIST, ENOENT, ENOTDIR } from "../../assembly/abi/errno.ts";
import {
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { PIPE_SIZE } from "../../assembly/abi/limits.ts";
import { S_IFIFO, S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import { SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { Syscalls } from "../../host/contract.ts";
import { errnoText, SystemError } from "../../host/errno.ts";
import { writeAll } from "../api/descriptor.ts";
import { hasErrno, uninterrupted } from "../api/wait-options.ts";
import { closeQuietly, moveDescriptor, Saved } from "./descriptors.ts";
import { expandText, expandWord } from "./expand.ts";
import { CommandFailure, ShellError } from "./failure.ts";
import type { Shell } from "./shell.ts";
import type { Redirect } from "./tree.ts";

const NEW_FILE = 0o666;

const FLAGS: Readonly<Record<string, number>> = {
  "<": O_RDONLY,
  ">": O_WRONLY | O_CREAT | O_TRUNC,
  ">|": O_WRONLY | O_CREAT | O_TRUNC,
  ">>": O_WRONLY | O_CREAT | O_APPEND,
  "<>": O_RDWR | O_CREAT,
};

function openFailure(path: string, operator: string, error: unknown): CommandFailure {
  if (!(error instanceof SystemError)) throw error;
  const { errno } = error;
  const isInput = operator === "<";
  const isAbsent = errno === ENOENT || errno === ENOTDIR;
  const why = isAbsent ? (isInput ? "No such file" : "Directory nonexistent") : errnoText(errno);
  return new CommandFailure(`cannot ${isInput ? "open" : "create"} ${path}: ${why}`);
}

/** `set -C`: `>` makes new files only, but writes to what is none. */
function noclobberFlags(sys: Syscalls, path: string): number {
  try {
    if ((sys.stat(path).st_mode & S_IFMT) !== S_IFREG) return O_WRONLY;
    throw new SystemError(EEXIST, "open");
  } catch (error) {
    if (!hasErrno(error, ENOENT)) throw error;
    return O_WRONLY | O_CREAT | O_EXCL;
  }
}

function openFile(shell: Shell, path: string, operator: string): number {
  const { sys, options } = shell;
  try {
    const isCareful = operator === ">" && options.has("noclobber");
    const flags = isCareful ? noclobberFlags(sys, path) : FLAGS[operator]!;
    return uninterruptedOpen(shell, path, flags);
  } catch (error) {
    throw openFailure(path, operator, error);
  }
}

/** A FIFO is waited for until its other end is open; Ctrl-C of an interactive shell ends that. */
function uninterruptedOpen(shell: Shell, path: string, flags: number): number {
  return uninterrupted(() => {
    shell.traps.throwIfInterrupted();
    return shell.sys.open(path, flags, NEW_FILE);
  });
}

let documents = 0;

/** A descriptor that gives a text: a pipe, or a file without a name when a pipe has no room. */
function openDocument({ sys, pid }: Shell, text: string): number {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= PIPE_SIZE) {
    const [reader, writer] = sys.pipe();
    if (bytes.length > 0) writeAll(sys, writer, bytes);
    sys.close(writer);
    return reader;
  }
  const path = `/tmp/sh-${pid}-${sys.getpid()}-${documents++}`;
  const fd = sys.open(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  sys.unlink(path);
  writeAll(sys, fd, bytes);
  sys.lseek(fd, 0, SEEK_SET);
  return fd;
}

async function duplicate(shell: Shell, fd: number, target: string): Promise<void> {
  const { sys } = shell;
  if (target === "-") {
    closeQuietly(sys, fd);
    return;
  }
  if (!/^\d$/.test(target)) throw new CommandFailure("Syntax error: Bad fd number");
  try {
    sys.dup2(Number(target), fd);
  } catch (error) {
    if (!hasErrno(error, EBADF)) throw error;
    throw new CommandFailure(`${target}: ${errnoText(EBADF)}`);
  }
}

/**
 * Makes redirections in their order.
 * @param saved keeps what was there
 * @throws {CommandFailure} with the message for the first that cannot be made
 */
export async function redirect(
  shell: Shell,
  redirects: readonly Redirect[],
  saved: Saved,
): Promise<void> {
  for (const each of redirects) {
    const { fd } = each;
    if (each.kind === "duplicate") {
      const target = await expandWord(shell, each.target);
      saved.keep(fd);
      await duplicate(shell, fd, target);
      continue;
    }
    const from =
      each.kind === "here"
        ? openDocument(shell, await expandText(shell, each.body))
        : openFile(shell, await expandWord(shell, each.target), each.operator);
    if (from === fd) {
      // It was closed before, and is to be again.
      saved.keepClosed(fd);
      continue;
    }
    saved.keep(fd);
    moveDescriptor(shell.sys, from, fd);
  }
}

/** Runs something with redirections, and puts back what was there. */
export async function redirected<T>(
  shell: Shell,
  redirects: readonly Redirect[],
  work: () => Promise<T>,
): Promise<T> {
  if (redirects.length === 0) return await work();
  const saved = new Saved(shell.sys);
  try {
    await redirect(shell, redirects, saved);
    return await work();
  } catch (error) {
    // Standard error may be one of them.
    if (error instanceof CommandFailure || error instanceof ShellError) shell.report(error);
    throw error;
  } finally {
    saved.restore();
  }
}

/** Whether opening might wait for somebody else, and so has to be left to a process of its own. */
export async function mayWait(shell: Shell, redirects: readonly Redirect[]): Promise<boolean> {
  for (const each of redirects) {
    if (each.kind !== "file" || each.operator === "<>") continue;
    try {
      const path = await expandWord(shell, each.target);
      if ((shell.sys.stat(path).st_mode & S_IFMT) === S_IFIFO) return true;
    } catch (error) {
      // It is told when it is opened.
      if (!(error instanceof SystemError)) throw error;
    }
  }
  return false;
}
