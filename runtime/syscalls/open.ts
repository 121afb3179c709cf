/** open(2), mkfifo(3), truncate(2), fsync(2) over the kernel. */
import { AT_FDCWD } from "../../assembly/abi/fcntl.ts";
import { abortSignal, int, intOr0, long } from "../../host/arguments.ts";
import { pathname } from "../../host/arguments-files.ts";
import type { CallOptions } from "../../host/contract.ts";
import type { AsyncFsCalls, OpenCalls } from "../../host/contract-fs.ts";
import { finish, finishAsync } from "../finish.ts";
import { putPath } from "../paths.ts";
import type { Attempt } from "../steps.ts";
import type { Thread } from "../thread.ts";
import { persist } from "../wait.ts";
import { same, zero } from "./result.ts";

/** The entry of an open(), its arguments checked. */
function opening(
  thread: Thread,
  call: "open" | "openat",
  dirfd: unknown,
  path: unknown,
  flags: unknown,
  mode: unknown,
): Attempt {
  const from = int(dirfd, call, "dirfd");
  const name = pathname(path, call);
  const bits = int(flags, call, "flags");
  const permissions = intOr0(mode, call, "mode");
  return () => thread.kernel.sys_openat(from, putPath(thread, name), bits, permissions);
}

function open(thread: Thread, call: string, attempt: Attempt): number {
  try {
    return finish(thread, call, attempt(), attempt, same);
  } catch (error) {
    // It may have waited for a FIFO's other end, as one end of it.
    persist(thread, () => thread.kernel.open_abort());
    throw error;
  }
}

function openAsync(
  thread: Thread,
  call: string,
  attempt: Attempt,
  options: CallOptions | undefined,
): Promise<number> {
  const signal = abortSignal(options, call);
  return finishAsync(thread, call, attempt, same, { signal, holds: true });
}

function mkfifo(thread: Thread, call: string, dirfd: number, path: unknown, mode: unknown): 0 {
  const name = pathname(path, call);
  const bits = int(mode, call, "mode");
  const attempt = () => thread.kernel.sys_mkfifoat(dirfd, putPath(thread, name), bits);
  return finish(thread, call, attempt(), attempt, zero);
}

function sync(thread: Thread, call: string, fd: number): Attempt {
  const id = int(fd, call, "fd");
  if (call === "syncfs") return () => thread.kernel.sys_syncfs(id);
  return () => thread.kernel.sys_fsync(id, 0);
}

/** The calls of one thread that open files and change their length. */
export function openCalls(thread: Thread): OpenCalls {
  const syncNow = (call: string) => (fd: number) => {
    const attempt = sync(thread, call, fd);
    return finish(thread, call, attempt(), attempt, zero);
  };
  return {
    open: (path, flags, mode) =>
      open(thread, "open", opening(thread, "open", AT_FDCWD, path, flags, mode)),
    openat: (dirfd, path, flags, mode) =>
      open(thread, "openat", opening(thread, "openat", dirfd, path, flags, mode)),
    mkfifo: (path, mode) => mkfifo(thread, "mkfifo", AT_FDCWD, path, mode),
    mkfifoat: (dirfd, path, mode) =>
      mkfifo(thread, "mkfifoat", int(dirfd, "mkfifoat", "dirfd"), path, mode),
    truncate: (path, length) => {
      const name = pathname(path, "truncate");
      const size = long(length, "truncate", "length");
      const attempt = () => thread.kernel.sys_truncate(putPath(thread, name), size);
      return finish(thread, "truncate", attempt(), attempt, zero);
    },
    ftruncate: (fd, length) => {
      const id = int(fd, "ftruncate", "fd");
      const size = long(length, "ftruncate", "length");
      const attempt = () => thread.kernel.sys_ftruncate(id, size);
      return finish(thread, "ftruncate", attempt(), attempt, zero);
    },
    fsync: syncNow("fsync"),
    fdatasync: syncNow("fdatasync"),
    syncfs: syncNow("syncfs"),
    sync: () => {
      const attempt = () => thread.kernel.sys_sync();
      return finish(thread, "sync", attempt(), attempt, zero);
    },
  };
}

/** A file whose disk is behind is carried first; its number is free whatever that said, as on Linux. */
async function closeAsync(
  thread: Thread,
  fd: number,
  options: CallOptions | undefined,
): Promise<0> {
  const id = int(fd, "close", "fd");
  const signal = abortSignal(options, "close");
  const { kernel } = thread;
  const first = await finishAsync(thread, "close", () => kernel.sys_close(id, 0), same, { signal });
  if (first === 0) return 0;
  try {
    await finishAsync(thread, "close", () => kernel.sys_fsync(id, 1), zero, { signal });
  } finally {
    await finishAsync(thread, "close", () => kernel.sys_close(id, 1), zero);
  }
  return 0;
}

/** The twins of those that wait. */
export function openCallsAsync(thread: Thread): AsyncFsCalls {
  const syncLater =
    (call: string) =>
    async (fd: number, options?: CallOptions): Promise<0> =>
      finishAsync(thread, call, sync(thread, call, fd), zero, {
        signal: abortSignal(options, call),
      });
  return {
    open: async (path, flags, mode, options) =>
      openAsync(thread, "open", opening(thread, "open", AT_FDCWD, path, flags, mode), options),
    openat: async (dirfd, path, flags, mode, options) =>
      openAsync(thread, "openat", opening(thread, "openat", dirfd, path, flags, mode), options),
    fsync: syncLater("fsync"),
    fdatasync: syncLater("fdatasync"),
    syncfs: syncLater("syncfs"),
    sync: async (options) =>
      finishAsync(thread, "sync", () => thread.kernel.sys_sync(), zero, {
        signal: abortSignal(options, "sync"),
      }),
    close: async (fd, options) => closeAsync(thread, fd, options),
  };
}
