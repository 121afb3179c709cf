/** Calls on files, directories and FIFOs to be cut off. */

import { ERETRY } from "../../assembly/abi/errno.ts";
import {
  AT_FDCWD,
  O_APPEND,
  O_CREAT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { PATH_MAX } from "../../assembly/abi/limits.ts";
import { SEEK_SET } from "../../assembly/abi/unistd.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { writeAttributes } from "../support/spawn-attributes.ts";
import { at, close, makeFile, mkdir, mkfifo, one, open, putPath, two, write } from "./files.ts";
import { made, type Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const LONG = "n".repeat(250);
const ROOMY = { INODES: 45 };

/** A directory in which one name of that length more has no room. */
function fullDirectory(s: Scene): void {
  mkdir(s.b, "/d");
  for (let index = 0; index < 15; index += 1) makeFile(s.b, `/d/${LONG}${index}`);
}

/** A's descriptor of a new file with so many bytes. */
function file(s: Scene, count: number, flags = O_RDWR): void {
  makeFile(s.b, "/file", 1, count);
  s.id = made(open(s.a, "/file", flags));
}

/** A is in a directory that was removed, as were the two above it. */
function removedBelow(s: Scene): void {
  const paths = ["/d", "/d/e", "/d/e/f"];
  for (const path of paths) mkdir(s.b, path);
  one(s.a, "sys_chdir", "/d/e/f");
  for (const path of paths.reverse()) one(s.b, "sys_rmdir", path);
}

const names: readonly Scenario[] = [
  {
    name: "open(O_CREAT) of a new file",
    prepare: () => {},
    call: (s) => open(s.a, "/new", O_RDWR | O_CREAT),
  },
  {
    name: "open(O_CREAT) of the first file of a directory",
    prepare: (s) => void mkdir(s.b, "/d"),
    call: (s) => open(s.a, "/d/new", O_RDWR | O_CREAT),
  },
  {
    name: "open(O_CREAT) in a directory that grows",
    limits: ROOMY,
    prepare: fullDirectory,
    call: (s) => open(s.a, `/d/${LONG}x`, O_RDWR | O_CREAT),
  },
  {
    name: "open(O_CREAT) in the place of a longer name",
    prepare(s) {
      for (const name of ["a", LONG, "b"]) makeFile(s.b, `/${name}`);
      one(s.b, "sys_unlink", `/${LONG}`);
    },
    call: (s) => open(s.a, "/new", O_RDWR | O_CREAT),
  },
  {
    name: "open(O_CREAT) in the place of the first name",
    prepare(s) {
      mkdir(s.b, "/d");
      for (const name of ["a", "b"]) makeFile(s.b, `/d/${name}`);
      one(s.b, "sys_unlink", "/d/a");
    },
    call: (s) => open(s.a, "/d/c", O_RDWR | O_CREAT),
  },
  { name: "mkdir()", prepare: () => {}, call: (s) => mkdir(s.a, "/d") },
  { name: "mkfifo()", prepare: () => {}, call: (s) => mkfifo(s.a, "/fifo") },
  {
    name: "symlink()",
    prepare: () => {},
    call: (s) => two(s.a, "sys_symlink", "target", "/link"),
  },
  {
    name: "symlink() as the first entry",
    prepare: (s) => void mkdir(s.b, "/d"),
    call: (s) => two(s.a, "sys_symlink", "target", "/d/link"),
  },
  {
    name: "symlink() by another call of the thread",
    prepare: (s) => void s.call(),
    caller: (s) => s.more[0]!,
    call: (s) => two(s.more[0]!, "sys_symlink", "target", "/link"),
  },
  {
    name: "link()",
    prepare: (s) => void makeFile(s.b, "/a", 1, 10),
    call: (s) => two(s.a, "sys_link", "/a", "/b"),
  },
  {
    name: "unlink() of a file's only name",
    prepare: (s) => void makeFile(s.b, "/a", 1, 10),
    call: (s) => one(s.a, "sys_unlink", "/a"),
  },
  {
    name: "unlink() of one of two names, which is not the first",
    prepare(s) {
      makeFile(s.b, "/a", 1, 10);
      two(s.b, "sys_link", "/a", "/b");
    },
    call: (s) => one(s.a, "sys_unlink", "/b"),
  },
  {
    name: "unlink() of what is open",
    prepare(s) {
      makeFile(s.b, "/a", 1, 10);
      made(open(s.b, "/a", O_RDWR));
    },
    call: (s) => one(s.a, "sys_unlink", "/a"),
  },
  {
    name: "rmdir()",
    prepare(s) {
      mkdir(s.b, "/d");
      makeFile(s.b, "/d/a");
      one(s.b, "sys_unlink", "/d/a");
    },
    call: (s) => one(s.a, "sys_rmdir", "/d"),
  },
];

/** The lock on names is inherited, by one who dies before he has woken those who sleep on it. */
const burial: Scenario = {
  name: "thread_dead() of who died in mkdir() while others wanted a name",
  caller: (s) => s.supervisor,
  prepare(s) {
    const { task } = s.child(s.pids.b);
    s.id = task.serial;
    if (!task.dies({ store: 20 }, () => mkdir(task, "/d"))) throw new Error("it did not die");
    if (s.sleepOnLocks().length === 0) throw new Error("no lock was held");
  },
  call: (s) => s.supervisor.call((kernel) => kernel.thread_dead(s.id)),
  dead: (s) => [s.supervisor, s.more[0]!],
};

const renames: readonly Scenario[] = [
  {
    name: "rename() to a new name",
    prepare: (s) => void makeFile(s.b, "/a", 1, 10),
    call: (s) => two(s.a, "sys_rename", "/a", "/b"),
  },
  {
    name: "rename() over a file",
    prepare(s) {
      makeFile(s.b, "/a", 1, 10);
      makeFile(s.b, "/b", 2, 10);
    },
    call: (s) => two(s.a, "sys_rename", "/a", "/b"),
  },
  {
    name: "rename() over a file that has another name",
    prepare(s) {
      makeFile(s.b, "/a", 1, 10);
      makeFile(s.b, "/b", 2, 10);
      two(s.b, "sys_link", "/b", "/c");
    },
    call: (s) => two(s.a, "sys_rename", "/a", "/b"),
  },
  {
    name: "rename() of a directory over an empty one elsewhere",
    prepare(s) {
      for (const path of ["/a", "/a/b", "/c", "/c/d"]) mkdir(s.b, path);
      makeFile(s.b, "/a/b/file");
    },
    call: (s) => two(s.a, "sys_rename", "/a/b", "/c/d"),
  },
  {
    name: "rename() into a directory that grows",
    limits: ROOMY,
    prepare(s) {
      fullDirectory(s);
      mkdir(s.b, "/a");
    },
    call: (s) => two(s.a, "sys_rename", "/a", `/d/${LONG}x`),
  },
];

const data: readonly Scenario[] = [
  {
    name: "write() to an empty file",
    prepare: (s) => file(s, 0),
    call: (s) => write(s.a, s.id, 2, 100),
  },
  {
    name: "write() within a file",
    prepare: (s) => file(s, 100),
    call: (s) => write(s.a, s.id, 2, 100),
    // As on Linux, what is overwritten may be cut off.
    steps: [(s) => write(s.a, s.id, 2, 50)],
  },
  {
    name: "write() with O_APPEND that makes the file grow",
    prepare: (s) => file(s, 4090, O_RDWR | O_APPEND),
    call: (s) => write(s.a, s.id, 2, 100),
  },
  {
    name: "write() past the end",
    prepare(s) {
      file(s, 10);
      s.a.call((kernel) => kernel.sys_lseek(s.id, 100, SEEK_SET));
    },
    call: (s) => write(s.a, s.id, 2, 10),
  },
  {
    name: "write() to a full machine",
    limits: { FILE_PAGES: 16 },
    prepare(s) {
      file(s, 4000, O_RDWR | O_APPEND);
      makeFile(s.b, "/other");
      at(s.b, "/other", (kernel, length) => kernel.sys_truncate(length, 13 * 4096));
    },
    call: (s) => write(s.a, s.id, 2, 100),
  },
  {
    name: "write() that takes S_ISUID away",
    prepare(s) {
      makeFile(s.b, "/file", 1, 10);
      at(s.b, "/file", (kernel, length) => kernel.sys_chmod(length, 0o6777));
      const { task } = s.child(s.pids.b, { uid: 5, gid: 5 });
      s.id = made(open(task, "/file", O_RDWR));
    },
    caller: (s) => s.more[0]!,
    call: (s) => write(s.more[0]!, s.id, 2, 5),
    // The bits go first; what is overwritten may be cut off.
    steps: [
      (s) => at(s.b, "/file", (kernel, length) => kernel.sys_chmod(length, 0o777)),
      (s) => write(s.more[0]!, s.id, 2, 2),
    ],
  },
  {
    name: "read() that moves the offset",
    prepare: (s) => file(s, 100),
    call: (s) => s.a.call((kernel) => kernel.sys_read(s.id, s.a.transfer, 50, 0)),
  },
  {
    name: "truncate() to nothing",
    prepare: (s) => void makeFile(s.b, "/file", 1, 5000),
    call: (s) => at(s.a, "/file", (kernel, length) => kernel.sys_truncate(length, 0)),
  },
  {
    name: "truncate() that makes it longer",
    prepare: (s) => void makeFile(s.b, "/file", 1, 10),
    call: (s) => at(s.a, "/file", (kernel, length) => kernel.sys_truncate(length, 5000)),
  },
  {
    name: "ftruncate() to less",
    prepare: (s) => file(s, 5000),
    call: (s) => s.a.call((kernel) => kernel.sys_ftruncate(s.id, 10)),
  },
  {
    name: "ftruncate() that has no room, and takes none",
    limits: { FILE_PAGES: 16 },
    prepare: (s) => file(s, 10),
    call: (s) => s.a.call((kernel) => kernel.sys_ftruncate(s.id, 16 * 4096)),
  },
  {
    name: "pwrite() that has no room, and takes none",
    limits: { FILE_PAGES: 16 },
    prepare: (s) => file(s, 10),
    call: (s) => s.a.call((kernel) => kernel.sys_pwrite(s.id, s.a.transfer, 10, 16 * 4096)),
  },
  {
    name: "open(O_TRUNC)",
    prepare: (s) => void makeFile(s.b, "/file", 1, 5000),
    call: (s) => open(s.a, "/file", O_WRONLY | O_TRUNC),
  },
];

const attributes: readonly Scenario[] = [
  {
    name: "chmod()",
    prepare: (s) => void makeFile(s.b, "/file"),
    call: (s) => at(s.a, "/file", (kernel, length) => kernel.sys_chmod(length, 0o600)),
  },
  {
    name: "chown()",
    prepare: (s) => void makeFile(s.b, "/file"),
    call: (s) => at(s.a, "/file", (kernel, length) => kernel.sys_chown(length, 3, 4, 1)),
  },
  {
    name: "chown() that takes S_ISUID away",
    prepare(s) {
      makeFile(s.b, "/file");
      at(s.b, "/file", (kernel, length) => kernel.sys_chmod(length, 0o6777));
    },
    call: (s) => at(s.a, "/file", (kernel, length) => kernel.sys_chown(length, -1, 4, 1)),
  },
  {
    name: "utimensat()",
    prepare: (s) => void makeFile(s.b, "/file"),
    call: (s) =>
      at(s.a, "/file", (kernel, length) => kernel.sys_utimensat(AT_FDCWD, length, 0, 5, 6, 0)),
  },
  {
    name: "umask()",
    prepare: () => {},
    call: (s) => s.a.call((kernel) => kernel.sys_umask(0o77)),
  },
  {
    name: "chdir()",
    prepare: (s) => void mkdir(s.b, "/d"),
    call: (s) => one(s.a, "sys_chdir", "/d"),
  },
  {
    name: "chdir() out of a directory that was removed",
    prepare(s) {
      mkdir(s.b, "/d");
      makeFile(s.b, "/d/file");
      one(s.a, "sys_chdir", "/d");
      one(s.b, "sys_unlink", "/d/file");
      one(s.b, "sys_rmdir", "/d");
    },
    call: (s) => one(s.a, "sys_chdir", "/"),
  },
  {
    name: "chdir() up from a directory that was removed, past one that goes with it",
    prepare: removedBelow,
    call: (s) => one(s.a, "sys_chdir", "../.."),
  },
  {
    name: "chdir() out of a directory that was removed after those above it",
    prepare: removedBelow,
    call: (s) => one(s.a, "sys_chdir", "/"),
  },
  {
    name: "sys_exit() in a directory that was removed after those above it",
    prepare: removedBelow,
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0)),
  },
  {
    name: "rmdir() of a directory that is in use",
    prepare(s) {
      for (const path of ["/d", "/d/e"]) mkdir(s.b, path);
      one(s.a, "sys_chdir", "/d/e");
    },
    call: (s) => one(s.a, "sys_rmdir", "/d/e"),
  },
  {
    name: "rename() over a directory that is in use",
    prepare(s) {
      for (const path of ["/d", "/e"]) mkdir(s.b, path);
      one(s.a, "sys_chdir", "/e");
    },
    call: (s) => two(s.a, "sys_rename", "/d", "/e"),
  },
  {
    name: "close() of a directory that was removed after the one above it",
    prepare(s) {
      for (const path of ["/d", "/d/e"]) mkdir(s.b, path);
      s.id = made(open(s.a, "/d/e", O_RDONLY));
      for (const path of ["/d/e", "/d"]) one(s.b, "sys_rmdir", path);
    },
    call: (s) => close(s.a, s.id),
  },
  {
    name: "sys_spawn() of a child that begins in a directory",
    prepare(s) {
      mkdir(s.b, "/d");
      one(s.a, "sys_chdir", "/d");
      s.id = made(s.a.call((kernel) => kernel.pool_claim()));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_spawn(s.id, 0)),
  },
  {
    name: "sys_spawn() of a child in a directory that its parent names",
    prepare(s) {
      mkdir(s.b, "/d");
      mkdir(s.b, "/e");
      one(s.a, "sys_chdir", "/d");
      s.id = made(s.a.call((kernel) => kernel.pool_claim()));
    },
    call(s) {
      const length = putPath(s.a, "/e", PATH_MAX);
      const flags = writeAttributes(s.machine.i32, s.a.transfer, { cwd: length, umask: 0o77 });
      return s.a.call((kernel) => kernel.sys_spawn(s.id, flags));
    },
  },
  {
    name: "close() of a file without a name",
    prepare(s) {
      file(s, 10);
      one(s.b, "sys_unlink", "/file");
    },
    call: (s) => close(s.a, s.id),
  },
  {
    name: "sys_exit() with files, a directory and a FIFO that have no name",
    prepare(s) {
      file(s, 10);
      mkdir(s.b, "/d");
      mkfifo(s.b, "/fifo");
      made(open(s.a, "/fifo", O_RDWR));
      one(s.a, "sys_chdir", "/d");
      for (const path of ["/file", "/fifo"]) one(s.b, "sys_unlink", path);
      one(s.b, "sys_rmdir", "/d");
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0)),
  },
];

