/** semop(2) and semtimedop(2): how a sleep ends without success. */
import { IPC_RMID, IPC_SET } from "../../../assembly/abi/ipc.ts";
import {
  SIG_DFL,
  SIG_IGN,
  SIGCHLD,
  SIGKILL,
  SIGUSR1,
  SIGUSR2,
} from "../../../assembly/abi/signal.ts";
import { equal, fails, ok } from "../check.ts";
import { op, semSet, semValue, semValues, sleepers } from "../objects.ts";
import { ALICE, BOB, HANDLER, type Row, row } from "../row.ts";

const SECOND = { tv_sec: 1, tv_nsec: 0 };

export const semopWait: readonly Row[] = [
  row("semop() returns EIDRM to every sleeper when the set is removed", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0, 1]);
    const [a, b] = [await proc(), await proc()];
    const calls = [a.start("semop", id, [op(0, -1)]), b.start("semop", id, [op(1, 0), op(0, -1)])];
    await a.asleep();
    await b.asleep();
    await p.do("semctl", id, 0, IPC_RMID);
    for (const call of calls) await fails("EIDRM", call);
  }),
  row("semop() returns EINTR after a signal handler has run", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [0]);
    await a.do("sigaction", SIGUSR1, HANDLER);
    const call = a.start("semop", id, [op(0, -1)]);
    await a.asleep();
    await a.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "semop");
    equal(await a.do<number[]>("signals"), [SIGUSR1]);
    equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
    await p.do("semop", id, [op(0, 1)]);
    equal(await semValue(p, id), 1, "nobody took it");
  }),
  row("semop() returns EINTR while it waits for zero", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [1]);
    await a.do("sigaction", SIGUSR2, HANDLER);
    const call = a.start("semop", id, [op(0, 0)]);
    await a.asleep();
    await a.kill(SIGUSR2);
    await fails("EINTR", call);
    equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
  }),
  row("semop() sleeps on through signals that are ignored", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [0]);
    await a.do("sigaction", SIGUSR1, SIG_IGN);
    const call = a.start("semop", id, [op(0, -1)]);
    await a.asleep();
    await a.kill(SIGUSR1);
    await a.kill(SIGCHLD);
    await p.do("semop", id, [op(0, 1)]);
    equal(await call, 0);
    await a.do("sigaction", SIGUSR1, SIG_DFL);
  }),
  row("semop() leaves nothing behind when its sleeper is killed", async ({ proc }) => {
    const [p, a] = [await proc(), await proc({ fresh: true })];
    const id = await semSet(p, [0]);
    const call = a.start("semop", id, [op(0, -1)]);
    await a.asleep();
    await a.kill(SIGKILL);
    await a.ended();
    await call.catch(() => undefined);
    equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
    await p.do("semop", id, [op(0, 1)]);
    equal(await semValue(p, id), 1);
  }),
  row("semop() sleeps on when IPC_SET takes its permission away", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [0], 0o666);
    const call = other.start("semop", id, [op(0, -1)]);
    await other.asleep();
    await owner.do("semctl", id, 0, IPC_SET, { sem_perm: { mode: 0o600 } });
    await other.asleep();
    await owner.do("semop", id, [op(0, 1)]);
    equal(await call, 0);
  }),
  row("semtimedop() returns EAGAIN when the time is over, not before", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [0]);
    const start = performance.now();
    const timeout = { tv_sec: 0, tv_nsec: 120_000_000 };
    const call = a.start("semtimedop", id, [op(0, -1)], timeout);
    await a.asleep();
    equal(await sleepers(p, id), [1, 0], "GETNCNT and GETZCNT");
    equal((await fails("EAGAIN", call)).syscall, "semtimedop");
    const ms = performance.now() - start;
    ok(ms >= 115, `${ms} ms have passed`);
    equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
    equal(await semValue(p, id), 0);
  }),
  row("semtimedop() returns EAGAIN at once for a timeout of zero", async ({ proc }) => {
    const p = await proc();
    const zero = { tv_sec: 0, tv_nsec: 0 };
    const id = await semSet(p, [1]);
    await fails("EAGAIN", p.do("semtimedop", id, [op(0, -2)], zero));
    await fails("EAGAIN", p.do("semtimedop", id, [op(0, 0)], zero));
    equal(await p.do("semtimedop", id, [op(0, -1)], zero), 0, "when it need not wait");
  }),
  row("semtimedop() returns EINVAL for a negative or unnormalised timeout", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1]);
    const bad = [
      { tv_sec: -1, tv_nsec: 0 },
      { tv_sec: 0, tv_nsec: -1 },
      { tv_sec: 0, tv_nsec: 1_000_000_000 },
    ];
    for (const timeout of bad) {
      await fails("EINVAL", p.do("semtimedop", id, [op(0, -1)], timeout));
    }
    equal(await semValue(p, id), 1);
  }),
  row("semtimedop() returns EACCES for an alteration without write permission", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await semSet(owner, [1], 0o604);
    await fails("EACCES", other.do("semtimedop", id, [op(0, -1)], SECOND));
  }),
  row("semtimedop() returns EFBIG for a semaphore number that the set does not have", async (w) => {
    const p = await w.proc();
    await fails("EFBIG", p.do("semtimedop", await semSet(p, [0]), [op(1, 1)], SECOND));
  }),
  row("semtimedop() returns ERANGE when a value would pass SEMVMX", async ({ proc }) => {
    const p = await proc();
    await fails("ERANGE", p.do("semtimedop", await semSet(p, [32767]), [op(0, 1)], SECOND));
  }),
  row(
    "semtimedop() returns E2BIG for more than SEMOPM operations, before it looks at the timeout",
    async ({ proc }) => {
      const p = await proc();
      const [id, ops] = [await semSet(p, [0]), [op(0, 1), op(0, 1), op(0, 1)]];
      await fails("E2BIG", p.do("semtimedop", id, ops, SECOND));
      await fails("E2BIG", p.do("semtimedop", id, ops, { tv_sec: -1, tv_nsec: 0 }));
      equal(await semValue(p, id), 0);
    },
    { limits: { SEMOPM: 2 } },
  ),
  row("semtimedop() returns EINVAL for a bad timeout before it looks at the set", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await semSet(owner, [1], 0o600);
    await fails("EINVAL", other.do("semtimedop", id, [op(9, -1)], { tv_sec: -1, tv_nsec: 0 }));
  }),
  row("semtimedop() without a timeout waits as semop() does", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [0]);
    for (const timeout of [null, undefined]) {
      const call = a.start("semtimedop", id, [op(0, -1)], timeout);
      await a.asleep();
      await p.do("semop", id, [op(0, 1)]);
      equal(await call, 0);
    }
  }),
  row("semtimedop() succeeds when the value comes in time", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [0, 3]);
    const call = a.start("semtimedop", id, [op(0, -1), op(1, -1)], { tv_sec: 600, tv_nsec: 0 });
    await a.asleep();
    await p.do("semop", id, [op(0, 1)]);
    equal(await call, 0);
    equal(await semValues(p, id), [0, 2]);
  }),
  row("semtimedop() returns EIDRM when the set is removed", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await semSet(p, [0]);
    const call = a.start("semtimedop", id, [op(0, -1)], { tv_sec: 600, tv_nsec: 0 });
    await a.asleep();
    await p.do("semctl", id, 0, IPC_RMID);
    await fails("EIDRM", call);
  }),
  row("semtimedop() returns EINTR after a signal handler has run", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    await a.do("sigaction", SIGUSR1, HANDLER);
    const timeout = { tv_sec: 600, tv_nsec: 999_999_999 };
    const call = a.start("semtimedop", await semSet(p, [0]), [op(0, -1)], timeout);
    await a.asleep();
    await a.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "semtimedop");
  }),
];
