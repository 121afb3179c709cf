/** Scenarios on semaphores: the fast path, the general one, waits, and what replaces values. */
import { EINTR, EWAIT } from "../../assembly/abi/errno.ts";
import { IPC_NOWAIT, IPC_RMID, IPC_SET } from "../../assembly/abi/ipc.ts";
import { SEM_UNDO, SETALL, SETVAL } from "../../assembly/abi/sem.ts";
import { writeOps, writePerm, writeValues } from "../support/machine-structs.ts";
import type { Scenario, Scene, Step } from "./interleave.ts";

const one = (set: number, op: number, flg = 0, num = 0): Step => ({
  call: (kernel) => kernel.sys_semop1(set, num, op, flg),
});

/** The same by the general path. */
const many = (set: number, ...ops: readonly (readonly [number, number, number?])[]): Step => ({
  prepare: (task) =>
    writeOps(
      task,
      ops.map(([num, op, flg = 0]) => ({ num, op, flg })),
    ),
  call: (kernel) => kernel.sys_semop(set, ops.length),
});

const ctl = (set: number, cmd: number, arg = 0, num = 0): Step => ({
  call: (kernel) => kernel.sys_semctl(set, num, cmd, arg),
});

const setall = (set: number, ...values: number[]): Step => ({
  prepare: (task) => writeValues(task, values),
  call: (kernel) => kernel.sys_semctl(set, 0, SETALL, 0),
});

/** A set of two semaphores; the first has `value`. */
function newSet(scene: Scene, value: number): number {
  const { root } = scene.machine;
  const set = scene.do(root, (kernel) => kernel.sys_semget(0, 2, 0o666));
  scene.do(root, (kernel) => kernel.sys_semctl(set, 0, SETVAL, value));
  // The time of the last operation is now: so the fast path may be taken.
  scene.do(root, (kernel) => kernel.sys_semop1(set, 1, 1, 0));
  return set;
}

const newSetStep: Step = { call: (kernel) => kernel.sys_semget(0, 2, 0o666) };
const semget = (flags: number): Step => ({ call: (kernel) => kernel.sys_semget(5, 1, flags) });
const cancel: Step = { call: (kernel) => kernel.wait_cancel(EINTR) };
const look: Step = { call: (kernel) => kernel.wait_result() };

type Pair = (set: number) => readonly [readonly Step[], readonly Step[]];

/** Two threads on one set. */
function pair(name: string, value: number, steps: Pair): Scenario {
  return {
    name,
    prepare: (scene) => {
      const [a, b] = steps(newSet(scene, value));
      return { a, b };
    },
  };
}

/** A sleeps in P when the threads begin. */
function asleep(name: string, a: readonly Step[], b: (set: number) => readonly Step[]): Scenario {
  return {
    name,
    prepare: (scene) => {
      const set = newSet(scene, 0);
      scene.do(scene.a.main, (kernel) => kernel.sys_semop1(set, 0, -1, 0), -EWAIT);
      return { a, b: b(set) };
    },
  };
}

const U = SEM_UNDO;

