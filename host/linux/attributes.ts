/** stat(2), access(2), chmod(2), chown(2), utimensat(2), umask(2), chdir(2) of the running kernel. */
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../../assembly/abi/fcntl.ts";
import { PATH_MAX } from "../../assembly/abi/limits.ts";
import { int, intOr0 } from "../arguments.ts";
import { fileTimes, pathname } from "../arguments-files.ts";
import type { AttributeCalls, FileTimes } from "../contract-fs.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { statAt } from "./stat.ts";
import { checked } from "./table.ts";

const SYS_GETCWD = process.arch === "x64" ? 79 : 17;

/** struct timespec[2], or null. */
function timesBytes(times: FileTimes | null): Uint8Array | null {
  if (times === null) return null;
  const s = new Struct(32);
  for (const [index, { tv_sec, tv_nsec }] of times.entries()) {
    s.setLong(16 * index, tv_sec);
    s.setLong(16 * index + 8, tv_nsec);
  }
  return s.bytes;
}

/** getcwd(2): Node caches its own answer, and chdir() here goes past it. */
function getcwd(libc: Libc): string {
  const buf = new Uint8Array(PATH_MAX);
  const result = libc.syscall(SYS_GETCWD, libc.addressOf(buf), buf.length, 0);
  return new TextDecoder().decode(buf.subarray(0, checked(result, "getcwd") - 1));
}

function ownerCalls(libc: Libc): Pick<AttributeCalls, "chown" | "lchown" | "fchown"> {
  const ids = (call: string, owner: unknown, group: unknown) =>
    [int(owner, call, "owner") >>> 0, int(group, call, "group") >>> 0] as const;
  const byPath = (call: "chown" | "lchown") => (path: string, owner: number, group: number) =>
    checked(libc[call](pathname(path, call), ...ids(call, owner, group)), call) as 0;
  return {
    chown: byPath("chown"),
    lchown: byPath("lchown"),
    fchown(fd, owner, group) {
      const id = int(fd, "fchown", "fd");
      return checked(libc.fchown(id, ...ids("fchown", owner, group)), "fchown") as 0;
    },
  };
}

export function attributeCalls(libc: Libc): AttributeCalls {
  return {
    ...ownerCalls(libc),
    stat: (path) => statAt(libc, "stat", AT_FDCWD, pathname(path, "stat"), 0),
    lstat: (path) => statAt(libc, "lstat", AT_FDCWD, pathname(path, "lstat"), AT_SYMLINK_NOFOLLOW),
    access(path, mode) {
      const args = [pathname(path, "access"), int(mode, "access", "mode")] as const;
      return checked(libc.access(...args), "access") as 0;
    },
    chmod(path, mode) {
      const args = [pathname(path, "chmod"), int(mode, "chmod", "mode") >>> 0] as const;
      return checked(libc.chmod(...args), "chmod") as 0;
    },
    fchmod(fd, mode) {
      const args = [int(fd, "fchmod", "fd"), int(mode, "fchmod", "mode") >>> 0] as const;
      return checked(libc.fchmod(...args), "fchmod") as 0;
    },
    utimensat(dirfd, path, times, flags) {
      const id = int(dirfd, "utimensat", "dirfd");
      const name = pathname(path, "utimensat");
      const bytes = timesBytes(fileTimes(times, "utimensat"));
      const wanted = intOr0(flags, "utimensat", "flags");
      return checked(libc.utimensat(id, name, bytes, wanted), "utimensat") as 0;
    },
    futimens(fd, times) {
      const id = int(fd, "futimens", "fd");
      const bytes = timesBytes(fileTimes(times, "futimens"));
      return checked(libc.futimens(id, bytes), "futimens") as 0;
    },
    umask: (mask) => libc.umask(int(mask, "umask", "mask") >>> 0),
    chdir: (path) => checked(libc.chdir(pathname(path, "chdir")), "chdir") as 0,
    fchdir: (fd) => checked(libc.fchdir(int(fd, "fchdir", "fd")), "fchdir") as 0,
    getcwd: () => getcwd(libc),
  };
}