/** Calls that change nothing but the offset of what is open. */
const looks: readonly Scenario[] = [
  {
    name: "stat() through links and up again",
    prepare(s) {
      mkdir(s.b, "/d");
      two(s.b, "sys_symlink", "d/../d/./link", "/a");
      two(s.b, "sys_symlink", "/d/", "/d/link");
    },
    call: (s) => at(s.a, "/a/", (kernel, length) => kernel.sys_stat(length, 1)),
  },
  {
    name: "readlink()",
    prepare: (s) => void two(s.b, "sys_symlink", "target", "/link"),
    call: (s) => one(s.a, "sys_readlink", "/link"),
  },
  {
    name: "getcwd()",
    prepare(s) {
      mkdir(s.b, "/d");
      mkdir(s.b, "/d/e");
      one(s.a, "sys_chdir", "/d/e");
    },
    call: (s) => s.a.call((kernel) => kernel.sys_getcwd()),
  },
  {
    name: "read() of the end of a line of /proc/sysvipc",
    prepare(s) {
      s.b.call((kernel) => kernel.sys_msgget(0, 0o600));
      s.id = made(open(s.a, "/proc/sysvipc/msg", O_RDONLY));
      s.a.call((kernel) => kernel.sys_lseek(s.id, 210, SEEK_SET));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_read(s.id, s.a.transfer, 20, 0)),
  },
  {
    name: "lseek() of a file of /proc/sysvipc",
    prepare(s) {
      s.id = made(open(s.a, "/proc/sysvipc/shm", O_RDONLY));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_lseek(s.id, 3, SEEK_SET)),
  },
  {
    name: "getcwd() in the root",
    prepare: () => {},
    call: (s) => s.a.call((kernel) => kernel.sys_getcwd()),
  },
  {
    name: "getdents()",
    prepare(s) {
      s.id = made(open(s.a, "/", O_RDONLY));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_getdents(s.id, 4096)),
  },
  {
    name: "lseek() of a directory",
    prepare(s) {
      s.id = made(open(s.a, "/", O_RDONLY));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_lseek(s.id, 3, SEEK_SET)),
  },
  {
    name: "lseek() of a file",
    prepare: (s) => file(s, 10),
    call: (s) => s.a.call((kernel) => kernel.sys_lseek(s.id, 3, SEEK_SET)),
  },
  {
    name: "read() of /dev/zero",
    prepare(s) {
      s.id = made(open(s.a, "/dev/zero", O_RDONLY));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_read(s.id, s.a.transfer, 50, 0)),
  },
];

