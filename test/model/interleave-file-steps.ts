/** Calls on files as steps of a scenario, and what is there before. */
import { DIRENT_NAME, DIRENT_RECLEN } from "../../assembly/abi/dirent.ts";
import { AT_FDCWD, O_CREAT, O_RDWR } from "../../assembly/abi/fcntl.ts";
import { PATH_MAX } from "../../assembly/abi/limits.ts";
import { makeFile, mkdir, open, putPath, tree } from "../crash/files.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

/** Everything is below it: a scenario is compared by what is there. */
export const TOP = "/w";

type OnPath = (kernel: TestKernel, length: number) => number;

const onPath = (path: string, call: OnPath): Step => ({
  prepare: (task) => void putPath(task, `${TOP}/${path}`),
  call: (kernel) => call(kernel, TOP.length + 1 + path.length),
});

type TwoPaths = "sys_link" | "sys_rename";

const onTwo = (name: TwoPaths, from: string, to: string): Step => ({
  prepare: (task) => {
    putPath(task, `${TOP}/${from}`);
    putPath(task, `${TOP}/${to}`, PATH_MAX);
  },
  call: (kernel) => kernel[name](TOP.length + 1 + from.length, TOP.length + 1 + to.length),
});

export const renames = (from: string, to: string) => onTwo("sys_rename", from, to);
export const links = (from: string, to: string) => onTwo("sys_link", from, to);
export const unlinks = (path: string) =>
  onPath(path, (kernel, length) => kernel.sys_unlink(length));
export const rmdirs = (path: string) => onPath(path, (kernel, length) => kernel.sys_rmdir(length));
export const mkdirs = (path: string) =>
  onPath(path, (kernel, length) => kernel.sys_mkdir(length, 0o755));
export const chdirs = (path: string) => onPath(path, (kernel, length) => kernel.sys_chdir(length));
/** To what is above the current directory. */
export const ups: Step = {
  prepare: (task) => void putPath(task, ".."),
  call: (kernel) => kernel.sys_chdir(2),
};
export const truncates = (path: string, size: number) =>
  onPath(path, (kernel, length) => kernel.sys_truncate(length, size));
export const opens = (path: string, flags: number) =>
  onPath(path, (kernel, length) => kernel.sys_openat(AT_FDCWD, length, flags, 0o644));
export const creates = (path: string) => opens(path, O_RDWR | O_CREAT);
export const symlinks = (target: string, path: string): Step => ({
  prepare: (task) => {
    putPath(task, target);
    putPath(task, `${TOP}/${path}`, PATH_MAX);
  },
  call: (kernel) => kernel.sys_symlink(target.length, TOP.length + 1 + path.length),
});

/** Bytes in a description that a process has before: the first that it opens. */
const FD = 3;
export const closes: Step = { call: (kernel) => kernel.sys_close(FD) };
export const getcwds: Step = { call: (kernel) => kernel.sys_getcwd() };

export const writes = (task: TestTask, byte: number, count: number): Step => ({
  prepare: ({ machine, transfer }) => void machine.u8.fill(byte, transfer, transfer + count),
  call: (kernel) => kernel.sys_write(FD, task.transfer, count, 0),
});

/** What is read, as a number: how many bytes, the first one, and how many are as it is. */
export const reads = (task: TestTask, count: number): Step => ({
  call: (kernel) => {
    const size = kernel.sys_read(FD, task.transfer, count, 0);
    const bytes = task.machine.u8.subarray(task.transfer, task.transfer + Math.max(size, 0));
    const same = bytes.filter((byte) => byte === bytes[0]).length;
    return size <= 0 ? size : (size * 100 + bytes[0]!) * 1000 + same;
  },
});

/** The names that one getdents() gives, as a set of bits: a is the lowest. */
export const lists = (task: TestTask): Step => ({
  call: (kernel) => {
    const size = kernel.sys_getdents(FD, 512);
    const { u8, view } = task.machine;
    let names = 0;
    for (let at = 0; at < size; at += view.getUint16(task.transfer + at + DIRENT_RECLEN, true)) {
      names |= 1 << (u8[task.transfer + at + DIRENT_NAME]! - 0x61);
    }
    return size < 0 ? size : names;
  },
});

interface Parts {
  readonly a: readonly Step[];
  readonly b: readonly Step[];
}

/** `shared`: B is a child of A, with its description. */
export function scenario(name: string, parts: (scene: Scene) => Parts, shared = false): Scenario {
  return {
    name,
    prepare: (scene) => {
      const { root } = scene.machine;
      mkdir(root, TOP);
      const found = parts(scene);
      if (shared) scene.share();
      return { ...found, also: () => tree(root, TOP) };
    },
  };
}

/** Files of ten bytes, each of its own, and directories where the name ends with a slash. */
export function make({ machine: { root } }: Scene, ...paths: readonly string[]): void {
  for (const [index, path] of paths.entries()) {
    if (path.endsWith("/")) mkdir(root, `${TOP}/${path}`);
    else makeFile(root, `${TOP}/${path}`, index + 1, 10);
  }
}

/** Each has what has this name open, as its first. */
export function opened(tasks: readonly TestTask[], path: string, flags: number): void {
  for (const task of tasks) {
    const fd = open(task, `${TOP}/${path}`, flags);
    if (fd !== FD) throw new Error(`open: ${fd}`);
  }
}
