import { describe, expect, it } from "vitest";
import { EINVAL, ENOSPC } from "../../assembly/abi/errno.ts";
import { IPC_RMID, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { IPCMNI } from "../../assembly/abi/limits.ts";
import { MSG_STAT } from "../../assembly/abi/msg.ts";
import { SEM_STAT } from "../../assembly/abi/sem.ts";
import { SHM_STAT } from "../../assembly/abi/shm.ts";
import type { TestTask } from "../support/machine.ts";
import { BUILDS, newMachine, newQueue, newSegment, newSet } from "./kernel-builds.ts";

/** The three kinds: make one, control it, its *_STAT. */
const KINDS = [
  {
    kind: "semaphore set",
    make: (task: TestTask) => newSet(task),
    control: (task: TestTask, id: number, cmd: number) =>
      task.call((kernel) => kernel.sys_semctl(id, 0, cmd, 0)),
    stat: SEM_STAT,
  },
  {
    kind: "segment",
    make: (task: TestTask) => newSegment(task),
    control: (task: TestTask, id: number, cmd: number) =>
      task.call((kernel) => kernel.sys_shmctl(id, cmd)),
    stat: SHM_STAT,
  },
  {
    kind: "queue",
    make: (task: TestTask) => newQueue(task),
    control: (task: TestTask, id: number, cmd: number) =>
      task.call((kernel) => kernel.sys_msgctl(id, cmd)),
    stat: MSG_STAT,
  },
];

describe.each(BUILDS)("ids of the %s build", (build) => {
  describe.each(KINDS)("a $kind's id", ({ make, control, stat }) => {
    const machine = newMachine(build);
    const { root } = machine;

    it("is stale after the removal, and the slot has another one then", () => {
      const first = make(root);
      expect(control(root, first, IPC_RMID)).toBe(0);
      expect(control(root, first, IPC_STAT)).toBe(-EINVAL);
      const second = make(root);
      expect(second % IPCMNI).toBe(first % IPCMNI);
      expect(second).toBe(first + IPCMNI);
      expect(control(root, first, IPC_RMID)).toBe(-EINVAL);
      expect(control(root, second, IPC_RMID)).toBe(0);
    });

    it("wraps after 65536 generations and stays positive", () => {
      const first = make(root);
      const generation = Math.floor(first / IPCMNI);
      let last = first;
      for (let count = 1; count <= 65536; count++) {
        control(root, last, IPC_RMID);
        last = make(root);
        if (last < 0) throw new Error(`generation ${count} has id ${last}`);
      }
      expect(Math.floor(last / IPCMNI)).toBe(generation);
      expect(last).toBe(first);
      expect(control(root, last, IPC_RMID)).toBe(0);
      expect(machine.check()).toBe(0);
    });

    it("of the last generation is found, and no number near it", () => {
      let id = make(root);
      while (Math.floor(id / IPCMNI) !== 65535) {
        control(root, id, IPC_RMID);
        id = make(root);
      }
      expect(control(root, id, IPC_STAT)).toBe(0);
      expect(control(root, id - IPCMNI, IPC_STAT)).toBe(-EINVAL);
      expect(control(root, 0x7fffffff, IPC_STAT)).toBe(-EINVAL);
      expect(control(root, -1, IPC_STAT)).toBe(-EINVAL);
      expect(control(root, -0x80000000, IPC_STAT)).toBe(-EINVAL);
      expect(control(root, id, IPC_RMID)).toBe(0);
    });

    it("is returned by the command that takes an index, whatever the generation", () => {
      const id = make(root);
      expect(control(root, id % IPCMNI, stat)).toBe(id);
      expect(control(root, 5, stat)).toBe(-EINVAL);
      expect(control(root, 32767, stat)).toBe(-EINVAL);
      expect(control(root, id, IPC_RMID)).toBe(0);
      expect(control(root, id % IPCMNI, stat)).toBe(-EINVAL);
    });

    it("is ENOSPC when the table is full, and the lowest free slot is taken next", () => {
      const ids: number[] = [];
      for (let id = make(root); id >= 0; id = make(root)) ids.push(id);
      expect(ids.map((id) => id % IPCMNI)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(make(root)).toBe(-ENOSPC);
      expect(control(root, ids[4]!, IPC_RMID)).toBe(0);
      expect(control(root, ids[2]!, IPC_RMID)).toBe(0);
      expect(make(root) % IPCMNI).toBe(2);
      expect(make(root) % IPCMNI).toBe(4);
      expect(make(root)).toBe(-ENOSPC);
      expect(machine.check()).toBe(0);
    });
  });

  it("of one kind are unknown to the others", () => {
    const { root } = newMachine(build);
    newSet(root);
    newSet(root);
    newQueue(root);
    const set = newSet(root);
    expect(root.call((kernel) => kernel.sys_msgctl(set, IPC_STAT))).toBe(-EINVAL);
    expect(root.call((kernel) => kernel.sys_shmctl(set, IPC_STAT))).toBe(-EINVAL);
    expect(root.call((kernel) => kernel.sys_shmat(set, 0, 0))).toBe(-EINVAL);
  });
});