/** fchmod() and its like of a pipe, which has no name. */
const pipes: readonly Scenario[] = (
  [
    ["fchmod", (kernel, fd) => kernel.sys_fchmod(fd, 0o640)],
    ["fchown", (kernel, fd) => kernel.sys_fchown(fd, 3, 4)],
    ["futimens", (kernel, fd) => kernel.sys_futimens(fd, 5, 6, 0)],
  ] as const satisfies readonly [string, (kernel: TestKernel, fd: number) => number][]
).map(([call, entry]) => ({
  name: `${call}() of a pipe`,
  prepare(s) {
    made(s.a.call((kernel) => kernel.sys_pipe2(0)));
    s.id = s.machine.i32[s.a.transfer >> 2]!;
  },
  call: (s) => s.a.call((kernel) => entry(kernel, s.id)),
}));

const reads = (task: TestTask) => open(task, "/fifo", O_RDONLY);
const fifo = (s: Scene) => void mkfifo(s.b, "/fifo");

const fifos: readonly Scenario[] = [
  {
    name: "open() of a FIFO without waiting",
    prepare: fifo,
    call: (s) => open(s.a, "/fifo", O_RDONLY | O_NONBLOCK),
  },
  { name: "open() of a FIFO that waits for a writer", prepare: fifo, call: (s) => reads(s.a) },
  {
    name: "open() of a FIFO that two readers wait for",
    prepare(s) {
      fifo(s);
      reads(s.b);
      reads(s.c);
    },
    call: (s) => open(s.a, "/fifo", O_WRONLY),
  },
  {
    name: "open() of a FIFO whose reader waits for a writer",
    prepare(s) {
      fifo(s);
      open(s.b, "/fifo", O_WRONLY);
    },
    call: (s) => reads(s.a),
  },
  {
    name: "open() of a FIFO that was waited for is made again",
    prepare(s) {
      fifo(s);
      reads(s.a);
      made(open(s.b, "/fifo", O_WRONLY));
    },
    call: (s) => (s.a.waitResult() === -ERETRY ? reads(s.a) : 0),
  },
  {
    name: "open_abort() of one that waits",
    prepare(s) {
      fifo(s);
      reads(s.a);
      s.a.waitCancel(4);
    },
    call: (s) => s.a.call((kernel) => kernel.open_abort()),
  },
  {
    name: "close() of a FIFO's last end",
    prepare(s) {
      fifo(s);
      s.id = made(open(s.a, "/fifo", O_RDWR));
      write(s.a, s.id, 1, 10);
    },
    call: (s) => close(s.a, s.id),
  },
];

export const FS_SCENARIOS: readonly Scenario[] = [
  ...names,
  burial,
  ...renames,
  ...data,
  ...attributes,
  ...looks,
  ...pipes,
  ...fifos,
];
