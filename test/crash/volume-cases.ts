/** Calls that wait for a volume's disk, and those of who serves it, to be cut off. */
import { ECANCELED, EIO } from "../../assembly/abi/errno.ts";
import {
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../assembly/abi/fcntl.ts";
import { STAT_INO } from "../../assembly/abi/stat.ts";
import {
  LOOK_DIRTY,
  LOOK_META,
  REQUEST_TASK,
  REQUEST_TICKET,
  VOLUME_SERVED,
} from "../../assembly/abi/volume.ts";
import type { TestKernel, TestTask } from "../support/machine.ts";
import { at, close, makeFile, one, open, two, write } from "./files.ts";
import { made, type Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const DEV = 16;
const EXIT_STATUS = 0x900;
const BYTES = 5000;

const as = (task: TestTask, entry: (kernel: TestKernel) => number): number => task.call(entry);

/** The root is a volume with a file of which the disk has the bytes, one that has none, and a link. */
function volume(s: Scene): void {
  at(s.b, "/", (kernel, length) => kernel.volume_mount(length, 0));
  makeFile(s.b, "/absent");
  made(at(s.b, "/absent", (kernel, length) => kernel.volume_absent(length, BYTES)));
  makeFile(s.b, "/file", 1, 10);
  two(s.b, "sys_symlink", "file", "/link");
  made(as(s.b, (kernel) => kernel.volume_ready(0, VOLUME_SERVED)));
}

/** The number of the inode with this st_ino. */
function numberOf(s: Scene, serial: number): number {
  const { machine, b } = s;
  for (let number = 1; ; number += 1) {
    const look = as(b, (kernel) => kernel.volume_look(number));
    if (look >= 0 && machine.i32[(b.transfer + STAT_INO) >> 2] === serial) return number;
  }
}

/** Leaves the serial of a path in `id`, and its number in `other`. */
function named(s: Scene, path: string): void {
  at(s.b, path, (kernel, length) => kernel.sys_stat(length, 0));
  s.id = s.machine.i32[(s.b.transfer + STAT_INO) >> 2]!;
  s.other = numberOf(s, s.id);
}

/** The file is open to A; B and C sleep until it is on the disk. */
function waited(s: Scene): void {
  volume(s);
  s.id = made(open(s.a, "/file", O_RDWR));
  for (const task of [s.b, s.c]) {
    const fd = made(open(task, "/file", O_RDWR));
    as(task, (kernel) => kernel.sys_fsync(fd, 0));
  }
}

/** The request that B has made. */
function requested(s: Scene): void {
  waited(s);
  as(s.d, (kernel) => kernel.volume_next());
  const word = (offset: number) => s.machine.i32[(s.d.transfer + offset) >> 2]!;
  s.id = word(REQUEST_TASK);
  s.other = word(REQUEST_TICKET);
}

/** A sleeps. */
function asleep(entry: (kernel: TestKernel, fd: number) => number): (s: Scene) => void {
  return (s) => {
    volume(s);
    s.id = made(open(s.a, "/file", O_RDWR));
    as(s.a, (kernel) => entry(kernel, s.id));
  };
}

function load(s: Scene, size: number): number {
  return as(s.a, (kernel) => {
    const held = kernel.volume_hold(size);
    if (held < 0) return held;
    s.machine.u8.fill(7, held, held + size);
    return kernel.volume_load(s.other, s.id, size);
  });
}

const opened = (s: Scene) => {
  volume(s);
  s.id = made(open(s.a, "/file", O_RDWR));
};

const absent = (s: Scene) => {
  volume(s);
  named(s, "/absent");
};

const asks: readonly Scenario[] = [
  {
    name: "open() of a file whose contents are on the disk",
    prepare: volume,
    call: (s) => open(s.a, "/absent", O_RDONLY),
  },
  {
    name: "open(O_TRUNC) of a file whose contents are on the disk",
    prepare: volume,
    call: (s) => open(s.a, "/absent", O_WRONLY | O_TRUNC),
  },
  {
    name: "open(O_CREAT) on a volume",
    prepare: volume,
    call: (s) => open(s.a, "/new", O_RDWR | O_CREAT),
  },
  {
    name: "truncate() of a file whose contents are on the disk",
    prepare: volume,
    call: (s) => at(s.a, "/absent", (kernel, length) => kernel.sys_truncate(length, 10)),
  },
  {
    name: "truncate() to nothing of a file whose contents are on the disk",
    prepare: volume,
    call: (s) => at(s.a, "/absent", (kernel, length) => kernel.sys_truncate(length, 0)),
  },
  {
    name: "unlink() of a file whose contents are on the disk",
    prepare: volume,
    call: (s) => one(s.a, "sys_unlink", "/absent"),
  },
  {
    name: "rename() on a volume",
    prepare: volume,
    call: (s) => two(s.a, "sys_rename", "/absent", "/file"),
  },
  {
    name: "write() on a volume",
    prepare(s) {
      volume(s);
      s.id = made(open(s.a, "/file", O_RDWR | O_APPEND));
    },
    call: (s) => write(s.a, s.id, 2, 4),
  },
  { name: "fsync()", prepare: opened, call: (s) => as(s.a, (kernel) => kernel.sys_fsync(s.id, 0)) },
  {
    name: "fsync() behind others",
    prepare: waited,
    call: (s) => as(s.a, (kernel) => kernel.sys_fsync(s.id, 1)),
  },
  { name: "syncfs()", prepare: opened, call: (s) => as(s.a, (kernel) => kernel.sys_syncfs(s.id)) },
  { name: "sync()", prepare: volume, call: (s) => as(s.a, (kernel) => kernel.sys_sync()) },
  {
    name: "close() of what the disk has not",
    prepare(s) {
      opened(s);
      write(s.a, s.id, 2, 4);
    },
    call: (s) => close(s.a, s.id),
  },
  {
    name: "wait_cancel() of fsync()",
    prepare: asleep((kernel, fd) => kernel.sys_fsync(fd, 0)),
    call: (s) => as(s.a, (kernel) => kernel.wait_cancel(ECANCELED)),
  },
  {
    name: "exit() of who waits for a disk",
    prepare(s) {
      volume(s);
      as(s.call(), (kernel) => kernel.sys_sync());
    },
    call: (s) => as(s.a, (kernel) => kernel.sys_exit(EXIT_STATUS)),
  },
];

const serves: readonly Scenario[] = [
  {
    name: "volume_next()",
    prepare: waited,
    call: (s) => as(s.a, (kernel) => kernel.volume_next()),
  },
  {
    name: "volume_next() of a call without a file",
    prepare(s) {
      volume(s);
      as(s.b, (kernel) => kernel.sys_sync());
    },
    call: (s) => as(s.a, (kernel) => kernel.volume_next()),
  },
  {
    name: "volume_done() of the first of two",
    prepare: requested,
    call: (s) => as(s.a, (kernel) => kernel.volume_done(s.id, s.other, -EIO)),
  },
  {
    name: "volume_done() of nobody's request",
    prepare: requested,
    call: (s) => as(s.a, (kernel) => kernel.volume_done(s.id, s.other + 9, 0)),
  },
  {
    name: "volume_load()",
    prepare: absent,
    call: (s) => load(s, BYTES),
    steps: [(s) => as(s.a, (kernel) => Math.min(kernel.volume_hold(BYTES), 0))],
  },
  {
    name: "volume_load() of nothing",
    prepare: absent,
    call: (s) => as(s.a, (kernel) => kernel.volume_load(s.other, s.id, 0)),
  },
  {
    name: "volume_load() of what is there",
    prepare(s) {
      volume(s);
      named(s, "/file");
    },
    call: (s) => load(s, BYTES),
  },
  {
    name: "volume_load() without room for files",
    limits: { FILE_PAGES: 16 },
    prepare: absent,
    call: (s) => load(s, 20 * 4096),
  },
  {
    name: "volume_mark()",
    prepare(s) {
      volume(s);
      makeFile(s.b, "/new", 1, 10);
      named(s, "/new");
    },
    call: (s) => as(s.a, (kernel) => kernel.volume_mark(s.other, s.id, LOOK_DIRTY | LOOK_META, 0)),
  },
  {
    name: "volume_mark() again",
    prepare(s) {
      volume(s);
      named(s, "/file");
    },
    call: (s) => as(s.a, (kernel) => kernel.volume_mark(s.other, s.id, 0, LOOK_DIRTY | LOOK_META)),
  },
  {
    name: "volume_look()",
    prepare: absent,
    call: (s) => as(s.a, (kernel) => kernel.volume_look(s.other)),
  },
  {
    name: "volume_read()",
    prepare(s) {
      volume(s);
      named(s, "/file");
    },
    call: (s) => as(s.a, (kernel) => kernel.volume_read(s.other, s.id, 2, 100)),
  },
  {
    name: "volume_entries()",
    prepare(s) {
      volume(s);
      named(s, "/");
    },
    call: (s) => as(s.a, (kernel) => kernel.volume_entries(s.other, s.id, 0)),
  },
  {
    name: "volume_changed()",
    prepare(s) {
      volume(s);
      makeFile(s.b, "/new", 1, 10);
    },
    call: (s) => as(s.a, (kernel) => kernel.volume_changed(DEV, 0)),
  },
];

export const VOLUME_SCENARIOS: readonly Scenario[] = [...asks, ...serves];
