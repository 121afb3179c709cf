/** getpid(2), getuid(2), getgroups(2), kill(2), sigaction(2), waitpid(2). */
import {
  SIG_DFL,
  SIG_IGN,
  SIGKILL,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
} from "../../../assembly/abi/signal.ts";
import { WNOHANG } from "../../../assembly/abi/wait.ts";
import { equal, fails, ok } from "../check.ts";
import { ALICE, BOB, DAVE, HANDLER, type Proc, type Row, row } from "../row.ts";

type Waited = { pid: number; status: number };

const NO_SUCH_PID = 0x3fff_ffff;

/** Whether the process is there, as kill(2) tells with signal 0. */
async function exists(p: Proc, pid: number): Promise<boolean> {
  const error = await p.do("kill", pid, 0).catch((thrown: { code: string }) => thrown);
  return error === 0 || (error as { code: string }).code !== "ESRCH";
}

export const processRows: readonly Row[] = [
  row("getpid() tells a pid of its own for each process", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    equal(await p.do("getpid"), p.pid);
    equal(await q.do("getpid"), q.pid);
    ok(p.pid !== q.pid && p.pid > 0, "two pids");
  }),
  row("getppid() tells the pid of the process that started it", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const child = await proc({ parent });
    equal(await child.do("getppid"), parent.pid);
    await child.exit();
  }),
  row("getuid() and its like tell the credentials", async ({ proc }) => {
    const [p, root] = [await proc(DAVE), await proc()];
    const calls = ["getuid", "geteuid", "getgid", "getegid"];
    equal(await Promise.all(calls.map((call) => p.do(call))), [1004, 1004, 1004, 1004]);
    equal(await Promise.all(calls.map((call) => root.do(call))), [0, 0, 0, 0]);
  }),
  row("getgroups() tells the supplementary groups", async ({ proc }) => {
    const [p, root] = [await proc(DAVE), await proc()];
    equal(await p.do<number[]>("getgroups"), [1001]);
    equal(await root.do<number[]>("getgroups"), []);
  }),
  row("kill() returns EINVAL for a signal that does not exist", async ({ proc }) => {
    const p = await proc();
    for (const signal of [-1, 65, 1000]) await fails("EINVAL", p.do("kill", p.pid, signal));
  }),
  row("kill() returns EPERM for another user's process", async ({ proc }) => {
    const [p, q, root] = [await proc(ALICE), await proc(BOB), await proc()];
    await fails("EPERM", p.do("kill", q.pid, SIGTERM));
    await fails("EPERM", p.do("kill", root.pid, 0));
    equal(await root.do("kill", q.pid, 0), 0, "root may");
  }),
  row("kill() returns ESRCH for a process that does not exist", async ({ proc }) => {
    const p = await proc();
    await fails("ESRCH", p.do("kill", NO_SUCH_PID, 0));
    await fails("ESRCH", p.do("kill", NO_SUCH_PID, SIGTERM));
  }),
  row("kill() with signal 0 only asks", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    equal(await p.do("kill", q.pid, 0), 0);
    equal(await q.do("getpid"), q.pid);
  }),
  row("kill() ends a process by default, whatever it does", async ({ proc }) => {
    const p = await proc();
    for (const signal of [SIGTERM, SIGKILL, SIGUSR2]) {
      const q = await proc({ fresh: true });
      equal(await p.do("kill", q.pid, signal), 0);
      await q.ended();
    }
  }),
  row("kill() runs the handler of a process that does not sleep", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    await q.do("sigaction", SIGUSR2, HANDLER);
    await p.do("kill", q.pid, SIGUSR2);
    let seen: number[] = [];
    while (seen.length === 0) seen = await q.do<number[]>("signals");
    equal(seen, [SIGUSR2]);
  }),
  row(
    "sigaction() returns EINVAL for a signal that does not exist or is not to catch",
    async (w) => {
      const p = await w.proc();
      for (const signal of [0, -1, 65, SIGKILL, SIGSTOP]) {
        await fails("EINVAL", p.do("sigaction", signal, HANDLER));
        await fails("EINVAL", p.do("sigaction", signal, SIG_IGN));
      }
    },
  ),
  row("sigaction() returns the disposition before the call", async ({ proc }) => {
    const p = await proc();
    const steps = [
      [HANDLER, SIG_DFL],
      [SIG_IGN, HANDLER],
      [HANDLER, SIG_IGN],
      [HANDLER, HANDLER],
      [SIG_DFL, HANDLER],
      [SIG_DFL, SIG_DFL],
    ];
    for (const [wanted, before] of steps) {
      const got = await p.do<unknown>("sigaction", SIGUSR2, wanted);
      ok(typeof before === "function" ? typeof got === "function" : got === before, `${before}`);
    }
  }),
  row("sigaction() with SIG_IGN lets the process live", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    await q.do("sigaction", SIGTERM, SIG_IGN);
    await p.do("kill", q.pid, SIGTERM);
    equal(await q.do("getpid"), q.pid);
    equal(await exists(p, q.pid), true, "it exists");
  }),
  row("waitpid() returns ECHILD without children, and for a child of another", async ({ proc }) => {
    const [p, q] = [await proc({ fresh: true }), await proc()];
    await fails("ECHILD", p.do("waitpid", -1, 0));
    await fails("ECHILD", p.do("waitpid", -1, WNOHANG));
    await fails("ECHILD", p.do("waitpid", q.pid, 0));
  }),
  row("waitpid() returns EINVAL for options that do not exist", async ({ proc }) => {
    const p = await proc({ fresh: true });
    await fails("EINVAL", p.do("waitpid", -1, 0x100));
  }),
  row("waitpid() gives pid and exit code of a child that has ended", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const child = await proc({ parent });
    await child.exit(7);
    equal(await parent.do<Waited>("waitpid", child.pid, 0), { pid: child.pid, status: 7 << 8 });
    await fails("ECHILD", parent.do("waitpid", child.pid, 0));
  }),
  row("waitpid() gives the signal that ended a child", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    for (const signal of [SIGKILL, SIGTERM, SIGUSR2]) {
      const child = await proc({ parent });
      await child.kill(signal);
      equal(await parent.do<Waited>("waitpid", child.pid), { pid: child.pid, status: signal });
    }
  }),
  row("waitpid() sleeps until a child ends", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const child = await proc({ parent });
    const call = parent.start<Waited>("waitpid", -1, 0);
    await parent.asleep();
    await child.exit(3);
    equal(await call, { pid: child.pid, status: 3 << 8 });
  }),
  row("waitpid() for one child leaves the others", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const [first, second] = [await proc({ parent }), await proc({ parent })];
    await first.exit(1);
    await second.exit(2);
    equal(await parent.do<Waited>("waitpid", second.pid), { pid: second.pid, status: 2 << 8 });
    equal(await parent.do<Waited>("waitpid", -1), { pid: first.pid, status: 1 << 8 });
  }),
  row("waitpid() with WNOHANG returns pid 0 while the child lives", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const child = await proc({ parent });
    equal(await parent.do<Waited>("waitpid", -1, WNOHANG), { pid: 0, status: 0 });
    await child.exit(0);
    equal(await parent.do<Waited>("waitpid", child.pid, 0), { pid: child.pid, status: 0 });
  }),
  row("waitpid() as a twin resolves when a child ends", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    const child = await proc({ parent });
    const call = parent.start<Waited>("async.waitpid", child.pid);
    await parent.asleep();
    await child.exit(9);
    equal(await call, { pid: child.pid, status: 9 << 8 });
  }),
  row("waitpid() returns EINTR after a signal handler has run", async ({ proc }) => {
    const parent = await proc({ fresh: true });
    await proc({ parent });
    await parent.do("sigaction", SIGUSR1, HANDLER);
    const call = parent.start("waitpid", -1, 0);
    await parent.asleep();
    await parent.kill(SIGUSR1);
    await fails("EINTR", call);
    equal(await parent.do<number[]>("signals"), [SIGUSR1]);
  }),
];
