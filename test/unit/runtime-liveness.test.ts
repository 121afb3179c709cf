import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { attach, boot, IPC_STAT, SIGKILL } from "../../runtime/index.ts";
import { LOCK_MSG, LOCK_PAGE } from "../support/machine-locks.ts";
import { HOLDER, holder, IDLE_TASKS, lockAndBell, tasksTaken } from "./runtime-liveness-support.ts";
import { codeOfAsync, inNode, op } from "./runtime-support.ts";

const PROGRAM = new URL("./runtime-liveness-program.js", import.meta.url);

describe("machine.reap()", () => {
  it("finds a Worker that the user terminated, and has repaired what it left", async () => {
    await using machine = await boot({ pool: 0 });
    const set = lockAndBell(machine);
    const worker = await holder(machine, set, { act: "sleep" });
    await worker.terminate();
    expect(await machine.reap()).toBeLessThanOrEqual(1);
    expect(machine.sys.semctl(set, 0, 12)).toBe(1);
    expect(tasksTaken(machine)).toBe(IDLE_TASKS);
  });

  it("finds nobody who lives", async () => {
    await using machine = await boot({ pool: 0 });
    const set = lockAndBell(machine);
    const worker = await holder(machine, set, { act: "sleep" });
    expect(await Promise.all([machine.reap(), machine.reap(), machine.reap()])).toEqual([0, 0, 0]);
    expect(await machine.reap()).toBe(0);
    expect(machine.sys.semctl(set, 0, 12)).toBe(0);
    await worker.terminate();
  });

  it("works from a thread that attached itself, and from a program", async () => {
    await using machine = await boot({ pool: 1 });
    await holder(machine, lockAndBell(machine), { act: "reap" });
    const child = await machine.spawn(PROGRAM, ["reap"]);
    expect((await child.wait()).signal).toBe(null);
    await using second = await attach(machine.handle);
    expect(await second.reap()).toBeLessThanOrEqual(1);
  });

  it("rejects with ECANCELED when the machine was shut down", async () => {
    const machine = await boot({ pool: 0 });
    const second = await attach(machine.handle);
    const early = codeOfAsync(second.reap());
    await machine.shutdown();
    expect(["none", "ECANCELED"]).toContain(await early);
    expect(await codeOfAsync(machine.reap())).toBe("ECANCELED");
    expect(await codeOfAsync(second.reap())).toBe("ECANCELED");
    await second.shutdown();
  });
});

describe("a program that holds a semaphore with SEM_UNDO", () => {
  it.each([
    ["trap", { code: 1, signal: null }],
    ["overflow", { code: 1, signal: null }],
    ["throw", { code: 1, signal: null }],
    ["throw-later", { code: 1, signal: null }],
    ["reject-later", { code: 1, signal: null }],
    ["exit", { code: 7, signal: null }],
    ["return", { code: 8, signal: null }],
    ["spin", { code: null, signal: SIGKILL }],
    ["sleep", { code: null, signal: SIGKILL }],
  ])("and ends by %s gives it back, and its parent hears how", async (how, end) => {
    const { stdout } = await inNode(`
      const machine = await boot({ pool: 1 });
      const { sys } = machine;
      const set = sys.semget(0, 2, 0o1600);
      sys.semop(set, [{ sem_num: 0, sem_op: 1 }]);
      const child = await machine.spawn("${PROGRAM}", ["${how}", String(set)]);
      sys.semop(set, [{ sem_num: 1, sem_op: -1 }]);
      if (${end.signal !== null}) child.kill(ipc.SIGKILL);
      sys.semop(set, [{ sem_num: 0, sem_op: -1 }]);
      const { code, signal } = await child.wait();
      console.log(JSON.stringify({ code, signal }));`);
    expect(JSON.parse(stdout)).toEqual(end);
  });
});

