/** Semaphore calls to be cut off. */
import { EAGAIN } from "../../assembly/abi/errno.ts";
import {
  IPC_INFO,
  IPC_NOWAIT,
  IPC_PERM_GID,
  IPC_PERM_MODE,
  IPC_PERM_SIZE,
  IPC_PERM_UID,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
} from "../../assembly/abi/ipc.ts";
import {
  GETALL,
  GETNCNT,
  SEM_INFO,
  SEM_STAT,
  SEM_UNDO,
  SETALL,
  SETVAL,
} from "../../assembly/abi/sem.ts";
import type { TestTask } from "../support/machine.ts";
import { type Op, semop, writeValues } from "../support/machine-structs.ts";
import { made, type Scenario, SHARED, sleepOnBusy } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const op = (num: number, change: number, flg = 0): Op => ({ num, op: change, flg });
const one = (task: TestTask, id: number, ...ops: Op[]): number => semop(task, id, ops, true);
const get = (task: TestTask, key: number, count: number): number =>
  task.call((kernel) => kernel.sys_semget(key, count, SHARED));
const ctl = (task: TestTask, id: number, cmd: number, arg = 0): number =>
  task.call((kernel) => kernel.sys_semctl(id, 0, cmd, arg));

function setOf(scene: Scene, count: number, value: number): void {
  scene.id = made(get(scene.b, 7, count));
  ctl(scene.b, scene.id, SETVAL, value);
}

/** B, C and D sleep; +3 on semaphore 0 lets all of them go on, C's own change lets D. */
function sleepers(scene: Scene): void {
  setOf(scene, 3, 0);
  semop(scene.b, scene.id, [op(0, -1, SEM_UNDO)]);
  semop(scene.c, scene.id, [op(0, -2), op(1, 1)]);
  semop(scene.d, scene.id, [op(1, -1)]);
}

/**
 * The undo structure is made before anything else, as on Linux, and is there when the call fails:
 * at exit a structure of zeros sets sem_otime.
 */
const structureOnly =
  (...nums: number[]) =>
  (s: Scene): number =>
    semop(s.a, s.id, [...nums.map((num) => op(num, 0, SEM_UNDO)), op(0, -999, IPC_NOWAIT)]);

function setAll(task: TestTask, id: number, values: readonly number[]): number {
  writeValues(task, values);
  return ctl(task, id, SETALL, values.length);
}

function adjustments(s: Scene): void {
  sleepers(s);
  one(s.a, s.id, op(2, 1, SEM_UNDO));
  const second = made(get(s.b, 8, 2));
  one(s.a, second, op(0, 4, SEM_UNDO));
  one(s.a, second, op(1, 4, SEM_UNDO));
}

/** A's undo entries fill the table but for `free` of them. */
function undoFull(s: Scene, free: number): void {
  setOf(s, 8, 9);
  const { SEMMNU } = s.machine.limits;
  for (let num = 0; num < SEMMNU - free; num += 1) one(s.c, s.id, op(num, 1, SEM_UNDO));
}

const OPERATIONS: readonly Scenario[] = [
  {
    name: "semop() of one operation",
    prepare: (s) => setOf(s, 3, 5),
    call: (s) => one(s.a, s.id, op(0, -2)),
  },
  {
    name: "semop() of one operation on the fast path",
    sameSecond: true,
    prepare(s) {
      setOf(s, 3, 5);
      one(s.b, s.id, op(1, 1));
    },
    call: (s) => one(s.a, s.id, op(0, -2)),
  },
  {
    name: "semop() of one operation with SEM_UNDO on the fast path",
    sameSecond: true,
    prepare(s) {
      setOf(s, 3, 5);
      one(s.a, s.id, op(0, -1, SEM_UNDO));
    },
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
  },
  {
    name: "semop() of one operation with SEM_UNDO, the first of its process",
    prepare: (s) => setOf(s, 3, 5),
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
    steps: [structureOnly(0)],
  },
  {
    name: "semop() of one operation with SEM_UNDO",
    prepare(s) {
      setOf(s, 3, 5);
      one(s.a, s.id, op(0, -1, SEM_UNDO));
    },
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
  },
  {
    name: "semop() of four operations, two on one semaphore",
    prepare: (s) => setOf(s, 3, 5),
    call: (s) => semop(s.a, s.id, [op(0, -2, SEM_UNDO), op(1, 3), op(1, -1, SEM_UNDO), op(2, 1)]),
    steps: [structureOnly(0), structureOnly(0, 1)],
  },
  {
    name: "semop() of three operations on a set that its burier has used",
    prepare(s) {
      setOf(s, 3, 5);
      one(s.burier, s.id, op(1, 1));
      one(s.burier, s.id, op(1, -1));
    },
    call: (s) => semop(s.a, s.id, [op(0, -1), op(1, -1), op(2, -1)]),
  },
  {
    name: "semop() with SEM_UNDO and the last undo entry",
    prepare: (s) => undoFull(s, 1),
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
    steps: [structureOnly(0)],
  },
  {
    name: "semop() with SEM_UNDO and every undo entry in use",
    prepare: (s) => undoFull(s, 0),
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
  },
  {
    name: "semop() with SEM_UNDO that sweeps the entries of a set that is gone",
    prepare(s) {
      undoFull(s, 1);
      const gone = made(get(s.d, 9, 1));
      one(s.d, gone, op(0, 1, SEM_UNDO));
      ctl(s.d, gone, IPC_RMID);
    },
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
    steps: [structureOnly(0)],
  },
  {
    name: "semop() of an asynchronous call with SEM_UNDO",
    prepare(s) {
      sleepers(s);
      one(s.a, s.id, op(2, 1, SEM_UNDO));
      s.call();
    },
    caller: (s) => s.more[0]!,
    call: (s) => one(s.more[0]!, s.id, op(0, 3, SEM_UNDO)),
    steps: [structureOnly(0)],
  },
  {
    name: "semop() that fails with IPC_NOWAIT",
    prepare: sleepers,
    call: (s) => one(s.a, s.id, op(0, -1, IPC_NOWAIT)),
  },
];

