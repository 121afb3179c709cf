/** Semaphore calls to be cut off. */
import { EAGAIN } from "../../assembly/abi/errno.ts";
import {
  IPC_PERM_MODE,
  IPC_PERM_SIZE,
  IPC_PERM_UID,
  IPC_RMID,
  IPC_SET,
} from "../../assembly/abi/ipc.ts";
import { SEM_UNDO, SETALL, SETVAL } from "../../assembly/abi/sem.ts";
import type { TestTask } from "../support/machine.ts";
import { type Op, semop, writeValues } from "../support/machine-structs.ts";
import { made, type Scenario, SHARED } from "./scenario.ts";
import type { Scene } from "./scene.ts";

const op = (num: number, change: number, flg = 0): Op => ({ num, op: change, flg });
const one = (task: TestTask, id: number, ...ops: Op[]): number => semop(task, id, ops, true);

function setOf(scene: Scene, count: number, value: number): void {
  scene.id = made(scene.b.call((kernel) => kernel.sys_semget(7, count, SHARED)));
  scene.b.call((kernel) => kernel.sys_semctl(scene.id, 0, SETVAL, value));
}

/** B, C and D sleep; +3 on semaphore 0 lets all of them go on, C's own change lets D. */
function sleepers(scene: Scene): void {
  setOf(scene, 3, 0);
  semop(scene.b, scene.id, [op(0, -1, SEM_UNDO)]);
  semop(scene.c, scene.id, [op(0, -2), op(1, 1)]);
  semop(scene.d, scene.id, [op(1, -1)]);
}

export const SEM_SCENARIOS: readonly Scenario[] = [
  {
    name: "semop() of one operation",
    prepare: (s) => setOf(s, 3, 5),
    call: (s) => one(s.a, s.id, op(0, -2)),
  },
  {
    name: "semop() of one operation with SEM_UNDO, the first of its process",
    prepare: (s) => setOf(s, 3, 5),
    call: (s) => one(s.a, s.id, op(0, -2, SEM_UNDO)),
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
  },
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
    name: "semtimedop() whose time is up",
    prepare(s) {
      sleepers(s);
      one(s.a, s.id, op(0, -1));
    },
    call: (s) => s.a.waitCancel(EAGAIN),
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
    name: "semctl(SETVAL) that wakes",
    prepare: sleepers,
    call: (s) => s.a.call((kernel) => kernel.sys_semctl(s.id, 0, SETVAL, 4)),
  },
  {
    name: "semctl(SETVAL) that clears adjustments",
    prepare(s) {
      setOf(s, 1, 5);
      one(s.b, s.id, op(0, -1, SEM_UNDO));
      one(s.c, s.id, op(0, -1, SEM_UNDO));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_semctl(s.id, 0, SETVAL, 4)),
  },
  {
    name: "semctl(SETALL)",
    prepare: sleepers,
    call(s) {
      writeValues(s.a, [3, 1, 2]);
      return s.a.call((kernel) => kernel.sys_semctl(s.id, 0, SETALL, 3));
    },
  },
  {
    name: "semctl(IPC_RMID) with sleepers and adjustments",
    prepare(s) {
      sleepers(s);
      one(s.observer, s.id, op(2, 1, SEM_UNDO));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_semctl(s.id, 0, IPC_RMID, 0)),
  },
  {
    name: "semctl(IPC_SET)",
    prepare: (s) => setOf(s, 1, 1),
    call(s) {
      const { view } = s.machine;
      s.machine.u8.fill(0, s.a.transfer, s.a.transfer + IPC_PERM_SIZE);
      view.setInt32(s.a.transfer + IPC_PERM_UID, 5, true);
      view.setInt32(s.a.transfer + IPC_PERM_MODE, 0o600, true);
      return s.a.call((kernel) => kernel.sys_semctl(s.id, 0, IPC_SET, 0));
    },
  },
  {
    name: "semget() of a new set",
    prepare: (s) => setOf(s, 1, 1),
    call: (s) => s.a.call((kernel) => kernel.sys_semget(9, 4, SHARED)),
  },
  {
    name: "_exit() with adjustments on two sets, sleepers and a marked segment",
    prepare(s) {
      sleepers(s);
      one(s.a, s.id, op(2, 1, SEM_UNDO));
      const second = made(s.b.call((kernel) => kernel.sys_semget(8, 2, SHARED)));
      one(s.a, second, op(0, 4, SEM_UNDO));
      one(s.a, second, op(1, 4, SEM_UNDO));
      s.other = made(s.a.call((kernel) => kernel.sys_shmget(5, 9000, SHARED)));
      made(s.a.call((kernel) => kernel.sys_shmat(s.other, 0, 0)));
      s.a.call((kernel) => kernel.sys_shmctl(s.other, IPC_RMID));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(9)),
  },
  {
    name: "_exit() of a child that its parent waits for",
    prepare(s) {
      s.b.call((kernel) => kernel.sys_waitpid(s.pid, 0));
    },
    call: (s) => s.a.call((kernel) => kernel.sys_exit(9)),
  },
];
