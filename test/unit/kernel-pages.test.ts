import { describe, expect, it } from "vitest";
import { ENOMEM } from "../../assembly/abi/errno.ts";
import { SB_REGIONS } from "../../assembly/abi/layout.ts";
import { PAGE_SIZE } from "../../assembly/abi/limits.ts";
import { SETALL } from "../../assembly/abi/sem.ts";
import { PageModel } from "../model/page-model.ts";
import type { TestMachine, TestTask } from "../support/machine.ts";
import { readAttach } from "../support/machine-structs.ts";
import { BUILDS, newMachine, newSegment, newSet, removeSegment, semctl } from "./kernel-builds.ts";

const LIMITS = { SHMMAX: 1 << 30, SHMALL: 1 << 20, SHMMNI: 600, SHMSEG: 600 };
/** A new machine's, without those of the root, /dev, /proc and /proc/sysvipc. */
const frames = (machine: TestMachine) => machine.i32[(SB_REGIONS >> 2) + 16]! - 4;

/** The frame that a segment starts at. */
function frameOf(task: TestTask, id: number): number {
  const addr = task.call((kernel) => kernel.sys_shmat(id, 0, 0));
  const { offset } = readAttach(task);
  task.call((kernel) => kernel.sys_shmdt(addr));
  return (offset - task.machine.i32[(SB_REGIONS >> 2) + 15]!) / PAGE_SIZE;
}

/** A generator of numbers that a seed repeats: Lehmer's. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

describe.each(BUILDS)("page frames of the %s build", (build) => {
  it("are merged with both free neighbours", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const [a, b, c] = [newSegment(root, 3), newSegment(root, 4), newSegment(root, 5)];
    const start = frameOf(root, a!);
    newSegment(root, 1);
    for (const id of [a!, c!, b!]) expect(removeSegment(root, id)).toBe(0);
    const whole = newSegment(root, 12);
    expect(frameOf(root, whole)).toBe(start);
    expect(machine.check()).toBe(0);
  });

  it("that are free before those never used are taken together with them", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const all = frames(machine);
    const first = newSegment(root, all - 10);
    const start = frameOf(root, first);
    removeSegment(root, first);
    // More than are free, and more than were never used.
    const larger = newSegment(root, all - 5);
    expect(frameOf(root, larger)).toBe(start);
    expect(machine.check()).toBe(0);
    expect(removeSegment(root, larger)).toBe(0);
    expect(newSegment(root, all)).toBeGreaterThanOrEqual(0);
    expect(newSegment(root, 1)).toBe(-ENOMEM);
    expect(machine.check()).toBe(0);
  });

  it("that were freed first are taken first", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const ids = Array.from({ length: 8 }, () => newSegment(root, 2));
    const places = ids.map((id) => frameOf(root, id));
    for (const index of [5, 1, 3]) removeSegment(root, ids[index]!);
    const next = [newSegment(root, 2), newSegment(root, 1), newSegment(root, 1), newSegment(root)];
    const wanted = [places[5]!, places[1]!, places[1]! + 1, places[3]!];
    expect(next.map((id) => frameOf(root, id))).toEqual(wanted);
  });

  it("of a new segment hold zeros, whatever the last owner wrote", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const first = newSegment(root, 4);
    root.call((kernel) => kernel.sys_shmat(first, 0, 0));
    const { offset } = readAttach(root);
    machine.u8.fill(0xaa, offset, offset + 4 * PAGE_SIZE);
    root.call((kernel) => kernel.sys_shmctl(first, 0));
    root.call((kernel) => kernel.sys_shmdt(offset));
    const second = newSegment(root, 4);
    root.call((kernel) => kernel.sys_shmat(second, 0, 0));
    expect(readAttach(root).offset).toBe(offset);
    const bytes = machine.u8.subarray(offset, offset + 4 * PAGE_SIZE);
    expect(bytes.some((byte) => byte !== 0)).toBe(false);
  });
});

describe.each(BUILDS)("the last page frames of the %s build", (build) => {
  it("can be had, and one more is ENOMEM", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const all = newSegment(root, frames(machine));
    expect(all).toBeGreaterThanOrEqual(0);
    expect(newSegment(root, 1)).toBe(-ENOMEM);
    expect(newSet(root)).toBe(-ENOMEM);
    expect(removeSegment(root, all)).toBe(0);
    expect(newSegment(root, frames(machine) + 1)).toBe(-ENOMEM);
    expect(newSegment(root, frames(machine))).toBeGreaterThanOrEqual(0);
    expect(machine.check()).toBe(0);
  });

  it("are ENOMEM for SETALL when it cannot have them, and the set is as it was", () => {
    const machine = newMachine(build, LIMITS);
    const { root } = machine;
    const set = newSet(root, 2);
    semctl(root, set, 16, 1, 9);
    const rest = newSegment(root, frames(machine) - 1);
    expect(rest).toBeGreaterThanOrEqual(0);
    machine.view.setUint32(root.transfer, 0x00020003, true);
    expect(semctl(root, set, SETALL)).toBe(-ENOMEM);
    expect([semctl(root, set, 12, 0), semctl(root, set, 12, 1)]).toEqual([0, 9]);
    removeSegment(root, rest);
    machine.view.setUint32(root.transfer, 0x00020003, true);
    expect(semctl(root, set, SETALL)).toBe(0);
    expect([semctl(root, set, 12, 0), semctl(root, set, 12, 1)]).toEqual([3, 2]);
    expect(machine.check()).toBe(0);
  });
});

describe("fragmentation", () => {
  it("refuses a request early only when the memory is nearly full", () => {
    const machine = newMachine("release", LIMITS);
    const { root } = machine;
    const count = frames(machine);
    const model = new PageModel(count);
    const next = random(20260);
    const live: { id: number; start: number; size: number }[] = [];
    const used: number[] = [];
    for (let step = 0; step < 20_000; step++) {
      const size = 1 + next(16);
      const start = model.take(size);
      const id = newSegment(root, size);
      if (start === null) {
        expect(id).toBe(-ENOMEM);
        if (model.unused >= size) used.push(1 - model.unused / count);
        // Half of what there is goes, at random.
        for (let goes = live.length >> 1; goes > 0; goes--) {
          const [gone] = live.splice(next(live.length), 1);
          removeSegment(root, gone!.id);
          model.give(gone!.start, gone!.size);
        }
      } else {
        expect(id).toBeGreaterThanOrEqual(0);
        live.push({ id, start, size });
      }
    }
    const mean = used.reduce((sum, part) => sum + part, 0) / used.length;
    const least = Math.min(...used);
    const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
    process.stdout.write(
      `${used.length} requests of 1 to 16 pages failed although as many frames were free; ` +
        `in use then: ${percent(mean)} on average, ${percent(least)} at least\n`,
    );
    expect(least).toBeGreaterThan(0.6);
  });
});
