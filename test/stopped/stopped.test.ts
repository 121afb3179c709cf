/**
 * A lock's owner that is stopped, as a debugger or a throttled tab stops it, is not dead. It takes a
 * minute, and next to no processor time.
 */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { instantiate } from "../../runtime/instance.ts";
import type { TestKernel } from "../support/machine.ts";
import { LOCK_MSG } from "../support/machine-locks.ts";
import { holder, lockAndBell } from "../unit/runtime-liveness-support.ts";

const STOPPED_MS = 60_000;
const ASK_EVERY_MS = 1000;
const PROGRAM = new URL("./program.js", import.meta.url);

const wordOf = ({ handle }: Machine, at: number) =>
  Atomics.load(new Int32Array(handle.memory.buffer), at >> 2);
const ownerOf = (machine: Machine, at: number) => wordOf(machine, at) & 0xffff;

/** Breaks no rule: machine_check() of the debug build. */
function expectWhole({ handle }: Machine): void {
  const kernel: TestKernel = instantiate(handle.module, handle.memory);
  expect(kernel.machine_check!()).toBe(0);
}

/** A machine in which one process holds the lock of the message queues, and another waits for it. */
async function heldLock() {
  const machine = await boot({
    pool: 1,
    kernelUrl: new URL("../../kernel.debug.wasm", import.meta.url),
  });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const set = lockAndBell(machine);
  const owner = await holder(machine, set, { act: "lock", lock: LOCK_MSG, stop });
  const child = await machine.spawn(PROGRAM, []);
  return { machine, owner, child, stop };
}

describe("a process that waits for a lock of the kernel", () => {
  it(
    "waits for a stopped owner, for a minute, and then goes on",
    async () => {
      const { machine, owner, child, stop } = await heldLock();
      const task = ownerOf(machine, LOCK_MSG);
      expect(task).not.toBe(0);
      const until = performance.now() + STOPPED_MS;
      let found = 0;
      while (performance.now() < until) {
        found += await machine.reap();
        expect(ownerOf(machine, LOCK_MSG)).toBe(task);
        await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
      }
      expect(found).toBe(0);
      const left = once(owner, "message");
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
      expect(await left).toEqual(["left"]);
      expect((await child.wait()).code).toBe(0);
      expect(ownerOf(machine, LOCK_MSG)).toBe(0);
      expectWhole(machine);
      await machine.shutdown();
      await owner.terminate();
    },
    STOPPED_MS * 2,
  );

  it("goes on at once when the owner is terminated", async () => {
    const { machine, owner, child } = await heldLock();
    // The child has found the lock held: it sleeps on it.
    while (wordOf(machine, LOCK_MSG) === ownerOf(machine, LOCK_MSG)) {
      await new Promise(setImmediate);
    }
    const start = performance.now();
    await owner.terminate();
    expect((await child.wait()).code).toBe(0);
    // A busy machine may be slow; what is not heard takes for ever.
    expect(performance.now() - start).toBeLessThan(5000);
    expectWhole(machine);
    await machine.shutdown();
  });
});
