/** semop(2): calls that sleep: who goes on, when, and what the counts say meanwhile. */
import { IPC_NOWAIT } from "../../../assembly/abi/ipc.ts";
import { GETPID, SETALL, SETVAL } from "../../../assembly/abi/sem.ts";
import { equal, fails, isNow } from "../check.ts";
import { op, semSet, semStat, semValue, semValues, sleepers } from "../objects.ts";
import { type Proc, type Row, row, type World } from "../row.ts";

/** Starts a semop() in a process of its own and waits until it sleeps. */
async function sleeper({ proc }: World, id: number, ...ops: unknown[]) {
  const p = await proc();
  const done = p.start("semop", id, ops);
  await p.asleep();
  return { p, done };
}

/** It still sleeps: its process has not returned from the call. */
const stillSleeps = ({ p }: { p: Proc }) => p.asleep();

export const semopOrder: readonly Row[] = [
  row("semop() sleeps until the value is large enough", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1]);
    const a = await sleeper(w, id, op(0, -3));
    equal(await sleepers(p, id), [1, 0], "GETNCNT and GETZCNT");
    await p.do("semop", id, [op(0, 1)]);
    await stillSleeps(a);
    await p.do("semop", id, [op(0, 1)]);
    equal(await a.done, 0);
    equal(await semValue(p, id), 0);
    equal(await sleepers(p, id), [0, 0], "GETNCNT and GETZCNT");
  }),
  row("semop() sleeps until the value is zero", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [2]);
    const a = await sleeper(w, id, op(0, 0));
    equal(await sleepers(p, id), [0, 1], "GETNCNT and GETZCNT");
    await p.do("semop", id, [op(0, -1)]);
    await stillSleeps(a);
    await p.do("semop", id, [op(0, -1)]);
    equal(await a.done, 0);
  }),
  row("semop() that slept sets GETPID to the sleeper's pid, and sem_otime", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0]);
    const a = await sleeper(w, id, op(0, -1));
    equal((await semStat(p, id)).sem_otime, 0, "sem_otime while it sleeps");
    await p.do("semctl", id, 0, SETVAL, 1);
    await a.done;
    equal(await p.do("semctl", id, 0, GETPID), a.p.pid, "GETPID");
    isNow((await semStat(p, id)).sem_otime, "sem_otime");
  }),
  row(
    "semop() is completed by the waker: its result is there when the waker returns",
    async (w) => {
      const p = await w.proc();
      const id = await semSet(p, [0]);
      const a = await sleeper(w, id, op(0, -1));
      await p.do("semop", id, [op(0, 1)]);
      // Whether or not the sleeper has run by now, nobody can take what it was given.
      await fails("EAGAIN", p.do("semop", id, [op(0, -1, IPC_NOWAIT)]));
      equal(await semValue(p, id), 0);
      equal(await a.done, 0);
    },
  ),
  row("semop() requests that ask the same are served first come, first served", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0]);
    const a = await sleeper(w, id, op(0, -1));
    const b = await sleeper(w, id, op(0, -1));
    const c = await sleeper(w, id, op(0, -1));
    equal(await sleepers(p, id), [3, 0], "GETNCNT and GETZCNT");
    for (const each of [a, b, c]) {
      await p.do("semop", id, [op(0, 1)]);
      await each.done;
      equal(await p.do("semctl", id, 0, GETPID), each.p.pid, "GETPID");
    }
  }),
  row("semop() with a smaller request overtakes a larger one that came earlier", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0]);
    const large = await sleeper(w, id, op(0, -3));
    const small = await sleeper(w, id, op(0, -1));
    await p.do("semop", id, [op(0, 1)]);
    equal(await small.done, 0);
    await stillSleeps(large);
    await p.do("semop", id, [op(0, 3)]);
    equal(await large.done, 0);
  }),
  row("semop() gives an increase to the first in the queue that it satisfies", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0]);
    const first = await sleeper(w, id, op(0, -2));
    const second = await sleeper(w, id, op(0, -1));
    await p.do("semop", id, [op(0, 2)]);
    equal(await first.done, 0);
    await stillSleeps(second);
    equal(await sleepers(p, id), [1, 0], "GETNCNT and GETZCNT");
  }),
  row("semop() wakes all that one increase satisfies", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0]);
    const all = [
      await sleeper(w, id, op(0, -2)),
      await sleeper(w, id, op(0, -1)),
      await sleeper(w, id, op(0, -3)),
    ];
    await p.do("semop", id, [op(0, 7)]);
    for (const each of all) equal(await each.done, 0);
    equal(await semValue(p, id), 1);
  }),
  row("semop() waiting for zero is satisfied by a zero that is over when it runs", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1]);
    const a = await sleeper(w, id, op(0, 0));
    const b = await sleeper(w, id, op(0, 0));
    await p.do("semop", id, [op(0, -1)]);
    await p.do("semop", id, [op(0, 1)]);
    equal([await a.done, await b.done], [0, 0]);
    equal(await semValue(p, id), 1);
  }),
  row("semop() waiting for zero is not satisfied by a zero inside one call", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1]);
    const a = await sleeper(w, id, op(0, 0));
    await p.do("semop", id, [op(0, -1), op(0, 1)]);
    await stillSleeps(a);
    equal(await sleepers(p, id), [0, 1], "GETNCNT and GETZCNT");
  }),
  row("semop() waiting for zero is satisfied by a sleeper that takes the last", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1]);
    const zero = await sleeper(w, id, op(0, 0));
    const taker = await sleeper(w, id, op(0, -2));
    await p.do("semop", id, [op(0, 1)]);
    equal([await taker.done, await zero.done], [0, 0]);
    equal(await semValue(p, id), 0);
  }),
  row("semop() that waits for zero and then adds lets one sleeper through at a time", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1]);
    const a = await sleeper(w, id, op(0, 0), op(0, 1));
    const b = await sleeper(w, id, op(0, 0), op(0, 1));
    await p.do("semop", id, [op(0, -1)]);
    equal(await a.done, 0);
    await stillSleeps(b);
    await p.do("semop", id, [op(0, -1)]);
    equal(await b.done, 0);
  }),
  row("semop() of several semaphores takes none until it can take all", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1, 0]);
    const both = await sleeper(w, id, op(0, -1), op(1, -1));
    equal(await semValues(p, id), [1, 0]);
    equal(await p.do("semop", id, [op(0, -1, IPC_NOWAIT)]), 0, "the first is free to others");
    await p.do("semop", id, [op(1, 1)]);
    await stillSleeps(both);
    await p.do("semop", id, [op(0, 1)]);
    equal(await both.done, 0);
    equal(await semValues(p, id), [0, 0]);
  }),
  row("semop() of several semaphores counts where it is blocked first", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1, 0, 0]);
    await sleeper(w, id, op(0, -1), op(1, -1), op(2, -1));
    const counts = [0, 1, 2].map((num) => sleepers(p, id, num));
    equal(await Promise.all(counts), [
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    await p.do("semop", id, [op(1, 1)]);
    equal(await sleepers(p, id, 1), [0, 0], "GETNCNT and GETZCNT of the second");
    equal(await sleepers(p, id, 2), [1, 0], "GETNCNT and GETZCNT of the third");
  }),
  row("semop() of several semaphores that came first is served before a later one", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0, 1]);
    const both = await sleeper(w, id, op(0, -1), op(1, -1));
    const one = await sleeper(w, id, op(0, -1));
    await p.do("semop", id, [op(0, 1)]);
    equal(await both.done, 0);
    await stillSleeps(one);
  }),
  row("semop() sleeps when only another of its operations has IPC_NOWAIT", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0, 0]);
    const a = await sleeper(w, id, op(0, -1), op(1, -1, IPC_NOWAIT));
    // Once the second is the one that blocks, its own flag says not to wait.
    await p.do("semop", id, [op(0, 1)]);
    await fails("EAGAIN", a.done);
    equal(await semValues(p, id), [1, 0]);
  }),
  row("semop() returns ERANGE to a sleeper whose turn would pass SEMVMX", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0, 32767]);
    const a = await sleeper(w, id, op(0, -1), op(1, 1));
    await p.do("semop", id, [op(0, 1)]);
    await fails("ERANGE", a.done);
    equal(await semValues(p, id), [1, 32767]);
  }),
  row("semop() sleepers go on after SETVAL and SETALL", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0, 1]);
    const [a, b] = [await sleeper(w, id, op(0, -2)), await sleeper(w, id, op(1, 0))];
    await p.do("semctl", id, 0, SETVAL, 5);
    equal(await a.done, 0);
    await p.do("semctl", id, 0, SETALL, [9, 0]);
    equal(await b.done, 0);
    equal(await semValues(p, id), [9, 0]);
  }),
];
