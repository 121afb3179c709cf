/** semop(2): its errors, and what one call that does not sleep does. */
import { IPC_NOWAIT, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { GETPID, SEM_UNDO } from "../../../assembly/abi/sem.ts";
import { equal, fails, isNow } from "../check.ts";
import { op, queue, semSet, semStat, semValue, semValues } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

export const semop: readonly Row[] = [
  row(
    "semop() returns E2BIG for more than SEMOPM operations",
    async ({ proc }) => {
      const p = await proc();
      const id = await semSet(p, [0]);
      await fails("E2BIG", p.do("semop", id, new Array(11).fill(op(0, 1))));
      equal(await p.do("semop", id, new Array(10).fill(op(0, 1))), 0);
      equal(await semValue(p, id), 10);
    },
    { limits: { SEMOPM: 10 } },
  ),
  row("semop() returns EACCES for an alteration without write permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [1], 0o604);
    await fails("EACCES", other.do("semop", id, [op(0, 1)]));
    await fails("EACCES", other.do("semop", id, [op(0, -1)]));
    await fails("EACCES", other.do("semop", id, [op(0, 0), op(0, 1)]));
  }),
  row("semop() returns EACCES for a wait for zero without read permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [0], 0o602);
    await fails("EACCES", other.do("semop", id, [op(0, 0)]));
    equal(await other.do("semop", id, [op(0, 0), op(0, 1)]), 0, "with an alteration");
  }),
  row("semop() waits for zero with read permission alone", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [0], 0o604);
    equal(await other.do("semop", id, [op(0, 0)]), 0);
  }),
  row("semop() returns EAGAIN with IPC_NOWAIT when the value is too small", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [2]);
    await fails("EAGAIN", p.do("semop", id, [op(0, -3, IPC_NOWAIT)]));
    equal(await semValue(p, id), 2);
  }),
  row("semop() returns EAGAIN with IPC_NOWAIT when the value is not zero", async ({ proc }) => {
    const p = await proc();
    await fails("EAGAIN", p.do("semop", await semSet(p, [1]), [op(0, 0, IPC_NOWAIT)]));
  }),
  row("semop() returns EFBIG for a semaphore number that the set does not have", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0, 0]);
    await fails("EFBIG", p.do("semop", id, [op(2, 1)]));
    await fails("EFBIG", p.do("semop", id, [op(0, 1), op(65535, 1)]));
    equal(await semValues(p, id), [0, 0]);
  }),
  row("semop() returns EFBIG before it looks at permissions", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    await fails("EFBIG", other.do("semop", await semSet(owner, [0]), [op(1, 1)]));
  }),
  row("semop() returns EINVAL for an id that never existed, is stale or negative", async (w) => {
    const p = await w.proc();
    const stale = await semSet(p, [1]);
    await p.do("semctl", stale, 0, IPC_RMID);
    await semSet(p, [1]);
    for (const id of [stale, 99999, -1]) await fails("EINVAL", p.do("semop", id, [op(0, 1)]));
  }),
  row("semop() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("semop", await queue(p), [op(0, 1)]));
  }),
  row("semop() returns EINVAL for no operations", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("semop", await semSet(p, [0]), []));
  }),
  row(
    "semop() returns E2BIG before it looks at the id",
    async ({ proc }) => {
      const p = await proc();
      await fails("E2BIG", p.do("semop", 99999, new Array(3).fill(op(0, 1))));
    },
    { limits: { SEMOPM: 2 } },
  ),
  row(
    "semop() returns ENOMEM when no adjustment of SEM_UNDO can be kept",
    async ({ proc }) => {
      const p = await proc({ fresh: true });
      const id = await semSet(p, [0, 0]);
      equal(await p.do("semop", id, [op(0, 1, SEM_UNDO)]), 0);
      await fails("ENOMEM", p.do("semop", id, [op(1, 1, SEM_UNDO)]));
      equal(await semValues(p, id), [1, 0]);
      equal(await p.do("semop", id, [op(0, 1, SEM_UNDO)]), 0, "an adjustment that exists");
    },
    { limits: { SEMMNU: 1 }, linux: "Linux takes adjustments from its heap, without a limit" },
  ),
  row("semop() returns ERANGE when a value would pass SEMVMX", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [32767]);
    await fails("ERANGE", p.do("semop", id, [op(0, 1)]));
    await fails("ERANGE", p.do("semop", id, [op(0, 1, IPC_NOWAIT)]));
    equal(await semValue(p, id), 32767);
  }),
  row("semop() returns ERANGE when the running value would pass SEMVMX", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1, 5]);
    await fails("ERANGE", p.do("semop", id, [op(1, -1), op(0, 32767), op(0, -2)]));
    equal(await semValues(p, id), [1, 5]);
    equal(await p.do("semop", id, [op(0, -1), op(0, 32767)]), 0);
    equal(await semValue(p, id), 32767);
  }),
  row("semop() adds, subtracts and tests for zero", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0, 3]);
    equal(await p.do("semop", id, [op(0, 7)]), 0);
    equal(await p.do("semop", id, [op(1, -3)]), 0);
    equal(await p.do("semop", id, [op(1, 0)]), 0);
    equal(await semValues(p, id), [7, 0]);
  }),
  row("semop() takes a sembuf without sem_flg", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    equal(await p.do("semop", id, [{ sem_num: 0, sem_op: 4 }]), 0);
    equal(await semValue(p, id), 4);
  }),
  row("semop() performs all operations or none", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1, 0]);
    await fails("EAGAIN", p.do("semop", id, [op(0, -1), op(1, -1, IPC_NOWAIT)]));
    equal(await semValues(p, id), [1, 0]);
    equal(await p.do("semop", id, [op(0, -1), op(1, 1)]), 0);
    equal(await semValues(p, id), [0, 1]);
  }),
  row("semop() sees its own earlier operations on the same semaphore", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    equal(await p.do("semop", id, [op(0, 2), op(0, -1), op(0, -1), op(0, 0), op(0, 5)]), 0);
    equal(await semValue(p, id), 5);
    const early = [op(0, -6, IPC_NOWAIT), op(0, 6)];
    await fails("EAGAIN", p.do("semop", id, early));
    await fails("EAGAIN", p.do("semop", id, [op(0, 1), op(0, 0, IPC_NOWAIT)]));
    equal(await semValue(p, id), 5);
  }),
  row("semop() waits for zero and then takes, in one call", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    const lock = [op(0, 0, IPC_NOWAIT), op(0, 1, IPC_NOWAIT)];
    equal(await p.do("semop", id, lock), 0);
    await fails("EAGAIN", p.do("semop", id, lock));
  }),
  row("semop() sets GETPID of every semaphore that it names, and sem_otime", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await semSet(p, [0, 0, 0]);
    equal(await p.do("semctl", id, 0, GETPID), 0, "GETPID before");
    equal((await semStat(p, id)).sem_otime, 0, "sem_otime before");
    await q.do("semop", id, [op(0, 0), op(2, 1)]);
    const pids = [0, 1, 2].map((num) => p.do("semctl", id, num, GETPID));
    equal(await Promise.all(pids), [q.pid, 0, q.pid], "GETPID");
    isNow((await semStat(p, id)).sem_otime, "sem_otime");
  }),
  row("semop() that fails changes neither GETPID nor sem_otime", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    await fails("EAGAIN", p.do("semop", id, [op(0, 0), op(0, -1, IPC_NOWAIT)]));
    equal(await p.do("semctl", id, 0, GETPID), 0, "GETPID");
    equal((await semStat(p, id)).sem_otime, 0, "sem_otime");
  }),
];
