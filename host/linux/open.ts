/** open(2), mkfifo(3), truncate(2), fsync(2) of the running kernel. */
import { AT_FDCWD } from "../../assembly/abi/fcntl.ts";
import { int, intOr0, long } from "../arguments.ts";
import { pathname } from "../arguments-files.ts";
import type { OpenCalls } from "../contract-fs.ts";
import type { Libc } from "./libc.ts";
import { nativeFlags } from "./open-flags.ts";
import { checked } from "./table.ts";

/** A checked open() or openat(), as the C library takes it. */
export interface OpenRequest {
  dirfd: number;
  path: string;
  flags: number;
  mode: number;
}

export function openRequest(
  call: "open" | "openat",
  dirfd: unknown,
  path: unknown,
  flags: unknown,
  mode: unknown,
): OpenRequest {
  return {
    dirfd: int(dirfd, call, "dirfd"),
    path: pathname(path, call),
    flags: nativeFlags(int(flags, call, "flags")),
    mode: intOr0(mode, call, "mode"),
  };
}

/** @returns the descriptor, or a negated errno. */
export function makeOpen(libc: Libc, { dirfd, path, flags, mode }: OpenRequest): number {
  return libc.openat(dirfd, path, flags, mode >>> 0);
}

export function openCalls(libc: Libc): OpenCalls {
  function mkfifoat(call: string, dirfd: number, path: unknown, mode: unknown): 0 {
    const args = [dirfd, pathname(path, call), int(mode, call, "mode") >>> 0] as const;
    return checked(libc.mkfifoat(...args), call) as 0;
  }

  return {
    open(path, flags, mode) {
      const request = openRequest("open", AT_FDCWD, path, flags, mode);
      return checked(makeOpen(libc, request), "open");
    },
    openat(dirfd, path, flags, mode) {
      const request = openRequest("openat", dirfd, path, flags, mode);
      return checked(makeOpen(libc, request), "openat");
    },
    mkfifo: (path, mode) => mkfifoat("mkfifo", AT_FDCWD, path, mode),
    mkfifoat: (dirfd, path, mode) =>
      mkfifoat("mkfifoat", int(dirfd, "mkfifoat", "dirfd"), path, mode),
    truncate(path, length) {
      const args = [pathname(path, "truncate"), long(length, "truncate", "length")] as const;
      return checked(libc.truncate(...args), "truncate") as 0;
    },
    ftruncate(fd, length) {
      const args = [int(fd, "ftruncate", "fd"), long(length, "ftruncate", "length")] as const;
      return checked(libc.ftruncate(...args), "ftruncate") as 0;
    },
    syncfs: (fd) => checked(libc.syncfs(int(fd, "syncfs", "fd")), "syncfs") as 0,
    sync: () => {
      libc.sync();
      return 0;
    },
    fsync: (fd) => checked(libc.fsync(int(fd, "fsync", "fd")), "fsync") as 0,
    fdatasync: (fd) => checked(libc.fdatasync(int(fd, "fdatasync", "fd")), "fdatasync") as 0,
  };
}
