import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attach, boot, type Machine, SIGUSR1 } from "../../runtime/index.ts";
import { codeOf, codeOfAsync, inNode, op, sleepers, twoSemaphores } from "./runtime-support.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 0, TASK_MAX: 16 });
});
afterAll(() => machine.shutdown());

describe("a pending asynchronous call", () => {
  it("resolves when another call lets it", async () => {
    const set = twoSemaphores(machine.sys);
    const call = machine.sys.async.semop(set, op(0, -1));
    machine.sys.semop(set, op(0, 1));
    expect(await call).toBe(0);
  });

  it("makes its first attempt at once", () => {
    const set = twoSemaphores(machine.sys);
    const call = machine.sys.async.semop(set, op(0, 2));
    expect(machine.sys.semctl(set, 0, 12)).toBe(2);
    return call;
  });

  it("takes its arguments at the call", async () => {
    const set = twoSemaphores(machine.sys);
    const sops = [
      { sem_num: 0, sem_op: -1 },
      { sem_num: 1, sem_op: 5 },
    ];
    const call = machine.sys.async.semop(set, sops);
    sops[1]!.sem_op = 1;
    machine.sys.semop(set, op(0, 1));
    await call;
    expect(machine.sys.semctl(set, 1, 12)).toBe(5);
  });

  it("rejects with the signal's reason when aborted, and leaves the queue", async () => {
    const set = twoSemaphores(machine.sys);
    const controller = new AbortController();
    const call = machine.sys.async.semop(set, op(0, -1), { signal: controller.signal });
    expect(machine.sys.semctl(set, 0, 14)).toBe(1);
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(machine.sys.semctl(set, 0, 14)).toBe(0);
  });

  it("changes nothing when its signal was aborted before", async () => {
    const set = twoSemaphores(machine.sys);
    const call = machine.sys.async.semop(set, op(0, 1), { signal: AbortSignal.abort() });
    await expect(call).rejects.toThrow(/abort/i);
    expect(machine.sys.semctl(set, 0, 12)).toBe(0);
  });

  it("resolves when the abort came after its end", async () => {
    const set = twoSemaphores(machine.sys);
    const controller = new AbortController();
    const call = machine.sys.async.semop(set, op(0, -1), { signal: controller.signal });
    machine.sys.semop(set, op(0, 1));
    controller.abort();
    expect(await call).toBe(0);
    expect(machine.sys.semctl(set, 0, 12)).toBe(0);
  });

  it("rejects with EAGAIN when its time has passed", async () => {
    const set = twoSemaphores(machine.sys);
    const timeout = { tv_sec: 0, tv_nsec: 5_000_000 };
    expect(await codeOfAsync(machine.sys.async.semtimedop(set, op(0, -1), timeout))).toBe("EAGAIN");
  });
});

describe("an asynchronous call", () => {
  it("rejects with EIDRM when the object is removed", async () => {
    const set = twoSemaphores(machine.sys);
    const call = codeOfAsync(machine.sys.async.semop(set, op(0, -1)));
    machine.sys.semctl(set, 0, 0);
    expect(await call).toBe("EIDRM");
  });

  it("is interrupted by a caught signal, after the handler ran", async () => {
    await using other = await attach(machine.handle);
    const set = twoSemaphores(machine.sys);
    const events: string[] = [];
    machine.sys.sigaction(SIGUSR1, (signal) => events.push(`handler ${signal}`));
    const call = machine.sys.async.semop(set, op(0, -1)).catch((error: { code: string }) => {
      events.push(error.code);
    });
    other.sys.kill(machine.pid, SIGUSR1);
    await call;
    expect(events).toEqual([`handler ${SIGUSR1}`, "EINTR"]);
    machine.sys.sigaction(SIGUSR1, 0);
  });

  it("receives the message that it waited for, in its own buffer", async () => {
    const queue = machine.sys.msgget(0, 0o1600);
    const first = { mtype: 0, mtext: new Uint8Array(4) };
    const second = { mtype: 0, mtext: new Uint8Array(4) };
    const calls = [
      machine.sys.async.msgrcv(queue, first, 4, 1),
      machine.sys.async.msgrcv(queue, second, 4, 2),
    ];
    machine.sys.msgsnd(queue, { mtype: 2, mtext: Uint8Array.of(20, 21) }, 2);
    machine.sys.msgsnd(queue, { mtype: 1, mtext: Uint8Array.of(10) }, 1);
    expect(await Promise.all(calls)).toEqual([1, 2]);
    expect(first).toEqual({ mtype: 1, mtext: Uint8Array.of(10, 0, 0, 0) });
    expect(second).toEqual({ mtype: 2, mtext: Uint8Array.of(20, 21, 0, 0) });
  });

  it("rejects, and does not throw, for wrong arguments", async () => {
    const wrong = machine.sys.async.semop("1" as unknown as number, op(0, 1));
    await expect(wrong).rejects.toThrow(TypeError);
  });

  it("rejects with EAGAIN when every task is taken, and later ones go on", async () => {
    const set = twoSemaphores(machine.sys);
    const calls = Array.from({ length: 20 }, () =>
      codeOfAsync(machine.sys.async.semop(set, op(0, -1))),
    );
    machine.sys.semop(set, op(0, 20));
    const codes = await Promise.all(calls);
    expect(codes).toContain("EAGAIN");
    expect(codes.filter((code) => code === "none").length).toBeGreaterThan(10);
    machine.sys.semctl(set, 0, 16, 0);
    const late = machine.sys.async.semop(set, op(0, -1));
    machine.sys.semop(set, op(0, 1));
    expect(await late).toBe(0);
  });
});

