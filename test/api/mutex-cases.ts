import assert from "node:assert/strict";
import { Mutex, SharedMemory } from "../../runtime/index.ts";
import { type ApiCase, failsWith, rejectsWith } from "./case.ts";

const SIZE = { size: 4096 };

export const mutexCases: ApiCase[] = [
  {
    name: "Mutex.lock() holds until the guard is released or disposed, once",
    run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      const mutex = Mutex.create(memory);
      {
        using guard = mutex.lock();
        assert.equal(guard.held, true);
        assert.equal(guard.ownerDied, false);
        failsWith("EINVAL", () => guard.markConsistent());
      }
      const guard = mutex.lock();
      guard.release();
      guard.release();
      assert.equal(guard.held, false);
      guard[Symbol.dispose]();
      mutex.lock().release();
    },
  },
  {
    name: "Mutex.lock() throws EDEADLK in a thread that holds it, and tryLock() gives nothing",
    run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      using other = SharedMemory.open(sys, { id: memory.id });
      using _guard = Mutex.create(memory, 128).lock();
      for (const mutex of [Mutex.at(memory, 128), Mutex.at(other, 128)]) {
        failsWith("EDEADLK", () => mutex.lock());
        failsWith("EDEADLK", () => mutex.lock({ timeoutMs: 60_000 }));
        assert.equal(mutex.tryLock(), undefined);
      }
    },
  },
  {
    name: "Mutex.tryLock() gives a guard of a free mutex",
    run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      const mutex = Mutex.create(memory);
      const guard = mutex.tryLock()!;
      assert.equal(guard.held, true);
      guard.release();
      mutex.lock({ timeoutMs: 0 }).release();
    },
  },
  {
    name: "Mutex.create() and its like refuse a place that is none",
    run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      for (const offset of [1, -8, 4096 - 56]) {
        failsWith("EINVAL", () => Mutex.create(memory, offset));
        failsWith("EINVAL", () => Mutex.at(memory, offset).lock());
      }
      assert.throws(() => Mutex.create(memory, 0.5), TypeError);
      const mutex = Mutex.create(memory, 4096 - 64);
      for (const timeoutMs of [-1, Number.NaN, 2 ** 31]) {
        assert.throws(() => mutex.lock({ timeoutMs }), RangeError);
      }
      mutex.lock().release();
      memory.detach();
      failsWith("EINVAL", () => mutex.tryLock());
    },
  },
  {
    name: "Mutex.lockAsync() lets the tasks of one thread take turns",
    async run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      Mutex.create(memory);
      const order: string[] = [];
      const work = async (name: string) => {
        using _guard = await Mutex.at(memory).lockAsync();
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve));
        order.push(`${name} ends`);
      };
      await Promise.all([work("a"), work("b"), work("c")]);
      const steps = ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"];
      assert.deepEqual(order, steps);
    },
  },
  {
    name: "Mutex.lockAsync() waits for a blocking locker of its thread",
    async run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      const mutex = Mutex.create(memory);
      const guard = mutex.lock();
      const pending = mutex.lockAsync();
      await rejectsWith("ETIMEDOUT", mutex.lockAsync({ timeoutMs: 10 }));
      guard.release();
      (await pending).release();
    },
  },
  {
    name: "Mutex.lockAsync() rejects with its signal's reason, and leaves its turn to others",
    async run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      const mutex = Mutex.create(memory);
      const guard = await mutex.lockAsync();
      const controller = new AbortController();
      const reason = new Error("no more");
      const given = mutex.lockAsync({ signal: controller.signal });
      const pending = mutex.lockAsync();
      controller.abort(reason);
      await assert.rejects(given, reason);
      guard.release();
      (await pending).release();
      await assert.rejects(mutex.lockAsync({ signal: AbortSignal.abort(reason) }), reason);
      mutex.lock().release();
    },
  },
  {
    name: "Mutex.runExclusive() unlocks when the work fails",
    async run(sys) {
      using memory = SharedMemory.create(sys, SIZE);
      const mutex = Mutex.create(memory);
      const failing = mutex.runExclusive(() => Promise.reject(new Error("work")));
      await assert.rejects(failing, { message: "work" });
      assert.equal(await mutex.runExclusive(({ held }) => held), true);
      mutex.lock().release();
    },
  },
];