const WAITS: readonly Scenario[] = [
  {
    name: "semop() that wakes three sleepers",
    prepare: sleepers,
    call: (s) => semop(s.a, s.id, [op(0, 3)]),
  },
  {
    name: "semop() of one operation that wakes three sleepers",
    prepare: sleepers,
    call: (s) => one(s.a, s.id, op(0, 3)),
  },
  {
    name: "semop() that goes to sleep behind others",
    prepare: sleepers,
    call: (s) => one(s.a, s.id, op(0, -1)),
  },
  {
    name: "semop() that goes to sleep first, until zero",
    prepare: (s) => setOf(s, 1, 1),
    call: (s) => one(s.a, s.id, op(0, 0)),
  },
  {
    name: "semtimedop() whose time is up",
    prepare(s) {
      sleepers(s);
      one(s.a, s.id, op(0, -1));
    },
    call: (s) => s.a.waitCancel(EAGAIN),
  },
  {
    name: "semtimedop() whose time is up before others behind it",
    prepare(s) {
      setOf(s, 1, 0);
      one(s.b, s.id, op(0, -3));
      one(s.a, s.id, op(0, -2));
      one(s.c, s.id, op(0, -1));
    },
    call: (s) => s.a.waitCancel(EAGAIN),
  },
  {
    name: "semop() that was completed and takes its result",
    prepare(s) {
      sleepers(s);
      one(s.a, s.id, op(2, -1, SEM_UNDO));
      one(s.observer, s.id, op(2, 1));
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "semop() that was woken for nothing",
    prepare(s) {
      sleepers(s);
      one(s.a, s.id, op(2, -1));
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "semop() whose set is gone takes its result",
    prepare(s) {
      setOf(s, 1, 0);
      one(s.a, s.id, op(0, -1));
      ctl(s.b, s.id, IPC_RMID);
    },
    call: (s) => s.a.waitResult(),
  },
  {
    name: "semop() that reaches zero",
    prepare(s) {
      setOf(s, 2, 1);
      semop(s.b, s.id, [op(0, 0)]);
      semop(s.c, s.id, [op(0, 0), op(1, 1)]);
    },
    call: (s) => semop(s.a, s.id, [op(0, -1)]),
  },
  {
    name: "semop() that makes a sleeper fail with ERANGE",
    prepare(s) {
      setOf(s, 2, 0);
      ctl(s.b, s.id, SETVAL, 32767);
      ctl(s.b, s.id, SETVAL, 0);
      semop(s.b, s.id, [op(0, -1), op(1, 32767), op(1, 1)]);
    },
    call: (s) => one(s.a, s.id, op(0, 1)),
  },
  {
    name: "semop() on a set whose remover has died",
    prepare(s) {
      sleepers(s);
      const { task } = s.child(1);
      task.dies({ store: 30 }, () => ctl(task, s.id, IPC_RMID));
    },
    call(s) {
      one(s.a, s.id, op(0, 3));
      return sleepOnBusy(s.a);
    },
    dead: (s) => [s.a, s.more[0]!],
  },
];

/** They change nothing but the caller's transfer area. */
const QUESTIONS: readonly Scenario[] = [
  ["IPC_STAT", IPC_STAT],
  ["SEM_STAT", SEM_STAT],
  ["IPC_INFO", IPC_INFO],
  ["SEM_INFO", SEM_INFO],
  ["GETALL", GETALL],
  ["GETNCNT", GETNCNT],
].map(([name, cmd]) => ({
  name: `semctl(${name})`,
  prepare: sleepers,
  call: (s) => ctl(s.a, s.id, Number(cmd)),
}));

const CONTROL: readonly Scenario[] = [
  {
    name: "semctl(SETVAL) that wakes",
    prepare: sleepers,
    call: (s) => ctl(s.a, s.id, SETVAL, 4),
  },
  {
    name: "semctl(SETVAL) that clears adjustments",
    prepare(s) {
      setOf(s, 1, 5);
      one(s.b, s.id, op(0, -1, SEM_UNDO));
      one(s.c, s.id, op(0, -1, SEM_UNDO));
    },
    call: (s) => ctl(s.a, s.id, SETVAL, 4),
  },
  {
    name: "semctl(SETALL) that wakes",
    prepare: sleepers,
    call: (s) => setAll(s.a, s.id, [3, 1, 2]),
  },
  {
    name: "semctl(SETALL) that clears adjustments",
    prepare(s) {
      setOf(s, 3, 5);
      one(s.a, s.id, op(2, 1, SEM_UNDO));
      one(s.c, s.id, op(0, -1, SEM_UNDO));
    },
    call: (s) => setAll(s.a, s.id, [3, 1, 2]),
  },
  {
    name: "semctl(IPC_RMID) of a set that nobody uses",
    prepare: (s) => setOf(s, 1, 1),
    call: (s) => ctl(s.a, s.id, IPC_RMID),
  },
  {
    name: "semctl(IPC_RMID) with sleepers and adjustments",
    prepare(s) {
      sleepers(s);
      one(s.d, s.id, op(2, 0));
      one(s.observer, s.id, op(2, 1, SEM_UNDO));
    },
    call: (s) => ctl(s.a, s.id, IPC_RMID),
  },
  {
    name: "semctl(IPC_RMID) between other sets",
    prepare(s) {
      for (const key of [1, 2, 3]) made(get(s.b, key, 3));
      s.id = made(get(s.b, 2, 3));
    },
    call: (s) => ctl(s.a, s.id, IPC_RMID),
  },
  {
    name: "semctl(IPC_SET)",
    prepare: (s) => setOf(s, 1, 1),
    call(s) {
      const { view } = s.machine;
      s.machine.u8.fill(0, s.a.transfer, s.a.transfer + IPC_PERM_SIZE);
      view.setInt32(s.a.transfer + IPC_PERM_UID, 5, true);
      view.setInt32(s.a.transfer + IPC_PERM_GID, 6, true);
      view.setInt32(s.a.transfer + IPC_PERM_MODE, 0o600, true);
      return ctl(s.a, s.id, IPC_SET);
    },
  },
];

const LIFE: readonly Scenario[] = [
  {
    name: "semget() of a new set",
    prepare: (s) => setOf(s, 1, 1),
    call: (s) => get(s.a, 9, 4),
  },
  {
    name: "semget() of a set that is there",
    prepare: (s) => setOf(s, 1, 1),
    call: (s) => get(s.a, 7, 1),
  },
  {
    name: "semget() of the last set",
    prepare: (s) => void [1, 2, 3].map((key) => made(get(s.b, key, 2))),
    call: (s) => get(s.a, 9, 4),
  },
  {
    name: "semget() with every slot in use",
    prepare: (s) => void [1, 2, 3, 4].map((key) => made(get(s.b, key, 2))),
    call: (s) => get(s.a, 9, 4),
  },
  {
    name: "semget() of the last semaphores",
    limits: { SEMMNS: 10 },
    prepare: (s) => void made(get(s.b, 1, 6)),
    call: (s) => get(s.a, 9, 4),
  },
  {
    name: "_exit() with adjustments on two sets, and sleepers",
    prepare: adjustments,
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0x900)),
  },
  {
    name: "_exit() with adjustments that are clamped",
    prepare(s) {
      setOf(s, 2, 5);
      one(s.a, s.id, op(0, 4, SEM_UNDO));
      one(s.a, s.id, op(1, 7, SEM_UNDO));
      one(s.b, s.id, op(0, -8));
      one(s.c, s.id, op(1, 0));
      one(s.b, s.id, op(0, -1, 0));
      one(s.d, s.id, op(1, -7));
      one(s.d, s.id, op(0, -2));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0x900)),
  },
  {
    name: "_exit() with adjustments of a set that is gone",
    prepare(s) {
      adjustments(s);
      ctl(s.b, s.id, IPC_RMID);
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(0x900)),
  },
];

export const SEM_SCENARIOS: readonly Scenario[] = [
  ...OPERATIONS,
  ...WAITS,
  ...CONTROL,
  ...LIFE,
  ...QUESTIONS,
];