describe("a handler", () => {
  it("runs at the end of the call that sends the signal", () => {
    let seen = 0;
    expect(machine.sys.sigaction(SIGUSR1, () => (seen += 1))).toBe(0);
    machine.sys.kill(machine.pid, SIGUSR1);
    expect(seen).toBe(1);
    const old = machine.sys.sigaction(SIGUSR1, 0);
    expect(typeof old).toBe("function");
  });

  it("may make calls, which do not disturb the one that it ended", () => {
    const queue = machine.sys.msgget(0, 0o1600);
    machine.sys.sigaction(SIGUSR1, () => {
      machine.sys.msgsnd(queue, { mtype: 3, mtext: Uint8Array.of(9) }, 1);
    });
    machine.sys.kill(0, SIGUSR1);
    machine.sys.sigaction(SIGUSR1, 0);
    const message = { mtype: 0, mtext: new Uint8Array(1) };
    expect(machine.sys.msgrcv(queue, message, 1)).toBe(1);
    expect(message.mtype).toBe(3);
  });

  it("runs on an idle thread", async () => {
    await using other = await attach(machine.handle);
    const seen = new Promise((done) => machine.sys.sigaction(SIGUSR1, done));
    other.sys.kill(machine.pid, SIGUSR1);
    expect(await seen).toBe(SIGUSR1);
    machine.sys.sigaction(SIGUSR1, 0);
  });

  it("is not left behind by a sigaction() that failed", () => {
    expect(codeOf(() => machine.sys.sigaction(9, () => {}))).toBe("EINVAL");
    expect(codeOf(() => machine.sys.sigaction(32, () => {}))).toBe("EINVAL");
  });
});

describe("Node's event loop", () => {
  const start = `
    const machine = await boot({ pool: 1 });
    const set = machine.sys.semget(0, 2, IPC_CREAT | 0o666);
    const V = [{ sem_num: 0, sem_op: 1 }];
    const P = [{ sem_num: 0, sem_op: -1 }];`;

  it("ends under an idle machine that nobody shut down", async () => {
    const { status, stdout } = await inNode(`${start} console.log("end");`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "end\n" });
  });

  it("is kept by a pending asynchronous call", async () => {
    const { status, stdout } = await inNode(`${start}
      const child = await machine.spawn(PROGRAM, ["sleep", String(set)]);
      const timer = setTimeout(() => machine.sys.semop(set, V), 300);
      timer.unref();
      await child.wait();
      console.log("child ended");`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "child ended\n" });
  });

  it("is let go again when the call is aborted", async () => {
    const { status, stdout } = await inNode(`${start}
      const signal = AbortSignal.timeout(50);
      const call = machine.sys.async.semop(set, P, { signal });
      console.log(await call.catch((error) => error.name));`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "TimeoutError\n" });
  });
});

describe("shutdown()", () => {
  it("rejects what is pending, refuses what comes later, and may be called again", async () => {
    const ending = await boot({ pool: 1 });
    const set = twoSemaphores(ending.sys);
    const segment = ending.sys.shmat(ending.sys.shmget(0, 4096, 0o1600));
    const call = ending.sys.async.semop(set, op(0, -1));
    await sleepers(ending, set, 0, 1);
    const ends = [ending.shutdown(), ending.shutdown()];
    await expect(call).rejects.toThrow(/semop: .*ECANCELED.*the machine was shut down/);
    await Promise.all(ends);
    expect(codeOf(() => ending.sys.semop(set, op(0, 1)))).toBe("ECANCELED");
    expect(codeOf(() => ending.sys.getpid())).toBe("ECANCELED");
    expect(codeOf(() => segment.bytes)).toBe("EINVAL");
    expect(await codeOfAsync(ending.spawn("x.js"))).toBe("ECANCELED");
  });

  it("ends programs that run", async () => {
    const { status } = await inNode(
      `
      await using machine = await boot({ pool: 1 });
      const set = machine.sys.semget(0, 2, IPC_CREAT | 0o666);
      await machine.spawn(PROGRAM, ["spin", String(set)]);
      await machine.sys.async.semop(set, [{ sem_num: 1, sem_op: -1 }]);
      setTimeout(() => {}, 1);`.replace("await using machine =", "const machine ="),
    );
    expect(status).toBe(0);
  });
});
