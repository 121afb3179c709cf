/** msgget(2). */
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { KEY, KEY2, msgStat, queue } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

export const msgget: readonly Row[] = [
  row("msgget() returns EACCES when the existing queue does not grant the mode", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    await queue(owner, 0o640, KEY);
    await fails("EACCES", other.do("msgget", KEY, 0o400));
    await fails("EACCES", other.do("msgget", KEY, 0o200));
  }),
  row("msgget() returns EEXIST with IPC_CREAT and IPC_EXCL for a key in use", async ({ proc }) => {
    const [p, other] = [await proc(ALICE), await proc(BOB)];
    await queue(p, 0o600, KEY);
    for (const each of [p, other]) {
      await fails("EEXIST", each.do("msgget", KEY, IPC_CREAT | IPC_EXCL | 0o600));
    }
  }),
  row("msgget() returns ENOENT for a key without a queue and no IPC_CREAT", async ({ proc }) => {
    const p = await proc();
    await fails("ENOENT", p.do("msgget", KEY, 0o600));
    await fails("ENOENT", p.do("msgget", KEY, IPC_EXCL));
  }),
  row(
    "msgget() returns ENOSPC when MSGMNI queues exist",
    async ({ proc }) => {
      const p = await proc();
      const first = await queue(p);
      await queue(p);
      await fails("ENOSPC", p.do("msgget", IPC_PRIVATE, 0o600));
      await p.do("msgctl", first, IPC_RMID);
      await queue(p);
    },
    { limits: { MSGMNI: 2 } },
  ),
  row("msgget() makes a new queue for each IPC_PRIVATE", async ({ proc }) => {
    const p = await proc();
    const a = await p.do("msgget", IPC_PRIVATE, 0o600);
    const b = await p.do("msgget", IPC_PRIVATE, IPC_CREAT | IPC_EXCL | 0o600);
    ok(a !== b, "two ids");
  }),
  row("msgget() finds an existing queue by its key from another process", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await queue(p, 0o600, KEY);
    equal(await q.do("msgget", KEY, 0), id);
    equal(await q.do("msgget", KEY, IPC_CREAT | 0o600), id, "IPC_CREAT without IPC_EXCL");
    ok((await queue(q, 0o600, KEY2)) !== id, "another key");
  }),
  row("msgget() needs no permission when no mode bits are asked for", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await queue(owner, 0, KEY);
    equal(await other.do("msgget", KEY, 0), id);
  }),
  row(
    "msgget() fills msqid_ds: empty, MSGMNB bytes large",
    async ({ proc }) => {
      const p = await proc(ALICE);
      const id = await p.do("msgget", KEY, IPC_CREAT | 0o767);
      const ds = await msgStat(p, id);
      matches(ds.msg_perm, { key: KEY, uid: 1001, gid: 1001, cuid: 1001, cgid: 1001, mode: 0o767 });
      matches(ds, { msg_stime: 0, msg_rtime: 0, msg_lspid: 0, msg_lrpid: 0 });
      matches(ds, { msg_cbytes: 0, msg_qnum: 0, msg_qbytes: 5000 });
      isNow(ds.msg_ctime, "msg_ctime");
    },
    { limits: { MSGMNB: 5000 } },
  ),
];
