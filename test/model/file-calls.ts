/**
 * What a process may ask of its files, said so plainly that a model, a kernel that is stepped and the
 * running Linux can all answer; and the stepped kernel's answers.
 */
import { DIRENT_INO, DIRENT_NAME, DIRENT_RECLEN, DIRENT_TYPE } from "../../assembly/abi/dirent.ts";
import { ELOCK } from "../../assembly/abi/errno.ts";
import { F_DUPFD } from "../../assembly/abi/fcntl.ts";
import {
  STAT_GID,
  STAT_INO,
  STAT_MODE,
  STAT_NLINK,
  STAT_SIZE,
  STAT_UID,
} from "../../assembly/abi/stat.ts";
import { SEEK_SET } from "../../assembly/abi/unistd.ts";
import { at, close, one, open, two, write } from "../crash/files.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { withLock } from "../support/machine-locks.ts";

/** What stat() tells; of a directory no size, because that is everybody's own matter. */
export interface Seen {
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

/** An entry of a directory: its name, DT_* and inode. */
export type Entry = readonly [name: string, type: number, ino: number];

/** A failure is a negated errno. Bytes that were read are text, see runs(). */
export interface FileCalls {
  open(path: string, flags: number, mode: number): number;
  close(fd: number): number;
  dup(fd: number): number;
  read(fd: number, count: number): string | number;
  pread(fd: number, count: number, offset: number): string | number;
  write(fd: number, byte: number, count: number): number;
  pwrite(fd: number, byte: number, count: number, offset: number): number;
  lseek(fd: number, offset: number, whence: number): number;
  truncate(path: string, length: number): number;
  ftruncate(fd: number, length: number): number;
  mkdir(path: string, mode: number): number;
  rmdir(path: string): number;
  unlink(path: string): number;
  link(from: string, to: string): number;
  symlink(target: string, path: string): number;
  rename(from: string, to: string): number;
  readlink(path: string): string | number;
  stat(path: string): Seen | number;
  lstat(path: string): Seen | number;
  fstat(fd: number): Seen | number;
  chmod(path: string, mode: number): number;
  fchmod(fd: number, mode: number): number;
  umask(mask: number): number;
  chdir(path: string): number;
  fchdir(fd: number): number;
  getcwd(): string | number;
  /** All entries of an open directory from its beginning, sorted, by getdents() of so many bytes. */
  list(fd: number, count: number): readonly Entry[] | number;
}

/** Runs of equal bytes, as "byte*count". */
export function runs(bytes: Uint8Array): string {
  const found: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    let end = from;
    while (end < bytes.length && bytes[end] === bytes[from]) end += 1;
    found.push(`${bytes[from]}*${end - from}`);
    from = end;
  }
  return found.join(" ");
}

