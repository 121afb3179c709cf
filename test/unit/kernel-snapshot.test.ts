import { describe, expect, it } from "vitest";
import { EINTR, ENOENT, EWAIT } from "../../assembly/abi/errno.ts";
import { SEM_UNDO } from "../../assembly/abi/sem.ts";
import {
  SNAPSHOT_ADJ_VALUE,
  SNAPSHOT_ADJUSTMENTS,
  SNAPSHOT_CALL_SEMOP,
  SNAPSHOT_CALL_WAITPID,
  SNAPSHOT_PROC_ARGS,
  SNAPSHOT_PROC_ARGS_SIZE,
  SNAPSHOT_PROC_NAME,
  SNAPSHOT_PROC_PID,
  SNAPSHOT_PROC_STATE,
  SNAPSHOT_PROCESSES,
  SNAPSHOT_WAIT_A,
  SNAPSHOT_WAIT_B,
  SNAPSHOT_WAIT_BLOCKS,
  SNAPSHOT_WAIT_C,
  SNAPSHOT_WAIT_CALL,
  SNAPSHOT_WAIT_PID,
  SNAPSHOT_WAIT_TURN,
  SNAPSHOT_WAITS,
  SNAPSHOT_ZOMBIE,
  TITLE_ARGS,
  TITLE_NAME,
} from "../../assembly/abi/snapshot.ts";
import type { TestMachine, TestTask } from "../support/machine.ts";
import { BUILDS, newMachine, newSet } from "./kernel-builds.ts";

/** Every record of a table: the words at these offsets. */
function records(task: TestTask, table: number, ...offsets: number[]): number[][] {
  const found: number[][] = [];
  let next = 0;
  for (;;) {
    const from = next;
    next = task.call((kernel) => kernel.snapshot_next(table, from));
    if (next === 0) return found;
    found.push(offsets.map((offset) => task.machine.i32[(task.transfer + offset) >> 2]!));
  }
}

function text({ u8 }: TestMachine, at: number, size: number): string {
  return new TextDecoder().decode(u8.slice(at, at + size)).replace(/\0+$/, "");
}

function title(task: TestTask, name: string, args: string): number {
  const { u8 } = task.machine;
  u8.fill(0, task.transfer, task.transfer + TITLE_NAME);
  u8.set(new TextEncoder().encode(name), task.transfer);
  u8.set(new TextEncoder().encode(args), task.transfer + TITLE_NAME);
  return task.call((kernel) => kernel.proc_title(args.length));
}

describe.each(BUILDS)("a snapshot in the %s build", (build) => {
  it("has no record of a table that there is not, nor past a table's end", () => {
    const { root } = newMachine(build);
    expect(root.call((kernel) => kernel.snapshot_next(99, 0))).toBe(0);
    expect(root.call((kernel) => kernel.snapshot_next(SNAPSHOT_PROCESSES, 1 << 20))).toBe(0);
  });

  it("tells processes with their names, and cuts what is too long", () => {
    const machine = newMachine(build);
    const { main, pid } = machine.process();
    expect(title(main, "program", `a\0${"b".repeat(400)}`)).toBe(0);
    expect(records(machine.root, SNAPSHOT_PROCESSES, SNAPSHOT_PROC_PID)).toEqual([[1], [pid]]);
    // The last one stands in the transfer area still, when there is none behind it.
    const at = machine.root.transfer;
    expect(text(machine, at + SNAPSHOT_PROC_NAME, TITLE_NAME)).toBe("program");
    expect(machine.i32[(at + SNAPSHOT_PROC_ARGS_SIZE) >> 2]).toBe(TITLE_ARGS);
    expect(text(machine, at + SNAPSHOT_PROC_ARGS, 4)).toBe("a\0bb");
  });

  it("refuses a name of a process that has ended", () => {
    const { main } = newMachine(build).process();
    main.call((kernel) => kernel.sys_exit(0));
    expect(title(main, "late", "")).toBe(-EINTR);
  });

  it("tells a zombie until it is waited for", () => {
    const machine = newMachine(build);
    const parent = machine.process();
    const { main, pid } = machine.process(undefined, parent.pid);
    main.call((kernel) => kernel.sys_exit(0));
    const states = () =>
      records(machine.root, SNAPSHOT_PROCESSES, SNAPSHOT_PROC_PID, SNAPSHOT_PROC_STATE);
    expect(states()).toContainEqual([pid, SNAPSHOT_ZOMBIE]);
    expect(parent.main.call((kernel) => kernel.sys_waitpid(pid, 0))).toBe(pid);
    expect(states().map(([each]) => each)).toEqual([1, parent.pid]);
  });
});

