/** Failures that the models, the comparison with Linux and the interleavings have found, as examples. */
import { describe, expect, it } from "vitest";
import { ECHILD, EINVAL, ELOCK, ENOMEM, EWAIT } from "../../assembly/abi/errno.ts";
import { IPC_RMID, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import { GETPID, SEM_UNDO, SETVAL } from "../../assembly/abi/sem.ts";
import { SHM_REMAP } from "../../assembly/abi/shm.ts";
import { SIG_IGN, SIGCHLD } from "../../assembly/abi/signal.ts";
import type { TestTask } from "../support/machine.ts";
import { LOCK_PAGE, LOCK_SEM, withLock } from "../support/machine-locks.ts";
import { readSemid, readShmid, semop } from "../support/machine-structs.ts";
import { BUILDS, newMachine, newSegment, newSet, removeSegment, semctl } from "./kernel-builds.ts";

const at = (task: TestTask, id: number, addr = 0, flags = 0) =>
  task.call((kernel) => kernel.sys_shmat(id, addr, flags));
const dt = (task: TestTask, addr: number) => task.call((kernel) => kernel.sys_shmdt(addr));
function stat(task: TestTask, id: number) {
  const result = task.call((kernel) => kernel.sys_shmctl(id, IPC_STAT));
  return result === 0 ? readShmid(task) : result;
}

describe.each(BUILDS)("shmat() with SHM_REMAP of the %s build", (build) => {
  it("keeps a marked segment that it maps over its own last attachment", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const id = newSegment(main, 2);
    const addr = at(main, id);
    expect(removeSegment(main, id)).toBe(0);
    expect(at(main, id, addr, SHM_REMAP)).toBe(addr);
    expect(stat(main, id)).toMatchObject({ nattch: 1 });
    expect(machine.check()).toBe(0);
    expect(dt(main, addr)).toBe(0);
    expect(stat(main, id)).toBe(-EINVAL);
  });

  it("changes nothing while page frames are somebody else's", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const [marked, small] = [newSegment(main, 1), newSegment(main, 2)];
    const addr = at(main, marked);
    expect(removeSegment(main, marked)).toBe(0);
    const busy = withLock(machine, LOCK_PAGE, machine.holder, () =>
      at(main, small, addr, SHM_REMAP),
    );
    expect(busy).toBe(-ELOCK);
    expect(stat(main, marked)).toMatchObject({ nattch: 1 });
    expect(at(main, small, addr, SHM_REMAP)).toBe(addr);
    expect(stat(main, marked)).toBe(-EINVAL);
    expect(machine.check()).toBe(0);
  });

  it("leaves what shmdt() of the same address means next", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const [large, small] = [newSegment(main, 4), newSegment(main, 1)];
    const addr = at(main, large);
    expect(at(main, small, addr, SHM_REMAP)).toBe(addr);
    expect(dt(main, addr)).toBe(0);
    expect(stat(main, large)).toMatchObject({ nattch: 1 });
    expect(stat(main, small)).toMatchObject({ nattch: 0 });
    expect(dt(main, addr)).toBe(0);
    expect(stat(main, large)).toMatchObject({ nattch: 0 });
    expect(dt(main, addr)).toBe(-EINVAL);
  });

  it("counts as an attach and a detach of what it covers in part", () => {
    const machine = newMachine(build);
    const [first, second] = [machine.process().main, machine.process().main];
    const [large, small] = [newSegment(first, 4), newSegment(first, 1)];
    const addr = at(first, large);
    at(second, large);
    machine.setTime(1005);
    expect(at(first, small, addr + 3 * PAGE_SIZE, SHM_REMAP)).toBe(addr + 3 * PAGE_SIZE);
    const pid = first.call((kernel) => kernel.sys_getpid());
    expect(stat(first, large)).toMatchObject({ atime: 1005, dtime: 1005, lpid: pid, nattch: 2 });
  });

  it("changes nothing when the rest of a split has no room in the table", () => {
    const machine = newMachine(build, { SHMSEG: 2 });
    const { main } = machine.process();
    const [large, small] = [newSegment(main, 4), newSegment(main, 1)];
    const addr = at(main, large);
    machine.setTime(1005);
    expect(at(main, small, addr + PAGE_SIZE, SHM_REMAP)).toBe(-ENOMEM);
    expect(stat(main, large)).toMatchObject({ atime: 1000, dtime: 0, nattch: 1 });
    expect(machine.check()).toBe(0);
  });
});

describe.each(BUILDS)("semop() of the %s build", (build) => {
  it("serves a single wait for zero before an older array of them", () => {
    const machine = newMachine(build);
    const [older, younger] = [machine.process(), machine.process()];
    const set = newSet(machine.root);
    semctl(machine.root, set, SETVAL, 0, 1);
    const zero = { num: 0, op: 0, flg: 0 };
    expect(semop(older.main, set, [zero, zero])).toBe(-EWAIT);
    expect(semop(younger.main, set, [zero])).toBe(-EWAIT);
    expect(semop(machine.root, set, [{ num: 0, op: -1, flg: 0 }])).toBe(0);
    // The last one that was served.
    expect(semctl(machine.root, set, GETPID)).toBe(older.pid);
  });

  it("with SEM_UNDO leaves a time at the exit, even if it never succeeded", () => {
    const machine = newMachine(build);
    const { main } = machine.process();
    const set = newSet(machine.root);
    expect(semop(main, set, [{ num: 0, op: -1, flg: SEM_UNDO }])).toBe(-EWAIT);
    machine.setTime(1007);
    expect(machine.root.call((kernel) => kernel.thread_dead(kernel.task_serial(main.id)))).toBe(0);
    expect(semctl(machine.root, set, IPC_STAT)).toBe(0);
    expect(readSemid(machine.root).otime).toBe(1007);
  });
});

describe.each(BUILDS)("a process of the %s build", (build) => {
  it("that ignores SIGCHLD has no zombies", () => {
    const machine = newMachine(build);
    const parent = machine.process();
    const child = machine.process({ uid: 0, gid: 0 }, parent.pid);
    const { main } = parent;
    expect(main.call((kernel) => kernel.sys_sigaction(SIGCHLD, SIG_IGN, 0))).toBe(0);
    expect(main.call((kernel) => kernel.sys_waitpid(-1, 0))).toBe(-EWAIT);
    expect(child.main.call((kernel) => kernel.sys_exit(0))).toBe(0);
    expect(main.waitResult()).toBeLessThan(0);
    expect(main.call((kernel) => kernel.sys_waitpid(-1, 0))).toBe(-ECHILD);
  });
});

describe.each(BUILDS)("a full table of undo entries of the %s build", (build) => {
  it("is not swept while a set may be under removal", () => {
    const machine = newMachine(build, { SEMMNU: 2 });
    const { main } = machine.process();
    const [gone, kept] = [newSet(main, 2), newSet(main, 1)];
    const undone = (id: number, num: number) => semop(main, id, [{ num, op: 1, flg: SEM_UNDO }]);
    expect([undone(gone, 0), undone(gone, 1), undone(kept, 0)]).toEqual([0, 0, -ENOMEM]);
    expect(semctl(main, gone, IPC_RMID)).toBe(0);
    const busy = withLock(machine, LOCK_SEM, machine.holder, () => undone(kept, 0));
    expect([busy, undone(kept, 0)]).toEqual([-ELOCK, 0]);
    expect(machine.check()).toBe(0);
  });
});
