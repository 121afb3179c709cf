/** semctl(2): values, owners and removal. */
import { IPC_CREAT, IPC_RMID, IPC_SET, IPC_STAT } from "../../../assembly/abi/ipc.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  SEM_INFO,
  SEM_STAT,
  SETALL,
  SETVAL,
} from "../../../assembly/abi/sem.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { KEY, op, queue, semSet, semStat, semValue, semValues } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

const GETTERS = [GETVAL, GETPID, GETNCNT, GETZCNT];

export const semctl: readonly Row[] = [
  row("semctl() returns EACCES for every look at a set without read permission", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await semSet(owner, [0], 0o622);
    for (const cmd of [...GETTERS, GETALL, IPC_STAT]) {
      await fails("EACCES", other.do("semctl", id, 0, cmd));
    }
    const { index } = await other.do<{ index: number }>("semctl", 0, 0, SEM_INFO);
    await fails("EACCES", other.do("semctl", index, 0, SEM_STAT));
  }),
  row("semctl() returns EACCES for SETVAL and SETALL without write permission", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await semSet(owner, [0], 0o644);
    await fails("EACCES", other.do("semctl", id, 0, SETVAL, 1));
    await fails("EACCES", other.do("semctl", id, 0, SETALL, [1]));
    await fails("EACCES", other.do("semctl", id, 0, SETALL, [40000]));
  }),
  row("semctl() returns EFAULT for SETALL with fewer values than semaphores", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1, 2, 3]);
    await fails("EFAULT", p.do("semctl", id, 0, SETALL, [7, 7]));
    equal(await semValues(p, id), [1, 2, 3]);
  }),
  row("semctl() returns EINVAL for an id that never existed, is stale or negative", async (w) => {
    const p = await w.proc();
    const stale = await semSet(p, [1]);
    await p.do("semctl", stale, 0, IPC_RMID);
    await semSet(p, [1]);
    for (const id of [stale, 99999, -1]) {
      for (const cmd of [...GETTERS, GETALL, IPC_STAT, IPC_RMID]) {
        await fails("EINVAL", p.do("semctl", id, 0, cmd));
      }
      await fails("EINVAL", p.do("semctl", id, 0, SETVAL, 1));
      await fails("EINVAL", p.do("semctl", id, 0, SETALL, [1]));
      await fails("EINVAL", p.do("semctl", id, 0, IPC_SET, { sem_perm: { mode: 0 } }));
    }
  }),
  row("semctl() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("semctl", await queue(p), 0, GETVAL));
  }),
  row("semctl() returns EINVAL for a semaphore number that the set does not have", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [0, 0]);
    for (const num of [-1, 2, 65536]) {
      for (const cmd of GETTERS) await fails("EINVAL", p.do("semctl", id, num, cmd));
      await fails("EINVAL", p.do("semctl", id, num, SETVAL, 1));
    }
  }),
  row("semctl() returns EINVAL for a command that does not exist", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    for (const cmd of [-1, 4, 10, 21, 99]) await fails("EINVAL", p.do("semctl", id, 0, cmd));
  }),
  row("semctl() returns EINVAL for IPC_SET with an owner of -1", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [0]);
    await fails("EINVAL", p.do("semctl", id, 0, IPC_SET, { sem_perm: { uid: -1 } }));
  }),
  row("semctl() returns EPERM for IPC_SET and IPC_RMID by another user", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [0], 0o666);
    await fails("EPERM", other.do("semctl", id, 0, IPC_SET, { sem_perm: { mode: 0o777 } }));
    await fails("EPERM", other.do("semctl", id, 0, IPC_RMID));
  }),
  row("semctl() returns ERANGE for SETVAL and SETALL with a value past SEMVMX", async (w) => {
    const p = await w.proc();
    const id = await semSet(p, [1, 2]);
    for (const value of [-1, 32768]) await fails("ERANGE", p.do("semctl", id, 0, SETVAL, value));
    await fails("ERANGE", p.do("semctl", id, 0, SETALL, [5, 32768]));
    equal(await semValues(p, id), [1, 2]);
    equal(await p.do("semctl", id, 0, SETVAL, 32767), 0);
    equal(await p.do("semctl", id, 0, SETALL, [32767, 0]), 0);
  }),
  row("semctl() returns ERANGE for SETVAL before it looks at the id", async ({ proc }) => {
    const p = await proc();
    await fails("ERANGE", p.do("semctl", 99999, 0, SETVAL, -1));
  }),
  row("semctl() with SETVAL sets one value, GETPID and sem_ctime", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await semSet(p, [1, 2]);
    equal(await q.do("semctl", id, 1, SETVAL, 9), 0);
    equal(await semValues(p, id), [1, 9]);
    equal(await p.do("semctl", id, 1, GETPID), q.pid, "GETPID");
    const { sem_ctime, sem_otime } = await semStat(p, id);
    isNow(sem_ctime, "sem_ctime");
    equal(sem_otime, 0, "sem_otime");
  }),
  row("semctl() with SETALL sets every value and GETPID, whatever semnum is", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await semSet(p, [0, 0]);
    equal(await q.do("semctl", id, 99, SETALL, Uint16Array.of(3, 4)), 0);
    equal(await semValues(p, id), [3, 4]);
    for (const num of [0, 1]) equal(await p.do("semctl", id, num, GETPID), q.pid, "GETPID");
    equal(await p.do("semctl", id, 0, SETALL, [5, 6, 7]), 0, "values past the set");
    equal(await semValues(p, id), [5, 6]);
  }),
  row("semctl() with GETALL gives every value, whatever semnum is", async ({ proc }) => {
    const p = await proc();
    const values = Array.from({ length: 50 }, (_, index) => index * 3);
    const id = await semSet(p, values);
    const got = await p.do<Uint16Array>("semctl", id, 1000, GETALL);
    ok(got instanceof Uint16Array, "it is a Uint16Array");
    equal(got, values);
  }),
  row("semctl() with GETVAL, GETPID, GETNCNT and GETZCNT tells of one semaphore", async (w) => {
    const [p, a, b] = [await w.proc(), await w.proc(), await w.proc()];
    const id = await semSet(p, [4, 2]);
    const calls = [a.start("semop", id, [op(1, -3)]), b.start("semop", id, [op(1, 0)])];
    await a.asleep();
    await b.asleep();
    const all = (num: number) => Promise.all(GETTERS.map((cmd) => p.do("semctl", id, num, cmd)));
    equal(await all(0), [4, p.pid, 0, 0]);
    equal(await all(1), [2, p.pid, 1, 1]);
    await p.do("semctl", id, 0, IPC_RMID);
    for (const call of calls) await fails("EIDRM", call);
  }),
  row("semctl() with IPC_RMID removes the set and frees its key", async ({ proc }) => {
    const p = await proc();
    const id = await semSet(p, [1], 0o600, KEY);
    equal(await p.do("semctl", id, 77, IPC_RMID), 0, "semnum is ignored");
    await fails("EINVAL", p.do("semctl", id, 0, IPC_RMID));
    await fails("ENOENT", p.do("semget", KEY, 0, 0));
    const next = await p.do("semget", KEY, 1, IPC_CREAT | 0o600);
    ok(next !== id, "the key's next set has another id");
    equal(await semValue(p, next), 0);
  }),
  row("semctl() with IPC_RMID is allowed to owner, creator and root", async ({ proc }) => {
    const [root, creator, owner] = [await proc(), await proc(ALICE), await proc(BOB)];
    for (const p of [root, creator, owner]) {
      const id = await semSet(creator, [0], 0);
      await creator.do("semctl", id, 0, IPC_SET, { sem_perm: BOB });
      equal(await p.do("semctl", id, 0, IPC_RMID), 0);
    }
  }),
  row("semctl() with IPC_SET changes owner, group, mode bits and ctime only", async ({ proc }) => {
    const [p, root] = [await proc(ALICE), await proc()];
    const id = await semSet(p, [3], 0o600, KEY);
    const set = { sem_perm: { uid: 1002, gid: 1003, mode: 0o7654 } };
    equal(await p.do("semctl", id, 0, IPC_SET, set), 0);
    const { sem_perm, sem_ctime, sem_otime } = await semStat(root, id);
    matches(sem_perm, { key: KEY, uid: 1002, gid: 1003, cuid: 1001, cgid: 1001, mode: 0o654 });
    isNow(sem_ctime, "sem_ctime");
    equal(sem_otime, 0, "sem_otime");
    equal(await semValue(root, id), 3);
  }),
  row("semctl() with IPC_SET is allowed to root, who owns nothing of it", async ({ proc }) => {
    const [root, owner] = [await proc(), await proc(ALICE)];
    const id = await semSet(owner, [0], 0);
    equal(await root.do("semctl", id, 0, IPC_SET, { sem_perm: { mode: 0o640 } }), 0);
    matches((await semStat(root, id)).sem_perm, { uid: 1001, gid: 1001, mode: 0o640 });
  }),
];
