import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { attach, boot, type Machine, type MachineHandle, SIGTERM } from "../../runtime/index.ts";
import { codeOf, op, PROGRAM, sleepers, twoSemaphores } from "./runtime-support.ts";

const BUILD = new URL("../../", import.meta.url);

async function attachedWorker(machine: Machine, set: number) {
  const url = new URL("./runtime-attach-worker.js", import.meta.url);
  const worker = new Worker(url, { workerData: { handle: machine.handle, set } });
  const [pid] = (await once(worker, "message")) as [number];
  return { worker, pid };
}

describe("attach()", () => {
  it("makes a Worker of the user's own a process", async () => {
    await using machine = await boot({ pool: 0 });
    const set = twoSemaphores(machine.sys);
    const { worker, pid } = await attachedWorker(machine, set);
    expect(pid).not.toBe(machine.pid);
    expect(machine.sys.semctl(set, 0, 12)).toBe(1);
    machine.sys.semop(set, op(1, 1));
    expect(await once(worker, "message")).toEqual(["left"]);
    // It has left as a process ends: SEM_UNDO is applied.
    expect(machine.sys.semctl(set, 0, 12)).toBe(0);
    expect(codeOf(() => machine.sys.kill(pid, 0))).toBe("ESRCH");
    await worker.terminate();
  });

  it("lets the machine hear of the Worker's death", async () => {
    await using machine = await boot({ pool: 0 });
    const set = twoSemaphores(machine.sys);
    const { worker, pid } = await attachedWorker(machine, set);
    await sleepers(machine, set, 1, 1);
    await worker.terminate();
    // SEM_UNDO makes the semaphore 0 again.
    await machine.sys.async.semop(set, op(0, 0));
    while (codeOf(() => machine.sys.kill(pid, 0)) !== "ESRCH") await new Promise(setImmediate);
    expect(machine.sys.semctl(set, 1, 14)).toBe(0);
  });

  it("makes a second process on the same thread", async () => {
    await using machine = await boot({ pool: 1 });
    const second = await attach(structuredClone(machine.handle), { uid: 5 });
    expect([second.pid !== machine.pid, second.sys.getuid()]).toEqual([true, 5]);
    const child = await second.spawn(PROGRAM, ["parent"]);
    expect((await child.wait()).code).toBe(second.pid);
    const pending = second.sys.async.semop(twoSemaphores(second.sys), op(0, -1));
    pending.catch(() => {});
    await second.shutdown();
    await expect(pending).rejects.toThrow(/ECANCELED.*this process has left the machine/);
    expect(() => second.sys.getpid()).toThrow(/this process has left the machine/);
    expect(machine.sys.getpid()).toBe(machine.pid);
  });

  it("leaves nothing behind, however often it is done", async () => {
    await using machine = await boot({ pool: 0, TASK_MAX: 8, PROC_MAX: 8 });
    for (let round = 0; round < 50; round += 1) {
      await using process = await attach(machine.handle);
      await process.sys.async.semop(twoSemaphores(process.sys), op(0, 1));
    }
  });
});

describe("attach() that fails", () => {
  it("throws EAGAIN when the process table is full", async () => {
    await using machine = await boot({ pool: 0, PROC_MAX: 3 });
    const third = await attach(machine.handle);
    await expect(attach(machine.handle)).rejects.toThrow(/attach: .*EAGAIN.*PROC_MAX is reached/);
    await third.shutdown();
    await (await attach(machine.handle)).shutdown();
  });

  it("refuses a handle of another ABI version and names both", async () => {
    await using machine = await boot({ pool: 0 });
    const other = { ...machine.handle, abiVersion: 77 };
    await expect(attach(other)).rejects.toThrow(/the machine has ABI version 77, .*has 1/);
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
    new Int32Array(memory.buffer).set(new Int32Array(machine.handle.memory.buffer, 0, 8));
    new Int32Array(memory.buffer)[1] = 78;
    await expect(attach({ ...machine.handle, memory })).rejects.toThrow(/ABI version 78/);
  });

  it("refuses what is no handle, and a machine that is gone", async () => {
    const none = {} as unknown as MachineHandle;
    await expect(attach(none)).rejects.toThrow(TypeError);
    const machine = await boot({ pool: 0 });
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
    await expect(attach({ ...machine.handle, memory })).rejects.toThrow(
      /holds no wasm-ipc machine/,
    );
    await machine.shutdown();
    await expect(attach(machine.handle)).rejects.toThrow("attach: this machine was shut down");
  });

  it("refuses the calls of a process that a signal has ended", async () => {
    await using machine = await boot({ pool: 0 });
    const other = await attach(machine.handle);
    machine.sys.kill(other.pid, SIGTERM);
    while (codeOf(() => machine.sys.kill(other.pid, 0)) !== "ESRCH") {
      await new Promise(setImmediate);
    }
    expect(codeOf(() => other.sys.semget(0, 1, 0o1600))).toBe("EINTR");
    await other.shutdown();
  });
});

describe("boot()", () => {
  it("makes machines that know nothing of one another", async () => {
    await using first = await boot({ pool: 1 });
    await using second = await boot({ pool: 1 });
    const key = 0x1234;
    const one = first.sys.semget(key, 1, 0o1600);
    expect(codeOf(() => second.sys.semget(key, 1, 0))).toBe("ENOENT");
    second.sys.semget(key, 2, 0o1600);
    first.sys.semctl(one, 0, 16, 5);
    expect(second.sys.semctl(second.sys.semget(key, 0, 0), 0, 12)).toBe(0);
    await first.shutdown();
    const child = await second.spawn(PROGRAM, ["return", "3"]);
    expect((await child.wait()).code).toBe(3);
  });

  it("takes the kernel and the workers from addresses", async () => {
    await using machine = await boot({
      pool: 1,
      kernelUrl: new URL("kernel.wasm", BUILD),
      workerUrl: new URL("workers/worker.node.cjs", BUILD),
    });
    const child = await machine.spawn(PROGRAM, ["return", "11"]);
    expect((await child.wait()).code).toBe(11);
  });

  it("says what it could not load", async () => {
    await expect(boot({ kernelUrl: new URL("no.wasm", BUILD) })).rejects.toThrow(
      /ENOENT.*no\.wasm/,
    );
    const workerUrl = new URL("workers/no-worker.cjs", BUILD);
    await expect(boot({ workerUrl })).rejects.toThrow(
      /the machine's workers cannot be started: .*no-supervisor\.cjs/,
    );
  });
});
