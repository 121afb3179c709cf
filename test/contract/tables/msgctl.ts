/** msgctl(2): owners, size and removal. */
import { IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT } from "../../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT } from "../../../assembly/abi/msg.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { KEY, msgStat, queue, segment } from "../objects.ts";
import { ALICE, BOB, type Row, row } from "../row.ts";

const MSGMNB = 16384;

export const msgctl: readonly Row[] = [
  row("msgctl() returns EACCES for IPC_STAT and MSG_STAT without read permission", async (w) => {
    const [owner, other] = [await w.proc(ALICE), await w.proc(BOB)];
    const id = await queue(owner, 0o622);
    await fails("EACCES", other.do("msgctl", id, IPC_STAT));
    const { index } = await other.do<{ index: number }>("msgctl", 0, MSG_INFO);
    await fails("EACCES", other.do("msgctl", index, MSG_STAT));
  }),
  row("msgctl() returns EINVAL for an id that never existed, is stale or negative", async (w) => {
    const p = await w.proc();
    const stale = await queue(p);
    await p.do("msgctl", stale, IPC_RMID);
    await queue(p);
    for (const id of [stale, 99999, -1]) {
      for (const cmd of [IPC_STAT, IPC_RMID]) await fails("EINVAL", p.do("msgctl", id, cmd));
      await fails("EINVAL", p.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o600 } }));
    }
  }),
  row("msgctl() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("msgctl", await segment(p), IPC_STAT));
  }),
  row("msgctl() returns EINVAL for a command that does not exist", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    for (const cmd of [-1, 4, 10, 14, 99]) await fails("EINVAL", p.do("msgctl", id, cmd));
  }),
  row("msgctl() returns EINVAL for a negative id, whatever the command", async ({ proc }) => {
    const p = await proc();
    for (const cmd of [IPC_INFO, MSG_INFO, MSG_STAT])
      await fails("EINVAL", p.do("msgctl", -1, cmd));
  }),
  row("msgctl() returns EINVAL for IPC_SET with an owner of -1", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("msgctl", await queue(p), IPC_SET, { msg_perm: { uid: -1 } }));
  }),
  row("msgctl() returns EPERM for IPC_SET and IPC_RMID by another user", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await queue(owner, 0o666);
    await fails("EPERM", other.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o777 } }));
    await fails("EPERM", other.do("msgctl", id, IPC_SET, { msg_qbytes: 10 }));
    await fails("EPERM", other.do("msgctl", id, IPC_RMID));
  }),
  row("msgctl() returns EPERM for msg_qbytes past MSGMNB without privilege", async ({ proc }) => {
    const owner = await proc(ALICE);
    const id = await queue(owner, 0o666);
    await fails("EPERM", owner.do("msgctl", id, IPC_SET, { msg_qbytes: MSGMNB + 1 }));
    equal(await owner.do("msgctl", id, IPC_SET, { msg_qbytes: 100 }), 0, "less");
    equal(await owner.do("msgctl", id, IPC_SET, { msg_qbytes: MSGMNB }), 0, "MSGMNB again");
    equal((await msgStat(owner, id)).msg_qbytes, MSGMNB, "msg_qbytes");
  }),
  row(
    "msgctl() with IPC_SET lets root pass MSGMNB, and then returns EPERM to the owner who keeps it",
    async ({ proc }) => {
      const [root, owner] = [await proc(), await proc(ALICE)];
      const id = await queue(owner, 0o666);
      equal(await root.do("msgctl", id, IPC_SET, { msg_qbytes: MSGMNB + 1 }), 0);
      equal((await msgStat(root, id)).msg_qbytes, MSGMNB + 1, "msg_qbytes");
      await fails("EPERM", owner.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o600 } }));
    },
    { linux: "it takes CAP_SYS_RESOURCE, which root does not have in every container" },
  ),
  row("msgctl() with IPC_RMID removes queue and messages and frees the key", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p, 0o600, KEY);
    await p.do("send", id, 1, "lost");
    equal(await p.do("msgctl", id, IPC_RMID), 0);
    await fails("EINVAL", p.do("msgctl", id, IPC_RMID));
    await fails("ENOENT", p.do("msgget", KEY, 0));
    const next = await queue(p, 0o600, KEY);
    ok(next !== id, "the key's next queue has another id");
    equal((await msgStat(p, next)).msg_qnum, 0, "msg_qnum");
  }),
  row("msgctl() with IPC_RMID is allowed to owner, creator and root", async ({ proc }) => {
    const [root, creator, owner] = [await proc(), await proc(ALICE), await proc(BOB)];
    for (const p of [root, creator, owner]) {
      const id = await queue(creator, 0);
      await creator.do("msgctl", id, IPC_SET, { msg_perm: BOB });
      equal(await p.do("msgctl", id, IPC_RMID), 0);
    }
  }),
  row("msgctl() with IPC_SET changes owner, group, mode bits, size and ctime only", async (w) => {
    const [p, root] = [await w.proc(ALICE), await w.proc()];
    const id = await queue(p, 0o600, KEY);
    await p.do("send", id, 1, "12345");
    const set = { msg_perm: { uid: 1002, gid: 1003, mode: 0o7654 }, msg_qbytes: 77 };
    equal(await p.do("msgctl", id, IPC_SET, set), 0);
    const ds = await msgStat(root, id);
    matches(ds.msg_perm, { key: KEY, uid: 1002, gid: 1003, cuid: 1001, cgid: 1001, mode: 0o654 });
    matches(ds, { msg_qbytes: 77, msg_qnum: 1, msg_cbytes: 5, msg_lspid: p.pid });
    isNow(ds.msg_ctime, "msg_ctime");
  }),
  row("msgctl() with IPC_SET keeps the fields that are left out", async ({ proc }) => {
    const p = await proc(ALICE);
    const id = await queue(p, 0);
    await p.do("msgctl", id, IPC_SET, { msg_qbytes: 50 });
    await p.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o400 } });
    const ds = await msgStat(p, id);
    equal(ds.msg_qbytes, 50, "msg_qbytes");
    matches(ds.msg_perm, { uid: 1001, gid: 1001, mode: 0o400 });
  }),
  row("msgctl() with IPC_SET may make a queue smaller than what it holds", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await p.do("send", id, 1, "0123456789");
    await p.do("msgctl", id, IPC_SET, { msg_qbytes: 4 });
    matches(await msgStat(p, id), { msg_qbytes: 4, msg_cbytes: 10 });
    equal(await p.do("receive", id, 10), { mtype: 1, text: "0123456789", length: 10 });
  }),
  row("msgctl() with IPC_SET is allowed to root, who owns nothing of it", async ({ proc }) => {
    const [root, owner] = [await proc(), await proc(ALICE)];
    const id = await queue(owner, 0);
    equal(await root.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o640 } }), 0);
    matches((await msgStat(root, id)).msg_perm, { uid: 1001, gid: 1001, mode: 0o640 });
  }),
];