export const SEM_SCENARIOS: readonly Scenario[] = [
  pair("V and V by the fast path", 0, (set) => [[one(set, 1)], [one(set, 1)]]),
  pair("V and V by both paths", 0, (set) => [[one(set, 1)], [many(set, [0, 1], [1, 1])]]),
  pair("two Vs and two Ps", 1, (set) => [
    [one(set, 1), one(set, -1)],
    [one(set, -1), one(set, 1)],
  ]),
  pair("P and P for one unit", 1, (set) => [[one(set, -1)], [one(set, -1)]]),
  pair("P that sleeps and V", 0, (set) => [[one(set, -1)], [one(set, 1)]]),
  pair("P of two and two Vs", 0, (set) => [[one(set, -2)], [one(set, 1), one(set, 1)]]),
  pair("P that sleeps and V by the general path", 0, (set) => [
    [one(set, -1)],
    [many(set, [0, 1], [1, 0, IPC_NOWAIT])],
  ]),
  pair("P without waiting and V", 0, (set) => [[one(set, -1, IPC_NOWAIT)], [one(set, 1)]]),
  pair("P without waiting and an array that passes below", 1, (set) => [
    [one(set, -1, IPC_NOWAIT)],
    [many(set, [0, -1], [0, 1])],
  ]),
  pair("a wait for zero and P", 1, (set) => [[one(set, 0)], [one(set, -1)]]),
  pair("a wait for zero, a brief zero", 1, (set) => [[one(set, 0)], [one(set, -1), one(set, 1)]]),
  pair("V with undo and V with undo", 0, (set) => [[one(set, 1, U)], [one(set, 1, U)]]),
  pair("V and P with undo, twice", 0, (set) => [
    [one(set, 1, U), one(set, -1, U)],
    [one(set, 1, U), one(set, -1, U)],
  ]),
  pair("V with undo and SETVAL", 0, (set) => [
    [one(set, 1, U), one(set, 1, U)],
    [ctl(set, SETVAL, 7)],
  ]),
  pair("V with undo and SETALL", 0, (set) => [
    [one(set, 1, U), one(set, 1, U)],
    [setall(set, 7, 7)],
  ]),
  pair("V and SETALL twice", 0, (set) => [[one(set, 1)], [setall(set, 3, 3), setall(set, 0, 1)]]),
  pair("P that sleeps and SETALL", 0, (set) => [[one(set, -1)], [setall(set, 1, 0)]]),
  pair("P without waiting and SETALL", 0, (set) => [
    [one(set, -1, IPC_NOWAIT)],
    [setall(set, 1, 0)],
  ]),
  pair("P that sleeps and a removal", 0, (set) => [[one(set, -1)], [ctl(set, IPC_RMID)]]),
  pair("V and a removal", 0, (set) => [[one(set, 1)], [ctl(set, IPC_RMID)]]),
  pair("V with undo and a removal", 0, (set) => [[one(set, 1, U)], [ctl(set, IPC_RMID)]]),
  pair("V and a removal with a new set in the slot", 0, (set) => [
    [one(set, 1)],
    [ctl(set, IPC_RMID), newSetStep],
  ]),
  pair("SETALL and a removal with a new set in the slot", 0, (set) => [
    [setall(set, 5, 5)],
    [ctl(set, IPC_RMID), { call: (kernel) => kernel.sys_semget(0, 1, 0o666) }],
  ]),
  pair("GETVAL and a removal with a new set in the slot", 4, (set) => [
    [ctl(set, 12)],
    [ctl(set, IPC_RMID), newSetStep],
  ]),
  pair("two removals", 0, (set) => [[ctl(set, IPC_RMID)], [ctl(set, IPC_RMID)]]),
  pair("SETALL and SETALL", 0, (set) => [[setall(set, 1, 2)], [setall(set, 3, 4)]]),
  {
    name: "two semgets of one key",
    prepare: () => ({ a: [semget(0o1600)], b: [semget(0o1600)] }),
  },
  {
    name: "two exclusive semgets of one key, and a removal",
    prepare: () => ({ a: [semget(0o3600)], b: [semget(0o3600), ctl(0, IPC_RMID)] }),
  },
  asleep("a cancel and V", [cancel], (set) => [one(set, 1)]),
  asleep("an early look and V", [look], (set) => [one(set, 1)]),
  asleep("an early look, a cancel, and V", [look, cancel], (set) => [one(set, 1)]),
  asleep("a cancel and a removal with a new set in the slot", [cancel], (set) => [
    ctl(set, IPC_RMID),
    newSetStep,
  ]),
  {
    name: "two Vs and one sleeper",
    prepare: (scene) => {
      const set = newSet(scene, 0);
      scene.do(scene.c.main, (kernel) => kernel.sys_semop1(set, 0, -2, 0), -EWAIT);
      return { a: [one(set, 1)], b: [one(set, 1)], sleepers: [scene.c.main] };
    },
  },
  {
    name: "IPC_SET that takes the permission away, and V of another user",
    uid: 100,
    prepare: (scene) => {
      const set = newSet(scene, 0);
      const forbid: Step = {
        prepare: (task) => writePerm(task, 0, 0, 0o644),
        call: (kernel) => kernel.sys_semctl(set, 0, IPC_SET, 0),
      };
      return { a: [one(set, 1), one(set, 1)], b: [forbid] };
    },
  },
  {
    name: "the last entry for an adjustment",
    prepare: (scene) => {
      const set = newSet(scene, 0);
      scene.do(scene.c.main, (kernel) => kernel.sys_semop1(set, 0, 1, SEM_UNDO));
      return { a: [one(set, 1, U)], b: [one(set, 1, U)] };
    },
  },
];
