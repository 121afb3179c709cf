/**
 * The kernel's lock words, so that a test can hold one for a task that is not there. Addresses are
 * those of assembly/region.ts and boot.ts, which only the kernel's own tests may know.
 */
import { SB_KERNEL, SB_REGIONS } from "../../assembly/abi/layout.ts";
import { IPCMNI } from "../../assembly/abi/limits.ts";
import type { TestMachine } from "./machine.ts";

export const LOCK_SHM = SB_KERNEL + 64;
export const LOCK_SEM = SB_KERNEL + 128;
export const LOCK_MSG = SB_KERNEL + 192;
export const LOCK_PAGE = SB_KERNEL + 256;
export const LOCK_PROC = SB_KERNEL + 320;
export const LOCK_MUTEX = SB_KERNEL + 640;
export const LOCK_RECORD = SB_KERNEL + 1024;
export const LOCK_NAME = SB_KERNEL + 896;

const REGION_SEM = 11;
const SEMSET_SIZE = 128;

/** The lock word of a semaphore set, the first of its slot. */
export function semLock(machine: Pick<TestMachine, "i32">, semid: number): number {
  const base = machine.i32[(SB_REGIONS >> 2) + REGION_SEM]!;
  return base + (semid & (IPCMNI - 1)) * SEMSET_SIZE;
}

/** Runs `body` while the lock at `at` names task `owner`. @returns body's result. */
export function withLock<T>(machine: TestMachine, at: number, owner: number, body: () => T): T {
  const before = machine.i32[at >> 2]!;
  if (before !== 0) throw new Error(`the lock at ${at} is held by ${before}`);
  machine.i32[at >> 2] = owner;
  try {
    return body();
  } finally {
    machine.i32[at >> 2] = 0;
  }
}