/** In the order of their names, which no call promises. */
export function sorted(entries: readonly Entry[]): Entry[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

const decoder = new TextDecoder();

/** A process of a stepped machine. */
export class KernelFiles implements FileCalls {
  readonly #task: TestTask;
  /** The lock that another task holds at the next call's first try, 0 for none. */
  busy = 0;

  constructor(task: TestTask) {
    this.#task = task;
  }

  /** What is there after -ELOCK must be what was there before: the call is made again. */
  #whole<T extends number>(call: () => T): T {
    const { machine } = this.#task;
    const lock = this.busy;
    this.busy = 0;
    if (lock === 0) return call();
    const first = withLock(machine, lock, machine.holder, call);
    return first === -ELOCK ? call() : first;
  }

  #call(entry: (kernel: TestKernel) => number): number {
    return this.#whole(() => this.#task.call(entry));
  }

  #at(path: string, entry: (kernel: TestKernel, length: number) => number): number {
    return this.#whole(() => at(this.#task, path, entry));
  }

  open(path: string, flags: number, mode: number): number {
    return this.#whole(() => open(this.#task, path, flags, mode));
  }

  close(fd: number): number {
    return this.#whole(() => close(this.#task, fd));
  }

  dup(fd: number): number {
    return this.#call((kernel) => kernel.sys_fcntl(fd, F_DUPFD, 0));
  }

  #bytes(count: number): Uint8Array {
    const { transfer, machine } = this.#task;
    return machine.u8.slice(transfer, transfer + count);
  }

  read(fd: number, count: number): string | number {
    const { transfer } = this.#task;
    const size = this.#call((kernel) => kernel.sys_read(fd, transfer, count, 0));
    return size < 0 ? size : runs(this.#bytes(size));
  }

  pread(fd: number, count: number, offset: number): string | number {
    const { transfer } = this.#task;
    const size = this.#call((kernel) => kernel.sys_pread(fd, transfer, count, offset));
    return size < 0 ? size : runs(this.#bytes(size));
  }

  write(fd: number, byte: number, count: number): number {
    return this.#whole(() => write(this.#task, fd, byte, count));
  }

  pwrite(fd: number, byte: number, count: number, offset: number): number {
    const { transfer, machine } = this.#task;
    machine.u8.fill(byte, transfer, transfer + count);
    return this.#call((kernel) => kernel.sys_pwrite(fd, transfer, count, offset));
  }

  lseek(fd: number, offset: number, whence: number): number {
    return this.#call((kernel) => kernel.sys_lseek(fd, offset, whence));
  }

  truncate(path: string, length: number): number {
    return this.#at(path, (kernel, bytes) => kernel.sys_truncate(bytes, length));
  }

  ftruncate(fd: number, length: number): number {
    return this.#call((kernel) => kernel.sys_ftruncate(fd, length));
  }

  mkdir(path: string, mode: number): number {
    return this.#at(path, (kernel, length) => kernel.sys_mkdir(length, mode));
  }

  rmdir(path: string): number {
    return this.#whole(() => one(this.#task, "sys_rmdir", path));
  }

  unlink(path: string): number {
    return this.#whole(() => one(this.#task, "sys_unlink", path));
  }

  link(from: string, to: string): number {
    return this.#whole(() => two(this.#task, "sys_link", from, to));
  }

  symlink(target: string, path: string): number {
    return this.#whole(() => two(this.#task, "sys_symlink", target, path));
  }

  rename(from: string, to: string): number {
    return this.#whole(() => two(this.#task, "sys_rename", from, to));
  }

  readlink(path: string): string | number {
    const size = this.#whole(() => one(this.#task, "sys_readlink", path));
    return size < 0 ? size : decoder.decode(this.#bytes(size));
  }

  #seen(result: number): Seen | number {
    if (result < 0) return result;
    const { transfer, machine } = this.#task;
    const word = (offset: number) => machine.i32[(transfer + offset) >> 2]!;
    const size = machine.view.getFloat64(transfer + STAT_SIZE, true);
    const [ino, mode, nlink] = [word(STAT_INO), word(STAT_MODE), word(STAT_NLINK)];
    return { ino, mode, nlink, uid: word(STAT_UID), gid: word(STAT_GID), size };
  }

  stat(path: string): Seen | number {
    return this.#seen(this.#at(path, (kernel, length) => kernel.sys_stat(length, 1)));
  }

  lstat(path: string): Seen | number {
    return this.#seen(this.#at(path, (kernel, length) => kernel.sys_stat(length, 0)));
  }

  fstat(fd: number): Seen | number {
    return this.#seen(this.#call((kernel) => kernel.sys_fstat(fd)));
  }

  chmod(path: string, mode: number): number {
    return this.#at(path, (kernel, length) => kernel.sys_chmod(length, mode));
  }

  fchmod(fd: number, mode: number): number {
    return this.#call((kernel) => kernel.sys_fchmod(fd, mode));
  }

  umask(mask: number): number {
    return this.#call((kernel) => kernel.sys_umask(mask));
  }

  chdir(path: string): number {
    return this.#whole(() => one(this.#task, "sys_chdir", path));
  }

  fchdir(fd: number): number {
    return this.#call((kernel) => kernel.sys_fchdir(fd));
  }

  getcwd(): string | number {
    const size = this.#call((kernel) => kernel.sys_getcwd());
    return size < 0 ? size : decoder.decode(this.#bytes(size));
  }

  list(fd: number, count: number): readonly Entry[] | number {
    this.lseek(fd, 0, SEEK_SET);
    const found: Entry[] = [];
    for (;;) {
      const size = this.#call((kernel) => kernel.sys_getdents(fd, count));
      if (size < 0) return size;
      if (size === 0) return sorted(found);
      found.push(...entries(this.#bytes(size)));
    }
  }
}

function entries(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: Entry[] = [];
  for (let from = 0; from < bytes.length; from += view.getUint16(from + DIRENT_RECLEN, true)) {
    const end = bytes.indexOf(0, from + DIRENT_NAME);
    const name = decoder.decode(bytes.subarray(from + DIRENT_NAME, end));
    const ino = Number(view.getBigInt64(from + DIRENT_INO, true));
    found.push([name, bytes[from + DIRENT_TYPE]!, ino]);
  }
  return found;
}
