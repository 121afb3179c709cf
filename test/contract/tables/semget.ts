/** semget(2). */
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { KEY, KEY2, semSet, semStat, semValues } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

export const semget: readonly Row[] = [
  row("semget() returns EACCES when the existing set does not grant the mode", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    await semSet(owner, [0], 0o640, KEY);
    await fails("EACCES", other.do("semget", KEY, 1, 0o400));
    await fails("EACCES", other.do("semget", KEY, 1, 0o200));
  }),
  row("semget() returns EEXIST with IPC_CREAT and IPC_EXCL for a key in use", async ({ proc }) => {
    const [p, other] = [await proc(ALICE), await proc(BOB)];
    await semSet(p, [0], 0o600, KEY);
    await fails("EEXIST", p.do("semget", KEY, 1, IPC_CREAT | IPC_EXCL | 0o600));
    await fails("EEXIST", other.do("semget", KEY, 9, IPC_CREAT | IPC_EXCL | 0o600));
  }),
  row("semget() returns EINVAL for a new set of 0 or fewer semaphores", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("semget", IPC_PRIVATE, 0, 0o600));
    await fails("EINVAL", p.do("semget", IPC_PRIVATE, -1, 0o600));
    await fails("EINVAL", p.do("semget", KEY, 0, IPC_CREAT | 0o600));
  }),
  row("semget() returns EINVAL for a negative number, even when the set exists", async (w) => {
    const p = await w.proc();
    await semSet(p, [0], 0o600, KEY);
    await fails("EINVAL", p.do("semget", KEY, -1, 0));
  }),
  row(
    "semget() returns EINVAL for more than SEMMSL semaphores",
    async ({ proc }) => {
      const p = await proc();
      await fails("EINVAL", p.do("semget", IPC_PRIVATE, 11, 0o600));
      await semSet(p, new Array<number>(10).fill(0));
    },
    { limits: { SEMMSL: 10 } },
  ),
  row("semget() returns EINVAL when nsems is larger than the existing set", async ({ proc }) => {
    const p = await proc();
    await semSet(p, [0, 0], 0o600, KEY);
    await fails("EINVAL", p.do("semget", KEY, 3, 0));
  }),
  row("semget() returns ENOENT for a key without a set and no IPC_CREAT", async ({ proc }) => {
    const p = await proc();
    await fails("ENOENT", p.do("semget", KEY, 1, 0o600));
    await fails("ENOENT", p.do("semget", KEY, 0, 0));
  }),
  row(
    "semget() returns ENOMEM when there is no memory for the set",
    async ({ proc }) => {
      const p = await proc();
      for (let size = 2 ** 25; size >= 4096; size /= 2) {
        // Takes every free page: halves until not even one is left.
        while (await p.do("shmget", IPC_PRIVATE, size, 0o600).catch(() => false));
      }
      await fails("ENOMEM", p.do("semget", IPC_PRIVATE, 2000, 0o600));
    },
    { linux: "a Linux that is out of memory would stop the tests too" },
  ),
  row(
    "semget() returns ENOSPC when SEMMNI sets exist",
    async ({ proc }) => {
      const p = await proc();
      const first = await semSet(p, [0]);
      await semSet(p, [0]);
      await fails("ENOSPC", p.do("semget", IPC_PRIVATE, 1, 0o600));
      await p.do("semctl", first, 0, IPC_RMID);
      await semSet(p, [0]);
    },
    { limits: { SEMMNI: 2 } },
  ),
  row(
    "semget() returns ENOSPC when all sets would have more than SEMMNS semaphores",
    async ({ proc }) => {
      const p = await proc();
      const first = await semSet(p, [0, 0, 0, 0, 0, 0]);
      await fails("ENOSPC", p.do("semget", IPC_PRIVATE, 5, 0o600));
      await semSet(p, [0, 0, 0, 0]);
      await p.do("semctl", first, 0, IPC_RMID);
      await semSet(p, [0, 0, 0, 0, 0, 0]);
    },
    { limits: { SEMMNS: 10 } },
  ),
  row("semget() makes a new set for each IPC_PRIVATE, also with IPC_EXCL", async ({ proc }) => {
    const p = await proc();
    const a = await p.do("semget", IPC_PRIVATE, 1, 0o600);
    const b = await p.do("semget", IPC_PRIVATE, 1, IPC_CREAT | IPC_EXCL | 0o600);
    ok(a !== b, "two ids");
  }),
  row("semget() finds an existing set by its key from another process", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await semSet(p, [0, 0, 0], 0o600, KEY);
    for (const nsems of [3, 1, 0]) equal(await q.do("semget", KEY, nsems, 0o600), id);
    equal(await q.do("semget", KEY, 3, IPC_CREAT | 0o600), id, "IPC_CREAT without IPC_EXCL");
    ok((await semSet(q, [0], 0o600, KEY2)) !== id, "another key");
  }),
  row("semget() needs no permission when no mode bits are asked for", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await semSet(owner, [0], 0, KEY);
    equal(await other.do("semget", KEY, 0, 0), id);
  }),
  row("semget() fills semid_ds and sets every value to 0", async ({ proc }) => {
    const p = await proc(ALICE);
    const id = await p.do("semget", KEY, 5, IPC_CREAT | 0o765);
    const ds = await semStat(p, id);
    matches(ds.sem_perm, { key: KEY, uid: 1001, gid: 1001, cuid: 1001, cgid: 1001, mode: 0o765 });
    matches(ds, { sem_nsems: 5, sem_otime: 0 });
    isNow(ds.sem_ctime, "sem_ctime");
    equal(await semValues(p, id), [0, 0, 0, 0, 0]);
  }),
  row("semget() gives a new id when a slot is used again", async ({ proc }) => {
    const p = await proc();
    const seen = new Set<number>();
    for (let round = 0; round < 200; round++) {
      const id = await semSet(p, [0]);
      ok(!seen.has(id), `${id} was not used before`);
      seen.add(id);
      await p.do("semctl", id, 0, IPC_RMID);
    }
  }),
];
