/** The machine's files as a scene's processes use and see them. Paths go through the transfer area. */
import { DIRENT_NAME, DIRENT_RECLEN, DIRENT_TYPE, DT_DIR } from "../../assembly/abi/dirent.ts";
import { ECANCELED, EWAIT } from "../../assembly/abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR } from "../../assembly/abi/fcntl.ts";
import { PATH_MAX } from "../../assembly/abi/limits.ts";
import {
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  STAT_GID,
  STAT_MODE,
  STAT_NLINK,
  STAT_RDEV,
  STAT_SIZE,
  STAT_UID,
} from "../../assembly/abi/stat.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** What a new machine has. */
const KEPT = new Set(["/tmp", "/dev"]);
/** Bytes of entries, and of contents, that are looked at. */
const ROOM = 4096;

/** Puts a path where a call finds it. @returns its bytes */
export function putPath(task: TestTask, path: string, offset = 0): number {
  const bytes = encoder.encode(path);
  task.machine.u8.set(bytes, task.transfer + offset);
  return bytes.length;
}

type OnePath = "sys_rmdir" | "sys_unlink" | "sys_chdir" | "sys_readlink";
type TwoPaths = "sys_link" | "sys_symlink" | "sys_rename";

export function one(task: TestTask, call: OnePath, path: string): number {
  return task.call((kernel) => kernel[call](putPath(task, path)));
}

export function two(task: TestTask, call: TwoPaths, from: string, to: string): number {
  return task.call((kernel) => {
    const first = putPath(task, from);
    return kernel[call](first, putPath(task, to, PATH_MAX));
  });
}

/** A call of one path with more arguments. */
export function at(
  task: TestTask,
  path: string,
  entry: (kernel: TestKernel, length: number) => number,
): number {
  return task.call((kernel) => entry(kernel, putPath(task, path)));
}

export function open(task: TestTask, path: string, flags: number, mode = 0o644): number {
  return at(task, path, (kernel, length) => kernel.sys_openat(AT_FDCWD, length, flags, mode));
}

export function close(task: TestTask, fd: number): number {
  return task.call((kernel) => kernel.sys_close(fd));
}

export function mkdir(task: TestTask, path: string): number {
  return at(task, path, (kernel, length) => kernel.sys_mkdir(length, 0o755));
}

export function mkfifo(task: TestTask, path: string): number {
  return at(task, path, (kernel, length) => kernel.sys_mkfifoat(AT_FDCWD, length, 0o600));
}

/** Writes so many equal bytes, which lie in the transfer area. */
export function write(task: TestTask, fd: number, byte: number, count: number): number {
  const { u8 } = task.machine;
  u8.fill(byte, task.transfer, task.transfer + count);
  return task.call((kernel) => kernel.sys_write(fd, task.transfer, count, 0));
}

/** A new file with so many equal bytes. */
export function makeFile(task: TestTask, path: string, byte = 1, count = 0): number {
  const fd = open(task, path, O_RDWR | O_CREAT);
  if (fd < 0) throw new Error(`open ${path}: ${fd}`);
  if (count > 0) write(task, fd, byte, count);
  return close(task, fd);
}

/** Runs of equal bytes, as "byte*count". */
function runs(bytes: Uint8Array): string {
  const found: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    let end = from;
    while (end < bytes.length && bytes[end] === bytes[from]) end += 1;
    found.push(`${bytes[from]}*${end - from}`);
    from = end;
  }
  return found.join(" ");
}

function contents(task: TestTask, path: string): string {
  const fd = open(task, path, O_RDONLY);
  if (fd === -EWAIT) {
    // They are on a disk.
    task.call((kernel) => kernel.wait_cancel(ECANCELED));
    return "absent";
  }
  const size = task.call((kernel) => kernel.sys_pread(fd, task.transfer, ROOM, 0));
  const text = runs(task.machine.u8.slice(task.transfer, task.transfer + Math.max(size, 0)));
  close(task, fd);
  return text;
}

function names(task: TestTask, path: string): [name: string, type: number][] {
  const fd = open(task, path, O_RDONLY);
  const found: [string, number][] = [];
  for (;;) {
    const size = task.call((kernel) => kernel.sys_getdents(fd, ROOM));
    if (size <= 0) break;
    found.push(...entries(task.machine.u8.slice(task.transfer, task.transfer + size)));
  }
  close(task, fd);
  return found.sort();
}

function entries(bytes: Uint8Array<ArrayBuffer>): [name: string, type: number][] {
  const view = new DataView(bytes.buffer);
  const found: [string, number][] = [];
  for (let from = 0; from < bytes.length; from += view.getUint16(from + DIRENT_RECLEN, true)) {
    const end = bytes.indexOf(0, from + DIRENT_NAME);
    const name = decoder.decode(bytes.subarray(from + DIRENT_NAME, end));
    if (name !== "." && name !== "..") found.push([name, bytes[from + DIRENT_TYPE]!]);
  }
  return found;
}

/** What is known of every file, but for times and numbers. */
export function tree(task: TestTask, path = ""): unknown[] {
  return names(task, path === "" ? "/" : path).map(([name, type]) => {
    const below = `${path}/${name}`;
    if (at(task, below, (kernel, length) => kernel.sys_stat(length, 0)) < 0) return [below, "lost"];
    const word = (offset: number) => task.machine.i32[(task.transfer + offset) >> 2]!;
    const mode = word(STAT_MODE);
    const size = task.machine.view.getFloat64(task.transfer + STAT_SIZE, true);
    const known = [STAT_NLINK, STAT_UID, STAT_GID, STAT_RDEV].map(word);
    return [below, type, mode, known, ...inside(task, below, mode, size)];
  });
}

function inside(task: TestTask, path: string, mode: number, size: number): unknown[] {
  if ((mode & S_IFMT) === S_IFDIR) return tree(task, path);
  if ((mode & S_IFMT) === S_IFREG) return [size, contents(task, path)];
  if ((mode & S_IFMT) !== S_IFLNK) return [];
  const length = one(task, "sys_readlink", path);
  return [decoder.decode(task.machine.u8.slice(task.transfer, task.transfer + length))];
}

/** Makes a file as far as there is room. */
function fill(task: TestTask, path: string): number[] {
  const fd = open(task, path, O_RDWR | O_CREAT);
  return [fd, write(task, fd, 7, 50), close(task, fd)];
}

/** Makes one of each, and takes it away. */
export function useFiles(task: TestTask): unknown[] {
  return [
    mkdir(task, "/go"),
    fill(task, "/go/file"),
    two(task, "sys_symlink", "file", "/go/link"),
    two(task, "sys_rename", "/go/file", "/go/moved"),
    tree(task),
    one(task, "sys_unlink", "/go/moved"),
    one(task, "sys_unlink", "/go/link"),
    one(task, "sys_rmdir", "/go"),
  ];
}

/** Removes everything that a new machine has not. */
export function removeFiles(task: TestTask, path = ""): unknown[] {
  return names(task, path === "" ? "/" : path)
    .filter(() => path !== "/dev")
    .map(([name, type]) => {
      const below = `${path}/${name}`;
      const more = type === DT_DIR ? removeFiles(task, below) : [];
      if (KEPT.has(below)) return more;
      return [...more, one(task, type === DT_DIR ? "sys_rmdir" : "sys_unlink", below)];
    });
}
