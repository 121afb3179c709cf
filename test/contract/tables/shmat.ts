/** shmat(2): its errors, flags and addresses. */
import { IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { SHM_EXEC, SHM_RDONLY, SHM_REMAP, SHM_RND } from "../../../assembly/abi/shm.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { attach, queue, segment, shmStat } from "../objects.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

/** An address where `size` bytes are free: an attachment was there. */
async function freePlace(p: Proc, size: number): Promise<number> {
  const id = await segment(p, size);
  const addr = await attach(p, id);
  await p.do("shmdt", addr);
  await p.do("shmctl", id, IPC_RMID);
  return addr;
}

export const shmat: readonly Row[] = [
  row("shmat() returns EACCES without read permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0o600);
    await fails("EACCES", other.do("shmat", id));
    await fails("EACCES", other.do("shmat", id, null, SHM_RDONLY));
  }),
  row("shmat() returns EACCES for writing when only reading is granted", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0o604);
    await fails("EACCES", other.do("shmat", id));
    await attach(other, id, null, SHM_RDONLY);
  }),
  row("shmat() returns EACCES when only writing is granted", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(owner, 4096, 0o602);
    await fails("EACCES", other.do("shmat", id));
    await fails("EACCES", other.do("shmat", id, null, SHM_RDONLY));
  }),
  row("shmat() returns EACCES with SHM_EXEC without execute permission", async ({ proc }) => {
    const p = await proc(ALICE);
    await fails("EACCES", p.do("shmat", await segment(p, 4096, 0o600), null, SHM_EXEC));
    await attach(p, await segment(p, 4096, 0o700), null, SHM_EXEC);
  }),
  row("shmat() returns EINVAL for an id that never existed", async ({ proc }) => {
    const p = await proc();
    for (const id of [-1, 12345, 0x7fffffff]) await fails("EINVAL", p.do("shmat", id));
  }),
  row("shmat() returns EINVAL for the id of a removed segment", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    await p.do("shmctl", id, IPC_RMID);
    await segment(p);
    await fails("EINVAL", p.do("shmat", id));
  }),
  row("shmat() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("shmat", await queue(p)));
  }),
  row("shmat() returns EINVAL for a misaligned address without SHM_RND", async ({ proc }) => {
    const p = await proc();
    const addr = await freePlace(p, 8192);
    const id = await segment(p);
    await fails("EINVAL", p.do("shmat", id, addr + 1));
    await fails("EINVAL", p.do("shmat", id, addr + 2048, SHM_REMAP));
  }),
  row("shmat() returns EINVAL for SHM_REMAP without an address", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    await fails("EINVAL", p.do("shmat", id, null, SHM_REMAP));
    await fails("EINVAL", p.do("shmat", id, 100, SHM_REMAP | SHM_RND));
  }),
  row("shmat() returns EINVAL for an occupied address without SHM_REMAP", async ({ proc }) => {
    const p = await proc();
    const first = await segment(p, 8192);
    const addr = await attach(p, first);
    const second = await segment(p, 4096);
    await fails("EINVAL", p.do("shmat", second, addr));
    await fails("EINVAL", p.do("shmat", second, addr + 4096));
    equal((await shmStat(p, second)).shm_nattch, 0, "shm_nattch");
  }),
  row("shmat() returns EINVAL for a negative address", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("shmat", await segment(p), -4096));
  }),
  row(
    "shmat() returns ENOMEM when every attachment of the machine is taken",
    async ({ proc }) => {
      const p = await proc();
      const id = await segment(p);
      const addr = await attach(p, id);
      await attach(p, id);
      await fails("ENOMEM", p.do("shmat", id));
      await p.do("shmdt", addr);
      await attach(p, id);
    },
    {
      limits: { SHMSEG: 2 },
      linux: "Linux has no limit on attachments but that on mappings, 65530 a process",
    },
  ),
  row("shmat() gives bytes of the segment's size in memory that threads share", async (w) => {
    const p = await w.proc();
    const id = await segment(p, 5000);
    const attachment = await p.do("shmat", id);
    matches(attachment, { size: 5000, shmid: id });
    const { addr } = attachment as unknown as { addr: number };
    ok(addr > 0 && addr % 4096 === 0, `${addr} is the address of a page`);
    equal((await p.do<number[]>("peek", addr, 0, 9999)).length, 5000, "length of bytes");
    equal(await p.do<boolean>("isShared", addr), true, "bytes are in a SharedArrayBuffer");
  }),
  row("shmat() counts nattch and notes time and pid", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p);
    await attach(p, id);
    await attach(p, id, null, SHM_RDONLY);
    await attach(q, id);
    const ds = await shmStat(p, id);
    matches(ds, { shm_nattch: 3, shm_lpid: q.pid, shm_cpid: p.pid, shm_dtime: 0 });
    isNow(ds.shm_atime, "shm_atime");
  }),
  row("shmat() twice gives two addresses for the same bytes", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    const [a, b] = [await attach(p, id), await attach(p, id)];
    ok(a !== b, "two addresses");
    await p.do("poke", a, 100, 7, 8, 9);
    equal(await p.do<number[]>("peek", b, 100, 3), [7, 8, 9]);
  }),
  row("shmat() shares live memory between processes", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p, 8192);
    const [a, b] = [await attach(p, id), await attach(q, id)];
    await p.do("poke", a, 8191, 42);
    equal(await q.do<number[]>("peek", b, 8191), [42]);
    equal(await q.do("atomicAdd", b, 10, 5), 0);
    equal(await p.do("atomicAdd", a, 10, 1), 5);
    equal(await q.do("atomicAdd", b, 10, 0), 6);
  }),
  row("shmat() with SHM_RDONLY sees what others write", async ({ proc }) => {
    const [p, q] = [await proc(ALICE), await proc(BOB)];
    const id = await segment(p, 4096, 0o644);
    const [a, b] = [await attach(p, id), await attach(q, id, null, SHM_RDONLY)];
    await p.do("poke", a, 1, 11);
    equal(await q.do<number[]>("peek", b, 1), [11]);
  }),
  row("shmat() keeps the contents while nobody is attached", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p);
    const addr = await attach(p, id);
    await p.do("poke", addr, 0, 1, 2, 3);
    await p.do("shmdt", addr);
    equal(await q.do<number[]>("peek", await attach(q, id), 0, 3), [1, 2, 3]);
  }),
  row("shmat() takes a free address", async ({ proc }) => {
    const p = await proc();
    const addr = await freePlace(p, 8192);
    const id = await segment(p, 4096);
    equal(await attach(p, id, addr + 4096), addr + 4096);
    equal(await attach(p, id, addr), addr);
    await p.do("poke", addr, 5, 55);
    equal(await p.do<number[]>("peek", addr + 4096, 5), [55]);
  }),
  row("shmat() rounds a free address down with SHM_RND", async ({ proc }) => {
    const p = await proc();
    const addr = await freePlace(p, 8192);
    const id = await segment(p);
    equal(await attach(p, id, addr + 4095, SHM_RND), addr);
    equal(await attach(p, id, addr + 4096, SHM_RND), addr + 4096);
  }),
  row("shmat() replaces what is at the address with SHM_REMAP", async ({ proc }) => {
    const p = await proc();
    const [old, young] = [await segment(p), await segment(p)];
    const addr = await attach(p, old);
    await p.do("poke", addr, 0, 1);
    equal(await attach(p, young, addr, SHM_REMAP), addr);
    equal(await p.do<number[]>("peek", addr, 0), [0], "the other segment's byte");
    equal((await shmStat(p, old)).shm_nattch, 0, "shm_nattch of the replaced one");
    equal((await shmStat(p, young)).shm_nattch, 1, "shm_nattch");
    await p.do("shmdt", addr);
    await fails("EINVAL", p.do("shmdt", addr));
  }),
  row("shmat() attaches by its id a segment that is to be destroyed", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p);
    const addr = await attach(p, id);
    await p.do("poke", addr, 0, 77);
    await p.do("shmctl", id, IPC_RMID);
    equal(await q.do<number[]>("peek", await attach(q, id), 0), [77]);
    equal((await shmStat(p, id)).shm_nattch, 2, "shm_nattch");
  }),
];
