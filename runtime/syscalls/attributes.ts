/** stat(2), access(2), chmod(2), chown(2), utimensat(2), umask(2), chdir(2), getcwd(3) over the kernel. */
import {
  TIME_NOW,
  TIME_OMIT,
  TIME_WRONG,
  TIMES_SHIFT,
  UTIME_NOW,
  UTIME_OMIT,
} from "../../assembly/abi/stat.ts";
import { int, intOr0 } from "../../host/arguments.ts";
import { fileTimes, pathname } from "../../host/arguments-files.ts";
import type { Timespec } from "../../host/contract.ts";
import type { Stat } from "../../host/contract-files.ts";
import type { AttributeCalls, FileTimes } from "../../host/contract-fs.ts";
import { finish } from "../finish.ts";
import { putPath, takeText } from "../paths.ts";
import type { Attempt } from "../steps.ts";
import type { Thread } from "../thread.ts";
import { readStat } from "../transfer-files.ts";
import { same, zero } from "./result.ts";

function done(thread: Thread, call: string, attempt: Attempt): 0 {
  return finish(thread, call, attempt(), attempt, zero);
}

function stat(thread: Thread, call: "stat" | "lstat", path: string): Stat {
  const name = pathname(path, call);
  const follow = call === "stat" ? 1 : 0;
  const attempt = () => thread.kernel.sys_stat(putPath(thread, name), follow);
  return finish(thread, call, attempt(), attempt, () => readStat(thread));
}

const NSEC = 1e9;

/** What becomes of one time: TIME_NOW and its like, 0 to set it. */
function how({ tv_nsec }: Timespec): number {
  if (tv_nsec === UTIME_NOW) return TIME_NOW;
  if (tv_nsec === UTIME_OMIT) return TIME_OMIT;
  return tv_nsec < 0 || tv_nsec >= NSEC ? TIME_WRONG : 0;
}

/** Both times as the kernel takes them. */
function timesOf(times: FileTimes | null): [atime: number, mtime: number, how: number] {
  if (times === null) return [0, 0, TIME_NOW | (TIME_NOW << TIMES_SHIFT)];
  const [atime, mtime] = times;
  const [first, second] = [how(atime), how(mtime)];
  const seconds = ({ tv_sec, tv_nsec }: Timespec) => tv_sec + tv_nsec / NSEC;
  if (first === TIME_WRONG || second === TIME_WRONG) return [0, 0, TIME_WRONG];
  return [seconds(atime), seconds(mtime), first | (second << TIMES_SHIFT)];
}

/** utimensat(2): then nothing is looked at. */
function isNothing(how: number): boolean {
  return how === (TIME_OMIT | (TIME_OMIT << TIMES_SHIFT));
}

function timeCalls(thread: Thread): Pick<AttributeCalls, "utimensat" | "futimens"> {
  return {
    utimensat(dirfd, path, times, flags) {
      const id = int(dirfd, "utimensat", "dirfd");
      const name = pathname(path, "utimensat");
      const args = timesOf(fileTimes(times, "utimensat"));
      const wanted = intOr0(flags, "utimensat", "flags");
      if (isNothing(args[2])) return 0;
      return done(thread, "utimensat", () =>
        thread.kernel.sys_utimensat(id, putPath(thread, name), wanted, ...args),
      );
    },
    futimens(fd, times) {
      const id = int(fd, "futimens", "fd");
      const args = timesOf(fileTimes(times, "futimens"));
      if (isNothing(args[2])) return 0;
      return done(thread, "futimens", () => thread.kernel.sys_futimens(id, ...args));
    },
  };
}

function ownerCalls(
  thread: Thread,
): Pick<AttributeCalls, "chmod" | "fchmod" | "chown" | "lchown" | "fchown"> {
  const byPath = (call: "chown" | "lchown") => (path: string, owner: number, group: number) => {
    const name = pathname(path, call);
    const uid = int(owner, call, "owner");
    const gid = int(group, call, "group");
    const follow = call === "chown" ? 1 : 0;
    return done(thread, call, () =>
      thread.kernel.sys_chown(putPath(thread, name), uid, gid, follow),
    );
  };
  return {
    chmod(path, mode) {
      const name = pathname(path, "chmod");
      const bits = int(mode, "chmod", "mode");
      return done(thread, "chmod", () => thread.kernel.sys_chmod(putPath(thread, name), bits));
    },
    fchmod(fd, mode) {
      const id = int(fd, "fchmod", "fd");
      const bits = int(mode, "fchmod", "mode");
      return done(thread, "fchmod", () => thread.kernel.sys_fchmod(id, bits));
    },
    chown: byPath("chown"),
    lchown: byPath("lchown"),
    fchown(fd, owner, group) {
      const id = int(fd, "fchown", "fd");
      const uid = int(owner, "fchown", "owner");
      const gid = int(group, "fchown", "group");
      return done(thread, "fchown", () => thread.kernel.sys_fchown(id, uid, gid));
    },
  };
}

/** The calls of one thread on what is known of files, and on the process's own place. */
export function attributeCalls(thread: Thread): AttributeCalls {
  return {
    ...ownerCalls(thread),
    ...timeCalls(thread),
    stat: (path) => stat(thread, "stat", path),
    lstat: (path) => stat(thread, "lstat", path),
    access(path, mode) {
      const name = pathname(path, "access");
      const wanted = int(mode, "access", "mode");
      return done(thread, "access", () => thread.kernel.sys_access(putPath(thread, name), wanted));
    },
    umask(mask) {
      const bits = int(mask, "umask", "mask");
      const attempt = () => thread.kernel.sys_umask(bits);
      return finish(thread, "umask", attempt(), attempt, same);
    },
    chdir(path) {
      const name = pathname(path, "chdir");
      return done(thread, "chdir", () => thread.kernel.sys_chdir(putPath(thread, name)));
    },
    fchdir(fd) {
      const id = int(fd, "fchdir", "fd");
      return done(thread, "fchdir", () => thread.kernel.sys_fchdir(id));
    },
    getcwd() {
      const attempt = () => thread.kernel.sys_getcwd();
      return finish(thread, "getcwd", attempt(), attempt, (length) => takeText(thread, length));
    },
  };
}
