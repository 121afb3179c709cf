/** semop(2): SEM_UNDO, the adjustments that a process's end applies. */
import { IPC_NOWAIT, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { GETPID, SEM_UNDO, SETALL, SETVAL } from "../../../assembly/abi/sem.ts";
import { SIGKILL, SIGTERM } from "../../../assembly/abi/signal.ts";
import { equal, fails, isNow } from "../check.ts";
import { op, semSet, semStat, semValue, semValues } from "../objects.ts";
import { type Row, row } from "../row.ts";

const FRESH = { fresh: true };

export const semopUndo: readonly Row[] = [
  row("semop() with SEM_UNDO is taken back when the process exits", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [3, 0, 5]);
    await q.do("semop", id, [op(0, -2, SEM_UNDO), op(1, 4, SEM_UNDO), op(2, -1)]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO)]);
    equal(await semValues(p, id), [0, 4, 4]);
    await q.exit();
    equal(await semValues(p, id), [3, 0, 4]);
  }),
  row("semop() with SEM_UNDO is taken back when the process is killed", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1]);
    for (const signal of [SIGKILL, SIGTERM]) {
      const q = await proc(FRESH);
      await q.do("semop", id, [op(0, -1, SEM_UNDO)]);
      await q.kill(signal);
      await q.ended();
      equal(await semValue(p, id), 1);
    }
  }),
  row("semop() with SEM_UNDO taken back wakes who waits", async ({ proc }) => {
    const [p, q, a] = [await proc(), await proc(FRESH), await proc()];
    const id = await semSet(p, [1]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO)]);
    const call = a.start("semop", id, [op(0, -1)]);
    await a.asleep();
    await q.exit();
    equal(await call, 0);
  }),
  row("semop() with SEM_UNDO taken back wakes who waits for zero", async ({ proc }) => {
    const [p, q, a] = [await proc(), await proc(FRESH), await proc()];
    const id = await semSet(p, [0]);
    await q.do("semop", id, [op(0, 1, SEM_UNDO)]);
    const call = a.start("semop", id, [op(0, 0)]);
    await a.asleep();
    await q.exit();
    equal(await call, 0);
  }),
  row("semop() with SEM_UNDO taken back sets GETPID and sem_otime", async ({ proc }) => {
    const [p, q, a] = [await proc(), await proc(FRESH), await proc()];
    const id = await semSet(p, [2, 0]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO)]);
    await a.do("semop", id, [op(0, -1), op(1, 1)]);
    await q.exit();
    equal(await p.do("semctl", id, 0, GETPID), q.pid, "GETPID of the one adjusted");
    equal(await p.do("semctl", id, 1, GETPID), a.pid, "GETPID of the other");
    isNow((await semStat(p, id)).sem_otime, "sem_otime");
  }),
  row("semop() with SEM_UNDO taken back stops at zero", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [0]);
    await q.do("semop", id, [op(0, 5, SEM_UNDO)]);
    await p.do("semop", id, [op(0, -3)]);
    await q.exit();
    equal(await semValue(p, id), 0);
  }),
  row("semop() with SEM_UNDO taken back stops at SEMVMX", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [10]);
    await q.do("semop", id, [op(0, -10, SEM_UNDO)]);
    await p.do("semop", id, [op(0, 32767)]);
    await q.exit();
    equal(await semValue(p, id), 32767);
  }),
  row("semop() with SEM_UNDO undone by hand leaves nothing to take back", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [1]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO)]);
    await q.do("semop", id, [op(0, 1, SEM_UNDO)]);
    await q.do("semop", id, [op(0, 3, SEM_UNDO), op(0, -3, SEM_UNDO)]);
    await q.exit();
    equal(await semValue(p, id), 1);
    equal(await p.do("semctl", id, 0, GETPID), q.pid, "GETPID");
  }),
  row("semop() with SEM_UNDO that fails leaves no adjustment", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [5, 0]);
    const ops = [op(0, -1, SEM_UNDO), op(1, -1, SEM_UNDO | IPC_NOWAIT)];
    await fails("EAGAIN", q.do("semop", id, ops));
    await q.exit();
    equal(await semValues(p, id), [5, 0]);
  }),
  row("semop() with SEM_UNDO that slept is taken back too", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [0]);
    const call = q.start("semop", id, [op(0, -1, SEM_UNDO)]);
    await q.asleep();
    await p.do("semop", id, [op(0, 1)]);
    equal(await call, 0);
    equal(await semValue(p, id), 0);
    await q.exit();
    equal(await semValue(p, id), 1);
  }),
  row("semop() with SEM_UNDO that still sleeps has nothing to take back", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [1, 0]);
    const call = q.start("semop", id, [op(0, -1, SEM_UNDO), op(1, -1, SEM_UNDO)]);
    await q.asleep();
    await q.kill(SIGKILL);
    await q.ended();
    await call.catch(() => undefined);
    equal(await semValues(p, id), [1, 0]);
  }),
  row("semctl() with SETVAL clears that semaphore's adjustments in every process", async (w) => {
    const [p, q] = [await w.proc(), await w.proc(FRESH)];
    const id = await semSet(p, [1, 1]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO), op(1, -1, SEM_UNDO)]);
    await p.do("semctl", id, 0, SETVAL, 7);
    await q.exit();
    equal(await semValues(p, id), [7, 1]);
  }),
  row("semctl() with SETALL clears the set's adjustments in every process", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [1, 1]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO), op(1, -1, SEM_UNDO)]);
    await p.do("semctl", id, 0, SETALL, [0, 0]);
    await q.do("semop", id, [op(1, 2, SEM_UNDO)]);
    await p.do("semop", id, [op(1, 1)]);
    await q.exit();
    equal(await semValues(p, id), [0, 1], "only what came after is taken back");
  }),
  row("semctl() with IPC_RMID drops the set's adjustments", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [1]);
    await q.do("semop", id, [op(0, -1, SEM_UNDO)]);
    await p.do("semctl", id, 0, IPC_RMID);
    const next = await semSet(p, [1]);
    await q.exit();
    equal(await semValue(p, next), 1);
  }),
  row(
    "semop() returns ERANGE when an adjustment would pass its limit upwards",
    async ({ proc }) => {
      const [p, q] = [await proc(), await proc(FRESH)];
      const id = await semSet(p, [32767]);
      await q.do("semop", id, [op(0, -32767, SEM_UNDO)]);
      await p.do("semop", id, [op(0, 1)]);
      await fails("ERANGE", q.do("semop", id, [op(0, -1, SEM_UNDO)]));
      equal(await semValue(p, id), 1);
      equal(await q.do("semop", id, [op(0, -1)]), 0, "without SEM_UNDO");
      await q.exit();
      equal(await semValue(p, id), 32767);
    },
  ),
  row("semop() returns ERANGE when an adjustment would pass -32768 downwards", async ({ proc }) => {
    const [p, q] = [await proc(), await proc(FRESH)];
    const id = await semSet(p, [0]);
    await q.do("semop", id, [op(0, 32767, SEM_UNDO)]);
    await p.do("semop", id, [op(0, -32767)]);
    equal(await q.do("semop", id, [op(0, 1, SEM_UNDO)]), 0, "-SEMAEM - 1 is allowed");
    await p.do("semop", id, [op(0, -1)]);
    await fails("ERANGE", q.do("semop", id, [op(0, 1, SEM_UNDO)]));
    equal(await semValue(p, id), 0);
  }),
];
