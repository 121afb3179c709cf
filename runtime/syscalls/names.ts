/** mkdir(2), rmdir(2), link(2), symlink(2), unlink(2), rename(2), readlink(2), getdents(2) over the kernel. */
import { int, long } from "../../host/arguments.ts";
import { pathname } from "../../host/arguments-files.ts";
import type { DirectoryCalls, Dirent } from "../../host/contract-fs.ts";
import { finish } from "../finish.ts";
import { putPath, putSecondPath, takeText } from "../paths.ts";
import type { Thread } from "../thread.ts";
import { readDirents } from "../transfer-files.ts";
import { same, zero } from "./result.ts";

const GETDENTS_SIZE = 32768;
/** The least that an entry takes: a name of one byte. */
const DIRENT_LEAST = 24;

/** A call of one path. */
function one(thread: Thread, call: "rmdir" | "unlink") {
  return (path: string): 0 => {
    const name = pathname(path, call);
    const attempt = () => thread.kernel[`sys_${call}`](putPath(thread, name));
    return finish(thread, call, attempt(), attempt, zero);
  };
}

/** A call of two. */
function two(thread: Thread, call: "link" | "symlink" | "rename") {
  return (from: string, to: string): 0 => {
    const first = pathname(from, call);
    const second = pathname(to, call);
    const attempt = () =>
      thread.kernel[`sys_${call}`](putPath(thread, first), putSecondPath(thread, second));
    return finish(thread, call, attempt(), attempt, zero);
  };
}

function mkdir(thread: Thread, path: string, mode: number): 0 {
  const name = pathname(path, "mkdir");
  const bits = int(mode, "mkdir", "mode");
  const attempt = () => thread.kernel.sys_mkdir(putPath(thread, name), bits);
  return finish(thread, "mkdir", attempt(), attempt, zero);
}

function readlink(thread: Thread, path: string): string {
  const name = pathname(path, "readlink");
  const attempt = () => thread.kernel.sys_readlink(putPath(thread, name));
  return finish(thread, "readlink", attempt(), attempt, (length) => takeText(thread, length));
}

/** As much as the transfer area holds at once, until the count is reached or there is no more. */
function getdents(thread: Thread, fd: number, count?: number): Dirent[] {
  const id = int(fd, "getdents", "fd");
  const wanted = count === undefined ? GETDENTS_SIZE : long(count, "getdents", "count");
  const list: Dirent[] = [];
  let left = wanted;
  do {
    const size = Math.max(0, Math.min(left, thread.transferSize));
    const attempt = () => thread.kernel.sys_getdents(id, size);
    // What was found so far is the result, when the next name is too long for what is left.
    const first = attempt();
    if (first < 0 && list.length > 0 && left < thread.transferSize) break;
    const filled = finish(thread, "getdents", first, attempt, same);
    if (filled === 0) break;
    list.push(...readDirents(thread, filled));
    left -= filled;
  } while (left >= DIRENT_LEAST);
  return list;
}

/** The calls of one thread on names. */
export function nameCalls(thread: Thread): DirectoryCalls {
  return {
    mkdir: (path, mode) => mkdir(thread, path, mode),
    rmdir: one(thread, "rmdir"),
    unlink: one(thread, "unlink"),
    link: two(thread, "link"),
    symlink: two(thread, "symlink"),
    rename: two(thread, "rename"),
    readlink: (path) => readlink(thread, path),
    getdents: (fd, count) => getdents(thread, fd, count),
  };
}