describe.each(BUILDS)("what a snapshot tells of waits in the %s build", (build) => {
  it("tells what a sleeper waits for, and by another number each time", () => {
    const machine = newMachine(build);
    const set = newSet(machine.root);
    const { main, pid } = machine.process();
    const waits = () =>
      records(
        machine.root,
        SNAPSHOT_WAITS,
        SNAPSHOT_WAIT_PID,
        SNAPSHOT_WAIT_BLOCKS,
        SNAPSHOT_WAIT_CALL,
        SNAPSHOT_WAIT_A,
        SNAPSHOT_WAIT_B,
        SNAPSHOT_WAIT_C,
        SNAPSHOT_WAIT_TURN,
      );
    const P = () => main.call((kernel) => kernel.sys_semop1(set, 0, -3, 0));
    expect(P()).toBe(-EWAIT);
    const [first] = waits();
    expect(first!.slice(0, -1)).toEqual([pid, 1, SNAPSHOT_CALL_SEMOP, set, 0, -3]);
    // Only its own thread says that it sleeps for good.
    expect(first!.at(-1)! & 1).toBe(0);
    main.call((kernel) => {
      kernel.wait_forever();
      return 0;
    });
    expect(waits()[0]!.at(-1)).toBe(first!.at(-1)! | 1);
    machine.root.call((kernel) => kernel.sys_semop1(set, 0, 3, 0));
    expect(waits()).toEqual([]);
    expect(main.waitResult()).toBe(0);
    expect(P()).toBe(-EWAIT);
    const again = waits()[0]!.at(-1)!;
    expect(again & 1).toBe(0);
    expect(again).not.toBe(first!.at(-1));
  });

  it("tells which children waitpid() waits for, and that an asynchronous call does not block", () => {
    const machine = newMachine(build);
    const parent = machine.process();
    const { pid } = machine.process(undefined, parent.pid);
    const call = parent.task() as TestTask;
    expect(call.call((kernel) => kernel.sys_waitpid(pid, 0))).toBe(-EWAIT);
    expect(
      records(
        machine.root,
        SNAPSHOT_WAITS,
        SNAPSHOT_WAIT_PID,
        SNAPSHOT_WAIT_BLOCKS,
        SNAPSHOT_WAIT_CALL,
        SNAPSHOT_WAIT_A,
      ),
    ).toEqual([[parent.pid, 0, SNAPSHOT_CALL_WAITPID, pid]]);
  });

  it("tells an adjustment only while it counts", () => {
    const machine = newMachine(build);
    const set = newSet(machine.root);
    const { main } = machine.process();
    const values = () => records(machine.root, SNAPSHOT_ADJUSTMENTS, SNAPSHOT_ADJ_VALUE);
    main.call((kernel) => kernel.sys_semop1(set, 0, 2, SEM_UNDO));
    expect(values()).toEqual([[-2]]);
    main.call((kernel) => kernel.sys_semop1(set, 0, -2, SEM_UNDO));
    expect(values()).toEqual([]);
  });

  it("finds no path of an inode that there is not", () => {
    const { root } = newMachine(build);
    const path = (number: number) => root.call((kernel) => kernel.snapshot_path(number));
    expect([-1, 0, 28, 1 << 20].map(path)).toEqual([-ENOENT, -ENOENT, -ENOENT, -ENOENT]);
    expect(path(1)).toBe(1);
  });
});
