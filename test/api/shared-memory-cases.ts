import assert from "node:assert/strict";
import { SharedMemory } from "../../runtime/index.ts";
import { type ApiCase, failsWith } from "./case.ts";

const KEY = 0x7368;

export const sharedMemoryCases: ApiCase[] = [
  {
    name: "SharedMemory.create() makes zeros of the size asked for",
    run(sys) {
      using memory = SharedMemory.create(sys, { size: 5000 });
      assert.equal(memory.size, 5000);
      assert.equal(memory.bytes.byteLength, 5000);
      assert.ok(memory.bytes.every((byte) => byte === 0));
      assert.ok(memory.bytes.buffer instanceof SharedArrayBuffer);
    },
  },
  {
    name: "SharedMemory.open() by id or key sees what another handle stores, at once",
    run(sys) {
      using memory = SharedMemory.create(sys, { key: KEY, size: 64 });
      using byId = SharedMemory.open(sys, { id: memory.id });
      using byKey = SharedMemory.open(sys, { key: KEY });
      memory.bytes[63] = 42;
      assert.equal(byId.bytes[63], 42);
      assert.equal(byKey.bytes[63], 42);
      assert.equal(Atomics.add(byKey.view(Int32Array), 0, 7), 0);
      assert.equal(Atomics.load(memory.view(Int32Array), 0), 7);
    },
  },
  {
    name: "SharedMemory.view() lays typed arrays over part of the segment, and never beyond it",
    run(sys) {
      using memory = SharedMemory.create(sys, { size: 4090 });
      assert.equal(memory.view(Int32Array).length, 1022);
      assert.equal(memory.view(BigUint64Array, 8, 2).byteLength, 16);
      assert.equal(memory.view(Uint8Array, 4090).length, 0);
      const data = memory.view(DataView, 4086);
      assert.equal(data.byteLength, 4);
      data.setUint32(0, 0x01020304, true);
      assert.deepEqual([...memory.bytes.slice(4086)], [4, 3, 2, 1]);
      assert.throws(() => memory.view(Int32Array, 4088, 1), RangeError);
      assert.throws(() => memory.view(Uint8Array, 0, 4091), RangeError);
      assert.throws(() => memory.view(Uint8Array, 4091), RangeError);
      assert.throws(() => memory.view(Uint8Array, -1), RangeError);
      assert.throws(() => memory.view(Uint8Array, 0, -1), RangeError);
      assert.throws(() => memory.view(Uint8Array, 0, 1.5), RangeError);
      assert.throws(() => memory.view(Int32Array, 2), RangeError);
      assert.throws(() => memory.view(Uint8Array, Number.NaN), RangeError);
    },
  },
  {
    name: "SharedMemory.bytes throws EINVAL after detach(), which may be called twice",
    run(sys) {
      using memory = SharedMemory.create(sys, { size: 1 });
      memory.detach();
      memory.detach();
      failsWith("EINVAL", () => memory.bytes);
      failsWith("EINVAL", () => memory.view(Uint8Array));
    },
  },
  {
    name: "SharedMemory.create() throws EEXIST for a key that is taken, EINVAL for no bytes",
    run(sys) {
      using _taken = SharedMemory.create(sys, { key: KEY, size: 10 });
      failsWith("EEXIST", () => SharedMemory.create(sys, { key: KEY, size: 10 }));
      failsWith("EINVAL", () => SharedMemory.create(sys, { size: 0 }));
    },
  },
  {
    name: "SharedMemory.open() throws ENOENT for an unknown key, EINVAL for an id that is gone",
    run(sys) {
      failsWith("ENOENT", () => SharedMemory.open(sys, { key: KEY }));
      const memory = SharedMemory.create(sys, { size: 1 });
      memory[Symbol.dispose]();
      failsWith("EINVAL", () => SharedMemory.open(sys, { id: memory.id }));
    },
  },
  {
    name: "SharedMemory.openOrCreate() makes it once, and disposing does not remove it",
    run(sys) {
      {
        using first = SharedMemory.openOrCreate(sys, { key: KEY, size: 100 });
        using second = SharedMemory.openOrCreate(sys, { key: KEY, size: 50 });
        assert.equal(first.id, second.id);
        assert.equal(second.size, 100);
        first.bytes[0] = 9;
        failsWith("EINVAL", () => SharedMemory.openOrCreate(sys, { key: KEY, size: 101 }));
      }
      using again = SharedMemory.open(sys, { key: KEY });
      assert.equal(again.bytes[0], 9);
      again.remove();
    },
  },
  {
    name: "disposing a SharedMemory twice, or one that is removed already, does nothing",
    run(sys) {
      using memory = SharedMemory.create(sys, { size: 1 });
      using same = SharedMemory.open(sys, { id: memory.id });
      same.remove();
      same.detach();
      memory.detach();
      failsWith("EINVAL", () => memory.remove());
      memory[Symbol.dispose]();
    },
  },
  {
    name: "a removed SharedMemory stays with those who have it attached",
    run(sys) {
      const memory = SharedMemory.create(sys, { size: 8 });
      using same = SharedMemory.open(sys, { id: memory.id });
      memory.bytes[7] = 3;
      memory[Symbol.dispose]();
      assert.equal(same.bytes[7], 3);
    },
  },
];
