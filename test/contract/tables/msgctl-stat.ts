/** msgctl(2): the commands that only look. */
import { IPC_INFO, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT, MSG_STAT_ANY } from "../../../assembly/abi/msg.ts";
import type { Msginfo, MsqidDs } from "../../../host/contract.ts";
import { equal, fails, matches, ok } from "../check.ts";
import { KEY, msgStat, queue } from "../objects.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

type Info = Msginfo & { index: number };

async function slotOf(p: Proc, id: number): Promise<number> {
  const { index } = await p.do<Info>("msgctl", 0, MSG_INFO);
  for (let slot = 0; slot <= index; slot++) {
    const call = p.do<{ id: number }>("msgctl", slot, MSG_STAT_ANY);
    if ((await call.catch(() => undefined))?.id === id) return slot;
  }
  throw new Error(`no slot up to ${index} holds queue ${id}`);
}

export const msgctlStat: readonly Row[] = [
  row("msgctl() with IPC_STAT tells owner, counts and pids", async ({ proc }) => {
    const [p, q] = [await proc(ALICE), await proc()];
    const id = await queue(p, 0o600, KEY);
    await q.do("send", id, 1, "abc");
    await p.do("send", id, 1, "de");
    await q.do("receive", id, 10);
    const ds = await msgStat(p, id);
    matches(ds.msg_perm, { key: KEY, uid: 1001, gid: 1001, cuid: 1001, cgid: 1001, mode: 0o600 });
    matches(ds, { msg_qnum: 1, msg_cbytes: 2, msg_lspid: p.pid, msg_lrpid: q.pid });
  }),
  row("msgctl() with MSG_STAT and MSG_STAT_ANY takes a slot and returns the id", async (w) => {
    const p = await w.proc();
    await queue(p);
    const id = await queue(p, 0o600, KEY);
    await p.do("send", id, 1, "x");
    const slot = await slotOf(p, id);
    for (const cmd of [MSG_STAT, MSG_STAT_ANY]) {
      const ds = await p.do<MsqidDs & { id: number }>("msgctl", slot, cmd);
      matches(ds, { id, msg_qnum: 1 });
      equal(ds.msg_perm.key, KEY, "key");
    }
  }),
  row("msgctl() with MSG_STAT_ANY asks for no permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await queue(owner, 0);
    const slot = await slotOf(other, id);
    await fails("EACCES", other.do("msgctl", slot, MSG_STAT));
    equal((await other.do<{ id: number }>("msgctl", slot, MSG_STAT_ANY)).id, id);
  }),
  row("msgctl() returns EINVAL with MSG_STAT for a slot that is empty", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    const slot = await slotOf(p, id);
    await p.do("msgctl", id, IPC_RMID);
    for (const cmd of [MSG_STAT, MSG_STAT_ANY]) {
      await fails("EINVAL", p.do("msgctl", slot, cmd));
      await fails("EINVAL", p.do("msgctl", slot + 1, cmd));
    }
  }),
  row(
    "msgctl() with IPC_INFO tells the limits and the highest slot in use",
    async ({ proc }) => {
      const p = await proc(BOB);
      await queue(p);
      const id = await queue(p);
      const info = await p.do<Info>("msgctl", 4711, IPC_INFO);
      matches(info, { msgmax: 2000, msgmnb: 3000, msgmni: 9 });
      ok(info.msgssz > 0 && info.msgseg > 0, "msgssz and msgseg tell of the pool");
      equal(info.index, await slotOf(p, id), "index");
    },
    { limits: { MSGMAX: 2000, MSGMNB: 3000, MSGMNI: 9 } },
  ),
  row("msgctl() with MSG_INFO counts queues, messages and bytes", async ({ proc }) => {
    const p = await proc(BOB);
    const [a, b] = [await queue(p), await queue(p)];
    await p.do("send", a, 1, "abc");
    await p.do("send", b, 1, "de");
    await p.do("send", b, 1, "");
    matches(await p.do<Info>("msgctl", 0, MSG_INFO), { msgpool: 2, msgmap: 3, msgtql: 5 });
    await p.do("receive", a, 10);
    matches(await p.do<Info>("msgctl", 0, MSG_INFO), { msgpool: 2, msgmap: 2, msgtql: 2 });
    await p.do("msgctl", b, IPC_RMID);
    matches(await p.do<Info>("msgctl", 0, MSG_INFO), { msgpool: 1, msgmap: 0, msgtql: 0 });
  }),
  row("msgctl() with IPC_INFO needs no queue, and returns slot 0 then", async ({ proc }) => {
    const p = await proc(BOB);
    for (const cmd of [IPC_INFO, MSG_INFO]) equal((await p.do<Info>("msgctl", 0, cmd)).index, 0);
  }),
];
