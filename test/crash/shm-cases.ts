/** Shared memory calls to be cut off. */
import { ELOCK } from "../../assembly/abi/errno.ts";
import {
  IPC_INFO,
  IPC_PERM_MODE,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
} from "../../assembly/abi/ipc.ts";
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import {
  SHM_INFO,
  SHM_LOCK,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
  SHM_STAT,
  SHM_UNLOCK,
  SHMID_DS_SIZE,
} from "../../assembly/abi/shm.ts";
import type { TestTask } from "../support/machine.ts";
import { LAYOUT } from "./crash-memory.ts";
import { made, type Scenario, SHARED } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const get = (task: TestTask, key: number, size: number): number =>
  task.call((kernel) => kernel.sys_shmget(key, size, SHARED));
const attach = (task: TestTask, id: number, addr = 0, flags = 0): number =>
  task.call((kernel) => kernel.sys_shmat(id, addr, flags));
const ctl = (task: TestTask, id: number, cmd: number): number =>
  task.call((kernel) => kernel.sys_shmctl(id, cmd));
const remove = (task: TestTask, id: number): number => ctl(task, id, IPC_RMID);
const detach = (task: TestTask, addr: number): number =>
  task.call((kernel) => kernel.sys_shmdt(addr));

function segment(scene: Scene): void {
  scene.id = made(get(scene.b, 5, 5000));
}

function attached(scene: Scene): void {
  segment(scene);
  scene.addr = made(attach(scene.a, scene.id));
}

/** A has four pages attached, and another segment of one page. */
function wide(scene: Scene): void {
  scene.id = made(get(scene.a, IPC_PRIVATE, 4 * PAGE_SIZE));
  scene.addr = made(attach(scene.a, scene.id));
  scene.other = made(get(scene.a, IPC_PRIVATE, PAGE_SIZE));
}

/** The same, with a hole in the middle that the other segment fills. */
function pieces(scene: Scene): void {
  wide(scene);
  made(attach(scene.a, scene.other, scene.addr + PAGE_SIZE, SHM_REMAP));
}

/** Free extents of 1, 3 and 2 pages, oldest first, with a segment behind each. */
function extents(s: Scene): void {
  const ids = [1, 1, 3, 1, 2, 1].map((pages) => made(get(s.b, IPC_PRIVATE, pages * PAGE_SIZE)));
  for (const index of [0, 2, 4]) remove(s.b, ids[index]!);
}

/** Attachments of C until `free` entries are left. */
function attachments(s: Scene, free: number): void {
  for (let count = s.machine.limits.SHMSEG - free; count > 0; count -= 1) made(attach(s.c, s.id));
}

/** A holds frames for a segment of `size` bytes that it could not yet publish. */
function holds(s: Scene, size: number): void {
  const word = LAYOUT.word("region/LOCK_SHM") >> 2;
  s.machine.i32[word] = s.machine.holder;
  if (get(s.a, IPC_PRIVATE, size) !== -ELOCK) throw new Error("the lock is not held");
  s.machine.i32[word] = 0;
}

const MAKE: readonly Scenario[] = [
  {
    name: "shmget() of a new segment from fresh frames",
    prepare: segment,
    call: (s) => get(s.a, 6, 9000),
  },
  {
    name: "shmget() of a new segment from recycled frames",
    prepare(s) {
      const first = made(get(s.b, 5, 20000));
      s.id = made(get(s.b, IPC_PRIVATE, PAGE_SIZE));
      remove(s.b, first);
    },
    call: (s) => get(s.a, 6, 9000),
  },
  {
    name: "shmget() that takes a whole extent out of the free list",
    prepare: extents,
    limits: { SHMMNI: 6 },
    call: (s) => get(s.a, 6, 3 * PAGE_SIZE),
  },
  {
    name: "shmget() that takes a part of an extent in the free list",
    prepare: extents,
    limits: { SHMMNI: 6 },
    call: (s) => get(s.a, 6, 2 * PAGE_SIZE),
  },
  {
    name: "shmget() of a segment that is there",
    prepare: segment,
    call: (s) => get(s.a, 5, 5000),
  },
  {
    name: "shmget() of the last segment",
    prepare: (s) => void [1, 2, 3].map((key) => made(get(s.b, key, 10))),
    call: (s) => get(s.a, 6, 10),
  },
  {
    name: "shmget() with every slot in use",
    prepare: (s) => void [1, 2, 3, 4].map((key) => made(get(s.b, key, 10))),
    call: (s) => get(s.a, 6, 10),
  },
  {
    name: "shmget() of the last pages",
    prepare: (s) => void made(get(s.b, 1, 38 * PAGE_SIZE)),
    call: (s) => get(s.a, 6, 2 * PAGE_SIZE),
  },
  {
    name: "shmget() with frames of an earlier call at a held lock",
    prepare: (s) => holds(s, 9000),
    call: (s) => get(s.a, 6, 9000),
  },
  {
    name: "shmget() with other frames of an earlier call at a held lock",
    prepare(s) {
      segment(s);
      holds(s, PAGE_SIZE);
    },
    call: (s) => get(s.a, 6, 9000),
  },
  {
    name: "shmget() that ends a hold, because the segment is there",
    prepare(s) {
      segment(s);
      holds(s, 5000);
    },
    call: (s) => get(s.a, 5, 6000),
  },
];

