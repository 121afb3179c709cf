/**
 * Descriptors of the shell: those that a redirection takes the place of are kept above 10, closed on
 * exec, and put back; its own pipes are there, too.
 */
import { EBADF } from "../../assembly/abi/errno.ts";
import { F_DUPFD_CLOEXEC, O_CLOEXEC } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { hasErrno } from "../api/wait-options.ts";

/** Descriptors from here on are the shell's. */
const FIRST_PRIVATE = 10;

/** Descriptors as they were: what was there under another number, or nothing. */
export class Saved {
  readonly #sys: Syscalls;
  readonly #copies = new Map<number, number | undefined>();

  constructor(sys: Syscalls) {
    this.#sys = sys;
  }

  /** Once for each descriptor. */
  keep(fd: number): void {
    if (this.#copies.has(fd)) return;
    try {
      this.#copies.set(fd, this.#sys.fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE));
    } catch (error) {
      if (!hasErrno(error, EBADF)) throw error;
      this.#copies.set(fd, undefined);
    }
  }

  /** The descriptor was closed before, and is open already. */
  keepClosed(fd: number): void {
    if (!this.#copies.has(fd)) this.#copies.set(fd, undefined);
  }

  restore(): void {
    for (const [fd, copy] of this.#copies) {
      if (copy === undefined) {
        closeQuietly(this.#sys, fd);
      } else {
        this.#sys.dup2(copy, fd);
        this.#sys.close(copy);
      }
    }
    this.#copies.clear();
  }

  /** `exec >f`: they stay as they are. */
  forget(): void {
    for (const copy of this.#copies.values()) if (copy !== undefined) this.#sys.close(copy);
    this.#copies.clear();
  }
}

/** close() of what may be closed already. */
export function closeQuietly(sys: Syscalls, fd: number): void {
  try {
    sys.close(fd);
  } catch (error) {
    if (!hasErrno(error, EBADF)) throw error;
  }
}

/** Makes `fd` another name of `from`, and closes `from`. */
export function moveDescriptor(sys: Syscalls, from: number, fd: number): void {
  if (from === fd) return;
  sys.dup2(from, fd);
  sys.close(from);
}

/** A pipe that no program inherits by accident, and that is in nobody's way. */
export function privatePipe(sys: Syscalls): [reader: number, writer: number] {
  const [reader, writer] = sys.pipe2(O_CLOEXEC);
  try {
    return [
      sys.fcntl(reader, F_DUPFD_CLOEXEC, FIRST_PRIVATE),
      sys.fcntl(writer, F_DUPFD_CLOEXEC, FIRST_PRIVATE),
    ];
  } finally {
    sys.close(reader);
    sys.close(writer);
  }
}
