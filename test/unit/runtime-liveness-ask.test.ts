import { afterEach, describe, expect, it, vi } from "vitest";
import { SB_SUPERVISOR } from "../../assembly/abi/layout.ts";
import { unlocked } from "../../runtime/steps.ts";
import { Thread } from "../../runtime/thread.ts";
import { TestMachine } from "../support/machine.ts";
import { LOCK_MSG, LOCK_SEM } from "../support/machine-locks.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A thread that waits for the locks of others on a clock that the test sets. */
function waiting(locks: number[]) {
  vi.useFakeTimers({ toFake: ["performance"] });
  const machine = new TestMachine("debug");
  machine.format();
  for (const lock of locks) machine.i32[lock >> 2] = machine.holder;
  const { kernel, main } = machine.process();
  const thread = new Thread(kernel, machine.memory, main.id, false);
  const attempts = [() => kernel.sys_msgget(0, 0o1600), () => kernel.sys_semget(0, 1, 0o1600)];
  let turn = 0;
  // The spin before a sleep lasts until the clock has moved.
  const protocol = unlocked(thread, () => {
    vi.advanceTimersByTime(0.01);
    return attempts[turn % attempts.length]!();
  });
  const step = (ms: number) => {
    vi.advanceTimersByTime(ms);
    return protocol.next();
  };
  return {
    machine,
    step,
    change: () => {
      turn += 1;
    },
    asked: () => machine.root.kernel.thread_next_asked(),
    owner: machine.root.kernel.task_serial(machine.holder),
  };
}

describe("a thread that finds a lock held", () => {
  it("asks after 200 ms whether the owner lives, and again every second", () => {
    const { machine, step, asked, owner } = waiting([LOCK_MSG]);
    const questions: number[] = [];
    const before = machine.i32[SB_SUPERVISOR >> 2]!;
    for (let ms = 0; ms < 2500; ms += 10) {
      expect(step(10).done).toBe(false);
      const serial = asked();
      if (serial === 0) continue;
      expect(serial).toBe(owner);
      questions.push(Math.round(ms / 100) * 100);
    }
    expect(questions).toEqual([200, 1200, 2200]);
    // The supervisor is woken for each, and nothing else has changed: the owner has its lock.
    expect(machine.i32[SB_SUPERVISOR >> 2]! - before).toBe(3);
    expect(machine.i32[LOCK_MSG >> 2]! & 0xffff).toBe(machine.holder);
    machine.i32[LOCK_MSG >> 2] = 0;
    expect(step(10)).toMatchObject({ done: true });
  });

  it("does not ask while the lock is another one each time", () => {
    const { machine, step, change, asked } = waiting([LOCK_MSG, LOCK_SEM]);
    for (let ms = 0; ms < 1000; ms += 100) {
      expect(step(100).done).toBe(false);
      expect(asked()).toBe(0);
      change();
    }
    machine.i32[LOCK_MSG >> 2] = 0;
    machine.i32[LOCK_SEM >> 2] = 0;
    expect(step(100)).toMatchObject({ done: true });
  });
});