const ATTACH: readonly Scenario[] = [
  { name: "shmat()", prepare: segment, call: (s) => attach(s.a, s.id) },
  {
    name: "shmat() with SHM_RDONLY and SHM_RND",
    prepare: segment,
    call: (s) => attach(s.a, s.id, 0x40000123, SHM_RDONLY | SHM_RND),
  },
  {
    name: "shmat() of a marked segment",
    prepare(s) {
      attached(s);
      remove(s.b, s.id);
    },
    call: (s) => attach(s.a, s.id),
  },
  {
    name: "shmat() with the last entry",
    prepare(s) {
      segment(s);
      attachments(s, 1);
    },
    call: (s) => attach(s.a, s.id),
  },
  {
    name: "shmat() with every entry in use",
    prepare(s) {
      segment(s);
      attachments(s, 0);
    },
    call: (s) => attach(s.a, s.id),
  },
  {
    name: "shmat(SHM_REMAP) over the middle of an attachment",
    prepare: wide,
    call: (s) => attach(s.a, s.other, s.addr + PAGE_SIZE, SHM_REMAP),
  },
  {
    name: "shmat(SHM_REMAP) over the middle of an attachment without an entry for the rest",
    prepare(s) {
      wide(s);
      attachments(s, 2);
    },
    call: (s) => attach(s.a, s.other, s.addr + PAGE_SIZE, SHM_REMAP),
  },
  {
    name: "shmat(SHM_REMAP) over the beginning of an attachment",
    prepare: wide,
    call: (s) => attach(s.a, s.other, s.addr, SHM_REMAP),
  },
  {
    name: "shmat(SHM_REMAP) over the end of an attachment",
    prepare: wide,
    call: (s) => attach(s.a, s.other, s.addr + 3 * PAGE_SIZE, SHM_REMAP),
  },
  {
    name: "shmat(SHM_REMAP) over three pieces of two segments, one of them marked",
    prepare(s) {
      pieces(s);
      remove(s.b, s.other);
    },
    call: (s) => attach(s.a, s.id, s.addr, SHM_REMAP),
  },
  {
    name: "shmat(SHM_REMAP) of a marked segment over its own last attachment",
    prepare(s) {
      attached(s);
      remove(s.b, s.id);
    },
    call: (s) => attach(s.a, s.id, s.addr, SHM_REMAP),
  },
];

const DETACH: readonly Scenario[] = [
  { name: "shmdt()", prepare: attached, call: (s) => detach(s.a, s.addr) },
  {
    name: "shmdt() of an attachment among others",
    prepare(s) {
      attached(s);
      attachments(s, 2);
    },
    call: (s) => detach(s.a, s.addr),
  },
  {
    name: "shmdt() of the last attachment of a marked segment",
    prepare(s) {
      attached(s);
      remove(s.b, s.id);
    },
    call: (s) => detach(s.a, s.addr),
  },
  {
    name: "shmdt() of an attachment of several pieces",
    prepare: pieces,
    call: (s) => detach(s.a, s.addr),
  },
  {
    name: "shmdt() of an attachment of several pieces of a marked segment",
    prepare(s) {
      pieces(s);
      remove(s.b, s.id);
    },
    call: (s) => detach(s.a, s.addr),
  },
  {
    name: "_exit() with pieces of marked segments",
    prepare(s) {
      pieces(s);
      remove(s.b, s.id);
      remove(s.b, s.other);
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0x900)),
  },
  {
    name: "_exit() with frames for a segment that was not published",
    prepare: (s) => holds(s, 9000),
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0x900)),
  },
];

/** They change nothing but the caller's transfer area. */
const QUESTIONS: readonly Scenario[] = [
  ["IPC_STAT", IPC_STAT],
  ["SHM_STAT", SHM_STAT],
  ["IPC_INFO", IPC_INFO],
  ["SHM_INFO", SHM_INFO],
].map(([name, cmd]) => ({
  name: `shmctl(${name})`,
  prepare: attached,
  call: (s) => ctl(s.a, s.id, Number(cmd)),
}));

const CONTROL: readonly Scenario[] = [
  {
    name: "shmctl(IPC_RMID) of the only segment",
    prepare: segment,
    call: (s) => remove(s.a, s.id),
  },
  {
    name: "shmctl(IPC_RMID) between two free neighbours",
    prepare(s) {
      const ids = [1, 2, 3].map((key) => made(get(s.b, key, 8192)));
      s.id = ids[1]!;
      remove(s.b, ids[0]!);
      remove(s.b, ids[2]!);
    },
    call: (s) => remove(s.a, s.id),
  },
  {
    name: "shmctl(IPC_RMID) behind free extents",
    limits: { SHMMNI: 6 },
    prepare(s) {
      extents(s);
      s.id = made(get(s.b, 9, PAGE_SIZE));
    },
    call: (s) => remove(s.a, s.id),
  },
  {
    name: "shmctl(IPC_RMID) of an attached segment",
    prepare(s) {
      segment(s);
      made(attach(s.b, s.id));
    },
    call: (s) => remove(s.a, s.id),
  },
  { name: "shmctl(SHM_LOCK)", prepare: segment, call: (s) => ctl(s.a, s.id, SHM_LOCK) },
  {
    name: "shmctl(SHM_UNLOCK)",
    prepare(s) {
      segment(s);
      ctl(s.b, s.id, SHM_LOCK);
    },
    call: (s) => ctl(s.a, s.id, SHM_UNLOCK),
  },
  {
    name: "shmctl(IPC_SET) of a marked segment",
    prepare(s) {
      segment(s);
      made(attach(s.b, s.id));
      remove(s.b, s.id);
    },
    call(s) {
      const { u8, view } = s.machine;
      u8.fill(0, s.a.transfer, s.a.transfer + SHMID_DS_SIZE);
      view.setInt32(s.a.transfer + IPC_PERM_MODE, 0o640, true);
      return ctl(s.a, s.id, IPC_SET);
    },
  },
];

export const SHM_SCENARIOS: readonly Scenario[] = [
  ...MAKE,
  ...ATTACH,
  ...DETACH,
  ...CONTROL,
  ...QUESTIONS,
];
