/** shmget(2). */
import { IPC_CREAT, IPC_EXCL, IPC_INFO, IPC_PRIVATE, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { SHM_HUGETLB } from "../../../assembly/abi/shm.ts";
import type { Shminfo } from "../../../host/contract.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { attach, KEY, KEY2, segment, shmStat } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

const TOO_LARGE = 2 ** 52;

export const shmget: readonly Row[] = [
  row("shmget() returns EACCES when the existing segment does not grant the mode", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    await segment(owner, 4096, 0o640, KEY);
    await fails("EACCES", other.do("shmget", KEY, 4096, 0o400));
    await fails("EACCES", other.do("shmget", KEY, 4096, 0o200));
  }),
  row("shmget() returns EEXIST with IPC_CREAT and IPC_EXCL for a key in use", async ({ proc }) => {
    const p = await proc();
    await segment(p, 4096, 0o600, KEY);
    await fails("EEXIST", p.do("shmget", KEY, 4096, IPC_CREAT | IPC_EXCL | 0o600));
  }),
  row("shmget() returns EEXIST before it looks at size and permissions", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    await segment(owner, 4096, 0o600, KEY);
    await fails("EEXIST", other.do("shmget", KEY, 8192, IPC_CREAT | IPC_EXCL | 0o600));
  }),
  row("shmget() returns EINVAL for a new segment of size 0", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("shmget", IPC_PRIVATE, 0, 0o600));
    await fails("EINVAL", p.do("shmget", KEY, 0, IPC_CREAT | 0o600));
  }),
  row("shmget() returns EINVAL for a negative size, new or existing", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("shmget", IPC_PRIVATE, -1, 0o600));
    await segment(p, 4096, 0o600, KEY);
    await fails("EINVAL", p.do("shmget", KEY, -1, 0));
  }),
  row(
    "shmget() returns EINVAL for one byte more than SHMMAX",
    async ({ proc }) => {
      const p = await proc();
      await fails("EINVAL", p.do("shmget", IPC_PRIVATE, 8193, 0o600));
      ok((await p.do("shmget", IPC_PRIVATE, 8192, 0o600)) >= 0, "SHMMAX bytes are allowed");
    },
    { limits: { SHMMAX: 8192 } },
  ),
  row("shmget() returns EINVAL when size is larger than the existing segment", async (w) => {
    const p = await w.proc();
    await segment(p, 5000, 0o600, KEY);
    await fails("EINVAL", p.do("shmget", KEY, 5001, 0));
  }),
  row("shmget() returns ENOENT for a key without a segment and no IPC_CREAT", async ({ proc }) => {
    const p = await proc();
    await fails("ENOENT", p.do("shmget", KEY, 4096, 0o600));
    await fails("ENOENT", p.do("shmget", KEY, 4096, IPC_EXCL | 0o600));
  }),
  row("shmget() returns ENOMEM when there is no memory for the segment", async ({ proc }) => {
    const p = await proc();
    const { shmmax } = await p.do<Shminfo>("shmctl", 0, IPC_INFO);
    await fails("ENOMEM", p.do("shmget", IPC_PRIVATE, Math.min(shmmax, TOO_LARGE), 0o600));
  }),
  row("shmget() returns ENOMEM with SHM_HUGETLB when there are no huge pages", async (w) => {
    const p = await w.proc();
    await fails("ENOMEM", p.do("shmget", IPC_PRIVATE, 2 ** 21, SHM_HUGETLB | 0o600));
  }),
  row("shmget() returns EPERM with SHM_HUGETLB to a user without privilege", async ({ proc }) => {
    const p = await proc(ALICE);
    await fails("EPERM", p.do("shmget", IPC_PRIVATE, 2 ** 21, SHM_HUGETLB | 0o600));
  }),
  row(
    "shmget() returns ENOSPC when SHMMNI segments exist",
    async ({ proc }) => {
      const p = await proc();
      const first = await segment(p);
      await segment(p);
      await segment(p);
      await fails("ENOSPC", p.do("shmget", IPC_PRIVATE, 4096, 0o600));
      await p.do("shmctl", first, IPC_RMID);
      await segment(p);
    },
    { limits: { SHMMNI: 3 } },
  ),
  row(
    "shmget() returns ENOSPC when all segments would have more than SHMALL pages",
    async ({ proc }) => {
      const p = await proc();
      const first = await segment(p, 2 * 4096 + 1);
      await fails("ENOSPC", p.do("shmget", IPC_PRIVATE, 4097, 0o600));
      await segment(p, 4096);
      await p.do("shmctl", first, IPC_RMID);
      await segment(p, 3 * 4096);
    },
    { limits: { SHMALL: 4 } },
  ),
  row("shmget() makes a new segment for each IPC_PRIVATE", async ({ proc }) => {
    const p = await proc();
    const [a, b] = [await segment(p), await segment(p)];
    ok(a !== b, "two ids");
    equal((await shmStat(p, a)).shm_perm.key, IPC_PRIVATE);
  }),
  row("shmget() finds an existing segment by its key from another process", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p, 5000, 0o600, KEY);
    equal(await q.do("shmget", KEY, 5000, 0o600), id);
    equal(await q.do("shmget", KEY, 0, 0), id, "size 0");
    equal(await q.do("shmget", KEY, 1, 0), id, "a smaller size");
    equal(await q.do("shmget", KEY, 5000, IPC_CREAT | 0o600), id, "IPC_CREAT without IPC_EXCL");
    ok((await q.do("shmget", KEY2, 1, IPC_CREAT | 0o600)) !== id, "another key");
  }),
  row("shmget() needs no permission when no mode bits are asked for", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0, KEY);
    equal(await other.do("shmget", KEY, 0, 0), id);
  }),
  row("shmget() fills shmid_ds: size as asked, creator, mode, times, pids", async ({ proc }) => {
    const p = await proc(ALICE);
    const id = await p.do("shmget", KEY, 5000, IPC_CREAT | IPC_EXCL | 0o751);
    const ds = await shmStat(p, id);
    matches(ds.shm_perm, { key: KEY, uid: 1001, gid: 1001, cuid: 1001, cgid: 1001, mode: 0o751 });
    matches(ds, { shm_segsz: 5000, shm_atime: 0, shm_dtime: 0, shm_lpid: 0, shm_nattch: 0 });
    equal(ds.shm_cpid, p.pid, "shm_cpid");
    isNow(ds.shm_ctime, "shm_ctime");
  }),
  row("shmget() gives zeroed memory, also after a segment with the same pages", async (w) => {
    const p = await w.proc();
    for (let round = 0; round < 2; round++) {
      const id = await segment(p, 3 * 4096);
      const addr = await attach(p, id);
      const bytes = await p.do<number[]>("peek", addr, 0, 3 * 4096);
      ok(
        bytes.every((byte) => byte === 0),
        "every byte is 0",
      );
      await p.do("poke", addr, 0, ...new Array<number>(3 * 4096).fill(0xa5));
      await p.do("shmdt", addr);
      await p.do("shmctl", id, IPC_RMID);
    }
  }),
  row("shmget() takes a negative key as it takes any other", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p, 4096, 0o600, -5);
    equal(await p.do("shmget", 0xffff_fffb, 0, 0), id, "the same 32 bits");
    equal((await shmStat(p, id)).shm_perm.key, -5);
  }),
];
