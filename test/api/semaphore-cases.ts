import assert from "node:assert/strict";
import { Semaphore } from "../../runtime/index.ts";
import { type ApiCase, failsWith, rejectsWith } from "./case.ts";

const KEY = 0x73656d;

/** Resolves once somebody waits on the semaphore: state, not time, says that it is asleep. */
async function untilWaiting(count: () => number, wanted: number): Promise<void> {
  while (count() !== wanted) await new Promise((resolve) => setImmediate(resolve));
}

const GETNCNT = 14;

export const semaphoreCases: ApiCase[] = [
  {
    name: "Semaphore.acquire() takes and release() gives back",
    run(sys) {
      using sem = Semaphore.create(sys, { value: 3 });
      sem.acquire();
      sem.acquire({ count: 2 });
      assert.equal(sem.value, 0);
      sem.release(3);
      assert.equal(sem.value, 3);
    },
  },
  {
    name: "Semaphore.create() makes a mutex when it is not told a value",
    run(sys) {
      using sem = Semaphore.create(sys);
      assert.equal(sem.value, 1);
      using empty = Semaphore.create(sys, { value: 0 });
      assert.equal(empty.value, 0);
    },
  },
  {
    name: "Semaphore.tryAcquire() returns false when it would have to wait",
    run(sys) {
      using sem = Semaphore.create(sys, { value: 2 });
      assert.equal(sem.tryAcquire({ count: 3 }), false);
      assert.equal(sem.tryAcquire({ count: 2 }), true);
      assert.equal(sem.tryAcquire(), false);
    },
  },
  {
    name: "Semaphore.acquire() throws ETIMEDOUT when the time is up",
    run(sys) {
      using sem = Semaphore.create(sys, { value: 0 });
      failsWith("ETIMEDOUT", () => sem.acquire({ timeoutMs: 20 }));
      failsWith("ETIMEDOUT", () => sem.acquire({ timeoutMs: 0 }));
      sem.release();
      sem.acquire({ timeoutMs: 0 });
      assert.equal(sem.value, 0);
    },
  },
  {
    name: "Semaphore.acquireAsync() waits for a release without blocking the thread",
    async run(sys) {
      using sem = Semaphore.create(sys, { value: 0 });
      const acquired = sem.acquireAsync();
      await untilWaiting(() => sys.semctl(sem.id, 0, GETNCNT), 1);
      sem.release();
      await acquired;
      assert.equal(sem.value, 0);
    },
  },
  {
    name: "Semaphore.acquireAsync() rejects with ETIMEDOUT when the time is up",
    async run(sys) {
      using sem = Semaphore.create(sys, { value: 0 });
      await rejectsWith("ETIMEDOUT", sem.acquireAsync({ timeoutMs: 20 }));
      assert.equal(sys.semctl(sem.id, 0, GETNCNT), 0);
    },
  },
  {
    name: "Semaphore.acquireAsync() rejects with the signal's reason and takes nothing",
    async run(sys) {
      using sem = Semaphore.create(sys, { value: 0 });
      const controller = new AbortController();
      const acquired = sem.acquireAsync({ signal: controller.signal });
      await untilWaiting(() => sys.semctl(sem.id, 0, GETNCNT), 1);
      const reason = new Error("no longer wanted");
      controller.abort(reason);
      await assert.rejects(acquired, (error) => error === reason);
      sem.release();
      assert.equal(sem.value, 1);
      await assert.rejects(sem.acquireAsync({ signal: AbortSignal.abort() }), {
        name: "AbortError",
      });
      assert.equal(sem.value, 1);
    },
  },
  {
    name: "Semaphore: those who wait are served in the order in which they came",
    async run(sys) {
      using sem = Semaphore.create(sys, { value: 0 });
      const order: number[] = [];
      const waiting: Promise<void>[] = [];
      for (let number = 0; number < 3; number++) {
        waiting.push(sem.acquireAsync().then(() => void order.push(number)));
        await untilWaiting(() => sys.semctl(sem.id, 0, GETNCNT), number + 1);
      }
      for (const wait of waiting) {
        sem.release();
        await wait;
      }
      assert.deepEqual(order, [0, 1, 2]);
    },
  },
  {
    name: "Semaphore.lock() releases at the end of its block, and once only",
    async run(sys) {
      using sem = Semaphore.create(sys, { value: 2 });
      {
        using lock = sem.lock({ count: 2 });
        assert.equal(lock.held, true);
        assert.equal(sem.value, 0);
        lock.release();
        lock.release();
        assert.equal(lock.held, false);
        assert.equal(sem.value, 2);
      }
      {
        using _lock = await sem.lockAsync();
        assert.equal(sem.value, 1);
      }
      assert.equal(sem.value, 2);
    },
  },
  {
    name: "Semaphore.runExclusive() gives back when the work throws",
    async run(sys) {
      using sem = Semaphore.create(sys);
      assert.equal(await sem.runExclusive(() => sem.value), 0);
      await assert.rejects(
        sem.runExclusive(() => {
          throw new Error("work failed");
        }),
        /work failed/,
      );
      assert.equal(sem.value, 1);
    },
  },
  {
    name: "Semaphore.remove() wakes those who wait with EIDRM; after it all is EINVAL",
    async run(sys) {
      using sem = Semaphore.create(sys, { value: 0 });
      const acquired = sem.acquireAsync();
      await untilWaiting(() => sys.semctl(sem.id, 0, GETNCNT), 1);
      sem.remove();
      await rejectsWith("EIDRM", acquired);
      failsWith("EINVAL", () => sem.acquire());
      failsWith("EINVAL", () => sem.remove());
    },
  },
  {
    name: "Semaphore.openOrCreate() gives the value once",
    run(sys) {
      using first = Semaphore.openOrCreate(sys, { key: KEY, value: 5 });
      using second = Semaphore.openOrCreate(sys, { key: KEY, value: 5 });
      assert.equal(first.id, second.id);
      assert.equal(second.value, 5);
      failsWith("EEXIST", () => Semaphore.create(sys, { key: KEY }));
      using third = Semaphore.open(sys, { key: KEY });
      third.acquire();
      assert.equal(first.value, 4);
      third.remove();
      failsWith("ENOENT", () => Semaphore.open(sys, { key: KEY }));
    },
  },
  {
    name: "Semaphore refuses counts, values and times that are none",
    run(sys) {
      using sem = Semaphore.create(sys, { undo: false });
      for (const count of [0, -1, 1.5, 32768, Number.NaN]) {
        assert.throws(() => sem.acquire({ count }), RangeError);
        assert.throws(() => sem.release(count), RangeError);
      }
      assert.throws(() => Semaphore.create(sys, { value: -1 }), RangeError);
      assert.throws(() => sem.acquire({ timeoutMs: -1 }), RangeError);
      assert.throws(() => sem.acquire({ timeoutMs: Number.NaN }), RangeError);
      assert.throws(() => sem.acquire({ timeoutMs: "1" as unknown as number }), TypeError);
      failsWith("ERANGE", () => sem.release(32767));
      assert.equal(sem.value, 1);
    },
  },
];
