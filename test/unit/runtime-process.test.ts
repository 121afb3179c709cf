import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, type Machine, O_RDONLY, SIGKILL, SIGTERM, SIGUSR1 } from "../../runtime/index.ts";
import { codeOf, codeOfAsync, inNode, op, PROGRAM, twoSemaphores } from "./runtime-support.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ pool: 2 });
});
afterAll(() => machine.shutdown());

async function statusOf(...args: string[]) {
  const child = await machine.spawn(PROGRAM, args);
  return child.wait();
}

describe("spawn()", () => {
  it.each([
    ["return", "5", 5],
    ["return", "300", 300 & 0xff],
    ["resolve", "6", 6],
    ["nothing", "", 0],
    ["exit", "7", 7],
    ["exit-later", "8", 8],
  ])("gives the exit status of %s %s", async (action, value, code) => {
    expect(await statusOf(action, value)).toEqual({ status: code << 8, code, signal: null });
  });

  it("runs the program as the user, group and groups asked for", async () => {
    const child = await machine.spawn(PROGRAM, ["identity"], { uid: 7, gid: 8, groups: [1, 2] });
    expect((await child.wait()).code).toBe(0);
  });

  it("makes the caller the parent", async () => {
    expect((await statusOf("parent")).code).toBe(machine.pid);
  });

  it("lets a program spawn others", async () => {
    expect((await statusOf("child-of-child", PROGRAM.href)).code).toBe(18);
  });

  it("runs programs from data: and blob: addresses", async () => {
    const text = "export const main = (sys, argv) => argv.length";
    const data = await machine.spawn(`data:text/javascript,${encodeURIComponent(text)}`, ["a"]);
    expect((await data.wait()).code).toBe(2);
    const blob = URL.createObjectURL(new Blob([text]));
    expect((await (await machine.spawn(blob)).wait()).code).toBe(1);
  });

  it("takes arguments past the transfer area, and throws E2BIG past 1 MiB", async () => {
    const before = machine.sys.open("/dev/null", O_RDONLY);
    const long = "é".repeat(200_000);
    expect((await statusOf("length", long)).code).toBe(200_000 % 251);
    expect(await codeOfAsync(machine.spawn(PROGRAM, ["x".repeat(1 << 20)]))).toBe("E2BIG");
    // No descriptor is left of the pipe.
    const after = machine.sys.open("/dev/null", O_RDONLY);
    expect(after).toBe(before + 1);
    machine.sys.close(after);
    machine.sys.close(before);
  });

  it("throws TypeError for credentials of a wrong type", async () => {
    const wrong = { uid: "root" } as unknown as { uid: number };
    await expect(machine.spawn(PROGRAM, [], wrong)).rejects.toThrow(TypeError);
  });

  it("waits for a worker when more are started than the pool holds", async () => {
    const children = await Promise.all(
      Array.from({ length: 6 }, (_, code) => machine.spawn(PROGRAM, ["return", String(code)])),
    );
    const codes = await Promise.all(children.map(async (child) => (await child.wait()).code));
    expect(codes.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("throws EAGAIN when no worker comes free in time", async () => {
    await using empty = await boot({ pool: 0, poolWaitMs: 20 });
    await expect(empty.spawn(PROGRAM)).rejects.toThrow(
      /spawn: .*EAGAIN.*no worker came free in 20/,
    );
  });

  it("throws EAGAIN when the process table is full", async () => {
    await using small = await boot({ pool: 1, PROC_MAX: 3 });
    const set = twoSemaphores(small.sys);
    const first = await small.spawn(PROGRAM, ["sleep", String(set)]);
    await expect(small.spawn(PROGRAM, ["nothing"])).rejects.toThrow(/EAGAIN.*PROC_MAX is reached/);
    // The worker that was claimed for it went back to the pool.
    small.sys.semop(set, op(0, 1));
    await first.wait();
    const second = await small.spawn(PROGRAM, ["return", "9"]);
    expect((await second.wait()).code).toBe(9);
  });
});

describe("child.wait()", () => {
  it("returns the same again, and waitpid() then finds no child", async () => {
    const child = await machine.spawn(PROGRAM, ["return", "4"]);
    const first = await child.wait();
    expect(await child.wait()).toBe(first);
    expect(codeOf(() => machine.sys.waitpid(child.pid))).toBe("ECHILD");
  });

  it("blocks as waitpid() when asked to", async () => {
    const child = await machine.spawn(PROGRAM, ["return", "4"]);
    expect(machine.sys.waitpid(child.pid)).toEqual({ pid: child.pid, status: 4 << 8 });
  });

  it("is given up with an AbortSignal", async () => {
    const set = twoSemaphores(machine.sys);
    const child = await machine.spawn(PROGRAM, ["sleep", String(set)]);
    const reason = new Error("enough");
    await expect(child.wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    machine.sys.semop(set, op(0, 1));
    expect((await child.wait()).code).toBe(0);
  });
});

describe("child.kill()", () => {
  it.each([
    ["sleep", SIGTERM],
    ["spin", SIGTERM],
    ["spin", SIGKILL],
  ])("ends a program that is in %s by signal %i", async (action, signal) => {
    const set = twoSemaphores(machine.sys);
    const child = await machine.spawn(PROGRAM, [action, String(set)]);
    await machine.sys.async.semop(set, op(1, -1));
    child.kill(signal);
    expect(await child.wait()).toEqual({ status: signal, code: null, signal });
  });

  it("ends several at once", async () => {
    const set = twoSemaphores(machine.sys);
    const start = () => machine.spawn(PROGRAM, ["spin", String(set)]);
    const children = [await start(), await start(), await start()];
    await machine.sys.async.semop(set, op(1, -3));
    for (const child of children) child.kill();
    const ends = await Promise.all(children.map((child) => child.wait()));
    expect(ends.map(({ signal }) => signal)).toEqual([SIGTERM, SIGTERM, SIGTERM]);
  });

  it("runs a handler before the interrupted call throws EINTR", async () => {
    const set = twoSemaphores(machine.sys);
    const child = await machine.spawn(PROGRAM, ["catch-signal", String(set)]);
    await machine.sys.async.semop(set, op(1, -1));
    while (machine.sys.semctl(set, 0, 14) !== 1) await new Promise(setImmediate);
    child.kill(SIGUSR1);
    expect((await child.wait()).code).toBe(1);
  });

  it("does not take the status of a child when a call is interrupted", async () => {
    const child = await machine.spawn(PROGRAM, ["interrupted-parent", PROGRAM.href]);
    expect((await child.wait()).code).toBe(23);
  });

  it("throws ESRCH for a process that was waited for", async () => {
    const child = await machine.spawn(PROGRAM, ["nothing"]);
    await child.wait();
    expect(codeOf(() => child.kill())).toBe("ESRCH");
  });
});

describe("a program that fails", () => {
  const run = (...args: string[]) =>
    inNode(`
      const machine = await boot({ pool: 1 });
      const child = await machine.spawn(PROGRAM, ${JSON.stringify(args)});
      console.log(JSON.stringify(await child.wait()));`);
  const status1 = JSON.stringify({ status: 256, code: 1, signal: null });

  it.each([
    ["throw", /Error: thrown by main\n +at [\s\S]*Caused by: Error: the cause/],
    ["reject", /Error: rejected by main\n +at /],
    ["throw-later", /Error: thrown by a timer\n +at /],
    ["reject-later", /Error: rejected by nobody's promise\n +at /],
  ])("(%s) has status 1 and its stack on standard error", async (action, stack) => {
    const { stdout, stderr, status } = await run(action);
    expect(stdout.trim()).toBe(status1);
    expect(stderr).toMatch(stack);
    expect(status).toBe(0);
  });

  it("to load has status 1 and the reason on standard error", async () => {
    const { stdout, stderr } = await inNode(`
      const machine = await boot({ pool: 1 });
      console.log((await (await machine.spawn("./no-such-program.js")).wait()).code);
      console.log((await (await machine.spawn("data:text/javascript,export const a=1")).wait()).code);`);
    expect(stdout).toBe("1\n1\n");
    expect(stderr).toMatch(/Cannot find module .*no-such-program\.js/);
    expect(stderr).toMatch(/the program exports no function `main`/);
  });

  it("and holds a semaphore with SEM_UNDO gives it back", async () => {
    const set = twoSemaphores(machine.sys);
    machine.sys.semop(set, op(0, 1));
    const { stdout } = await inNode(`
      const machine = await boot({ pool: 1 });
      const set = machine.sys.semget(0, 1, IPC_CREAT | 0o600);
      machine.sys.semctl(set, 0, ipc.SETVAL, 1);
      await (await machine.spawn(PROGRAM, ["take-and-die", String(set)])).wait();
      console.log(machine.sys.semctl(set, 0, ipc.GETVAL));`);
    expect(stdout).toBe("1\n");
  });
});

describe("a program's standard output", () => {
  it("is complete and in order when the program ends at once", async () => {
    const { stdout } = await inNode(`
      const machine = await boot({ pool: 1 });
      await (await machine.spawn(PROGRAM, ["print", "line", "2000"])).wait();
      await (await machine.spawn(PROGRAM, ["print-and-exit", "last"])).wait();`);
    const lines = Array.from({ length: 2000 }, (_, count) => `line ${count}`);
    expect(stdout).toBe(`${lines.join("\n")}\nlast\n`);
  });

  it("appears while the parent blocks", async () => {
    const { stdout } = await inNode(`
      const machine = await boot({ pool: 1 });
      const child = await machine.spawn(PROGRAM, ["print", "while", "1"]);
      machine.sys.waitpid(child.pid);
      (await import("node:fs")).writeSync(1, "after\\n");
      process.kill(process.pid, "SIGKILL");`);
    expect(stdout).toBe("while 0\nafter\n");
  });
});
