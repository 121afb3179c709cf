/** shmdt(2), and what a process's end does to its attachments. */
import { IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { SIGKILL } from "../../../assembly/abi/signal.ts";
import { equal, fails, isNow, matches } from "../check.ts";
import { attach, segment, shmStat } from "../objects.ts";
import { type Row, row } from "../row.ts";

export const shmdt: readonly Row[] = [
  row("shmdt() returns EINVAL for an address that is not from shmat()", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("shmdt", 4096));
    await fails("EINVAL", p.do("shmdt", 12345));
    await fails("EINVAL", p.do("shmdt", null));
    await fails("EINVAL", p.do("shmdt", -4096));
  }),
  row("shmdt() returns EINVAL for an address inside an attachment", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p, 8192);
    const addr = await attach(p, id);
    await fails("EINVAL", p.do("shmdt", addr + 1));
    await fails("EINVAL", p.do("shmdt", addr + 4096));
    equal((await shmStat(p, id)).shm_nattch, 1, "shm_nattch");
  }),
  row("shmdt() returns EINVAL when detached twice", async ({ proc }) => {
    const p = await proc();
    const addr = await attach(p, await segment(p));
    equal(await p.do("shmdt", addr), 0);
    await fails("EINVAL", p.do("shmdt", addr));
  }),
  row("shmdt() returns EINVAL for another process's address", async ({ proc }) => {
    const [p, q] = [await proc(), await proc({ fresh: true })];
    const addr = await attach(p, await segment(p));
    await fails("EINVAL", q.do("shmdt", addr));
  }),
  row("shmdt() lowers nattch and notes time and pid", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p);
    const addr = await attach(p, id);
    await attach(q, id);
    await p.do("shmdt", addr);
    const ds = await shmStat(p, id);
    matches(ds, { shm_nattch: 1, shm_lpid: p.pid });
    isNow(ds.shm_dtime, "shm_dtime");
  }),
  row("shmdt() takes the Attachment itself and ends its view", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    const addr = await attach(p, id);
    equal(await p.do("shmdtAttachment", addr), 0);
    equal((await shmStat(p, id)).shm_nattch, 0, "shm_nattch");
    await fails("EINVAL", p.do("peek", addr, 0));
  }),
  row("shmdt() of one of two attachments leaves the other", async ({ proc }) => {
    const p = await proc();
    const id = await segment(p);
    const [a, b] = [await attach(p, id), await attach(p, id)];
    await p.do("shmdt", a);
    await p.do("poke", b, 0, 9);
    equal(await p.do<number[]>("peek", b, 0), [9]);
    equal((await shmStat(p, id)).shm_nattch, 1, "shm_nattch");
  }),
  row("shmdt() of the last attachment destroys a segment that is marked", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await segment(p);
    const [a, b] = [await attach(p, id), await attach(q, id)];
    await p.do("shmctl", id, IPC_RMID);
    await p.do("shmdt", a);
    equal((await shmStat(p, id)).shm_nattch, 1, "shm_nattch");
    await q.do("shmdt", b);
    await fails("EINVAL", p.do("shmat", id));
  }),
  row("shmdt() is made for a process that exits", async ({ proc }) => {
    const [p, q] = [await proc(), await proc({ fresh: true })];
    const id = await segment(p);
    await attach(q, id);
    await attach(q, id);
    await q.exit();
    const ds = await shmStat(p, id);
    matches(ds, { shm_nattch: 0, shm_lpid: q.pid });
    isNow(ds.shm_dtime, "shm_dtime");
  }),
  row("shmdt() is made for a process that is killed, and destroys what is marked", async (w) => {
    const [p, q] = [await w.proc(), await w.proc({ fresh: true })];
    const id = await segment(p);
    await attach(q, id);
    await p.do("shmctl", id, IPC_RMID);
    await q.kill(SIGKILL);
    await q.ended();
    await fails("EINVAL", p.do("shmat", id));
  }),
];