describe("the main thread, blocked in a call since before a Worker attached itself,", () => {
  const blocked = (act: string, call: string) => `
    import { Worker } from "node:worker_threads";
    const machine = await boot({ pool: 0 });
    const { sys, handle } = machine;
    const set = sys.semget(0, 2, 0o1600);
    sys.semop(set, [{ sem_num: 0, sem_op: 1 }]);
    const workerData = { handle, set, act: ${JSON.stringify(act)}, lock: ${LOCK_MSG} };
    const worker = new Worker(new URL(${JSON.stringify(HOLDER.href)}), { workerData, execArgv: [] });
    worker.on("error", (error) => console.log(error.message));
    ${call}
    console.log(sys.semctl(set, 0, 12));`;

  it("is released when that one dies with the semaphore", async () => {
    const call = "sys.semop(set, [{ sem_num: 1, sem_op: -1 }, { sem_num: 0, sem_op: -1 }]);";
    const { stdout } = await inNode(blocked("throw", call));
    expect(stdout).toBe("0\ndies with the semaphore\n");
  });

  it("is released when that one dies with a lock of the kernel", async () => {
    // The lock is broken before the semaphore is given back: it is waited for as well.
    const call = `sys.semop(set, [{ sem_num: 1, sem_op: -1 }]); sys.msgget(0, 0o1600);
    sys.semop(set, [{ sem_num: 0, sem_op: -1 }]);`;
    const { stdout } = await inNode(blocked("lock-and-exit", call));
    expect(stdout).toBe("0\n");
  });
});

describe("the supervisor", () => {
  it("answers and buries others while a burial waits for a lock", async () => {
    await using machine = await boot({ pool: 1 });
    const { sys } = machine;
    const set = lockAndBell(machine);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const stopped = await holder(machine, set, { act: "lock", lock: LOCK_PAGE, stop });
    const other = await holder(machine, set, { act: "sleep" });
    await other.terminate();
    const reaped = machine.reap();
    // The pool is filled again each time, and the burials of these wait as well.
    for (const code of [8, 8, 8]) {
      const child = await machine.spawn(PROGRAM, ["idle"]);
      expect((await child.wait()).code).toBe(code);
    }
    // Frames are needed to bury, and the owner of their lock lives: nobody is buried.
    expect(sys.semctl(set, 0, 12)).toBe(0);
    await stopped.terminate();
    expect(await reaped).toBeGreaterThanOrEqual(4);
    await sys.async.semop(set, op(0, -1));
    const segment = sys.shmget(0, 4096, 0o1600);
    expect(sys.shmctl(segment, IPC_STAT)).toMatchObject({ shm_segsz: 4096 });
  });

  it("lets calls end with ECANCELED when it ends itself", async () => {
    const booter = new Worker(
      `const { parentPort, workerData } = require("node:worker_threads");
      import(workerData).then(async ({ boot }) => {
        const { handle } = await boot({ pool: 0 });
        parentPort.postMessage(handle);
        setInterval(() => {}, 1000);
      });`,
      { eval: true, workerData: new URL("../../runtime/index.js", import.meta.url).href },
    );
    const [handle] = await once(booter, "message");
    const machine = await attach(handle);
    const set = machine.sys.semget(0, 2, 0o1600);
    const worker = await holder(machine, set, { act: "wait" });
    const call = codeOfAsync(machine.sys.async.semop(set, op(0, -1)));
    const said = once(worker, "message");
    await booter.terminate();
    expect(await call).toBe("ECANCELED");
    expect(await said).toEqual(["ECANCELED"]);
    await machine.shutdown();
    await worker.terminate();
  });
});

describe("shutdown()", () => {
  it("ends with ECANCELED a call in which an attached Worker sleeps", async () => {
    const machine = await boot({ pool: 0 });
    const worker = await holder(machine, lockAndBell(machine), { act: "wait" });
    const said = once(worker, "message");
    await machine.shutdown();
    expect(await said).toEqual(["ECANCELED"]);
    await worker.terminate();
  });
});
