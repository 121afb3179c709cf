/** The asynchronous twins: the same results, an AbortSignal, and a process that goes on meanwhile. */
import { IPC_NOWAIT, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { equal, fails, ok } from "../check.ts";
import { msgStat, op, queue, type Received, semSet, semValue, sleepers } from "../objects.ts";
import { type Proc, type Row, row } from "../row.ts";

/** The call must reject with the reason given to abort(). */
async function failsWith(reason: string, call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  equal(error?.message, reason, "the reason");
}

const abortable = { abort: "here" };

function abort(p: Proc): Promise<unknown> {
  return p.do("abort", "here", "stop it");
}

export const asyncRows: readonly Row[] = [
  row("semop() as a twin resolves when it need not wait", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [2]);
    equal(await p.do("async.semop", id, [op(0, -2)]), 0);
    equal(await semValue(p, id), 0);
  }),
  row("semop() as a twin waits while its process makes other calls", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0, 0]);
    const calls = [
      p.start("async.semop", id, [op(0, -1)]),
      p.start("async.semop", id, [op(1, -1)]),
    ];
    await p.asleep(2);
    equal(await sleepers(p, id, 0), [1, 0], "GETNCNT and GETZCNT");
    await p.do("semop", id, [op(0, 1), op(1, 1)]);
    equal(await Promise.all(calls), [0, 0]);
    equal(await semValue(p, id), 0);
  }),
  row(
    "semop() as a twin rejects with its signal's reason and leaves no trace",
    async ({ proc }) => {
      const p = await proc();
      const id = await semSet(p, [0]);
      const call = p.start("async.semop", id, [op(0, -1)], abortable);
      await p.asleep();
      await abort(p);
      await failsWith("stop it", call);
      equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
      await p.do("semop", id, [op(0, 1)]);
      equal(await semValue(p, id), 1, "nobody took it");
    },
  ),
  row("semop() as a twin that has finished is not undone by an abort", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1]);
    equal(await p.do("async.semop", id, [op(0, -1)], abortable), 0);
    await abort(p);
    equal(await semValue(p, id), 0);
  }),
  row("semop() as a twin fails as the call does", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    await fails("EAGAIN", p.do("async.semop", id, [op(0, -1, IPC_NOWAIT)]));
    await fails("EFBIG", p.do("async.semop", id, [op(1, 1)]));
    await fails("EINVAL", p.do("async.semop", id, []));
    await fails("TypeError", p.do("async.semop", id, "no array"));
    await fails("TypeError", p.do("async.semop", id, [op(0, 1)], 5));
    await fails("TypeError", p.do("async.semop", id, [op(0, 1)], { signal: "no signal" }));
    equal(await semValue(p, id), 0);
  }),
  row("semop() as a twin returns EIDRM when the set is removed", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    const call = p.start("async.semop", id, [op(0, -1)]);
    await p.asleep();
    await p.do("semctl", id, 0, IPC_RMID);
    await fails("EIDRM", call);
  }),
  row("semtimedop() as a twin returns EAGAIN when the time is over", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    const start = performance.now();
    const timeout = { tv_sec: 0, tv_nsec: 60_000_000 };
    await fails("EAGAIN", p.do("async.semtimedop", id, [op(0, -1)], timeout));
    ok(performance.now() - start >= 55, "the time has passed");
    equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
  }),
  row("semtimedop() as a twin rejects with its signal's reason", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    const timeout = { tv_sec: 600, tv_nsec: 0 };
    const call = p.start("async.semtimedop", id, [op(0, -1)], timeout, abortable);
    await p.asleep();
    await abort(p);
    await failsWith("stop it", call);
  }),
  row("msgrcv() as a twin gives type and text", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    const call = p.start<Received>("receiveTwin", id, 10);
    await p.asleep();
    await p.do("send", id, 6, "hello");
    equal(await call, { mtype: 6, text: "hello", length: 5 });
  }),
  row("msgrcv() as a twin rejects with its signal's reason and takes nothing", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    const call = p.start("receiveTwin", id, 10, 0, 0, abortable);
    await p.asleep();
    await abort(p);
    await failsWith("stop it", call);
    await p.do("send", id, 1, "x");
    equal((await msgStat(p, id)).msg_qnum, 1, "msg_qnum");
  }),
  row(
    "msgsnd() as a twin waits for room, and rejects with its signal's reason",
    async ({ proc }) => {
      const p = await proc();
      const id = await queue(p);
      const mtext = new Uint8Array(8192);
      const send = (...more: unknown[]) =>
        p.start("async.msgsnd", id, { mtype: 1, mtext }, 8192, 0, ...more);
      await send();
      await send();
      const [first, second] = [send(), send(abortable)];
      await p.asleep(2);
      await abort(p);
      await failsWith("stop it", second);
      const buffer = { mtype: 0, mtext: new Uint8Array(8192) };
      equal(await p.do("msgrcv", id, buffer, 8192), 8192);
      equal(await first, 0);
      equal((await msgStat(p, id)).msg_qnum, 2, "msg_qnum");
    },
  ),
];
