import { describe, expect, it } from "vitest";
import { EINVAL, ENOMEM } from "../../assembly/abi/errno.ts";
import {
  ABI_VERSION,
  SB_ABI_VERSION,
  SB_BOOT_ID,
  SB_MAGIC,
  SB_STATE,
  SB_TIME,
  STATE_RUNNING,
  SUPERBLOCK_MAGIC,
} from "../../assembly/abi/layout.ts";
import { type LimitName, TestMachine } from "../support/machine.ts";
import { BUILDS } from "./kernel-builds.ts";

/** Limit, smallest and largest value that machine_format() takes. */
const RANGES: readonly [LimitName, number, number][] = [
  ["PROC_MAX", 2, 1024],
  ["TASK_MAX", 2, 1024],
  ["SHMMNI", 1, 32768],
  ["SHMMAX", 1, 0x7fffffff],
  ["SHMALL", 1, 0x7fffffff],
  ["SHMSEG", 1, 1 << 20],
  ["SEMMNI", 1, 32768],
  ["SEMMSL", 1, 65535],
  ["SEMMNS", 1, 0x7fffffff],
  ["SEMOPM", 1, 65535],
  ["SEMVMX", 1, 32767],
  ["SEMMNU", 1, 1 << 20],
  ["MSGMNI", 1, 32768],
  ["MSGMAX", 1, 1 << 24],
  ["MSGMNB", 1, 1 << 30],
  ["MSGSEG", 1, 1 << 24],
];

describe.each(BUILDS)("machine_format() of the %s build", (build) => {
  const machine = new TestMachine(build);
  const state = () => Atomics.load(machine.i32, SB_STATE >> 2);

  it.each(RANGES)("takes %s from %d to %d and refuses what is past them", (name, low, high) => {
    expect(machine.format({ [name]: low - 1 })).toBe(-EINVAL);
    expect(state()).toBe(0);
    expect(machine.format({ [name]: high + 1 })).toBe(-EINVAL);
    expect(machine.format({ [name]: -1 })).toBe(-EINVAL);
    expect(state()).toBe(0);
    expect(machine.format({ [name]: low })).toBe(0);
    expect(machine.check()).toBe(0);
    // The largest is in range; whether this memory has room for such a table is another question.
    expect([0, -ENOMEM]).toContain(machine.format({ [name]: high }));
  });

  it("refuses a memory of fewer or more pages than a machine may have", () => {
    expect(machine.format({}, 15)).toBe(-EINVAL);
    expect(machine.format({}, 32769)).toBe(-EINVAL);
    expect(machine.format({}, 0)).toBe(-EINVAL);
    expect(machine.format({}, 16)).toBe(0);
  });

  it("returns ENOMEM when the tables leave no room for page frames", () => {
    expect(machine.format({ MSGSEG: 1 << 14 })).toBe(-ENOMEM);
    expect(machine.format({ TASK_MAX: 1024, SEMOPM: 65535 })).toBe(-ENOMEM);
    expect(machine.format({ SHMMNI: 32768, SEMMNI: 32768, MSGMNI: 32768 })).toBe(-ENOMEM);
    // Sums past 32 bits are still too large.
    expect(machine.format({ TASK_MAX: 1024, SEMOPM: 65535, MSGMAX: 1 << 24 })).toBe(-ENOMEM);
    expect(state()).toBe(0);
  });

  it("publishes magic, version, boot id and time, and the state last", () => {
    expect(machine.format()).toBe(0);
    expect(machine.i32[SB_MAGIC >> 2]).toBe(SUPERBLOCK_MAGIC);
    expect(machine.i32[SB_ABI_VERSION >> 2]).toBe(ABI_VERSION);
    expect(machine.i32[SB_BOOT_ID >> 2]).toBe(7);
    expect(machine.i32[(SB_BOOT_ID >> 2) + 1]).toBe(11);
    expect(machine.view.getFloat64(SB_TIME, true)).toBe(1000);
    expect(state()).toBe(STATE_RUNNING);
  });
});
