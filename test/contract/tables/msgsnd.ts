/** msgsnd(2). */
import { IPC_NOWAIT, IPC_RMID, IPC_SET } from "../../../assembly/abi/ipc.ts";
import { SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, isNow, matches, ok } from "../check.ts";
import { msgStat, queue, type Received, segment } from "../objects.ts";
import { ALICE, BOB, HANDLER, type Proc, type Row, row } from "../row.ts";

/** A queue that has room for so many bytes. */
async function smallQueue(p: Proc, bytes: number, mode = 0o666): Promise<number> {
  const id = await queue(p, mode);
  await p.do("msgctl", id, IPC_SET, { msg_qbytes: bytes });
  return id;
}

export const msgsnd: readonly Row[] = [
  row("msgsnd() returns EACCES without write permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    await fails("EACCES", other.do("send", await queue(owner, 0o604), 1, "x"));
  }),
  row("msgsnd() returns EAGAIN with IPC_NOWAIT when the queue has no room", async ({ proc }) => {
    const p = await proc();
    const id = await smallQueue(p, 10);
    await p.do("send", id, 1, "12345678");
    await fails("EAGAIN", p.do("send", id, 1, "abc", IPC_NOWAIT));
    equal(await p.do("send", id, 1, "ab", IPC_NOWAIT), 0, "what fits exactly");
    matches(await msgStat(p, id), { msg_qnum: 2, msg_cbytes: 10 });
  }),
  row("msgsnd() returns EAGAIN when the queue has msg_qbytes messages of no bytes", async (w) => {
    const p = await w.proc();
    const id = await smallQueue(p, 3);
    for (let count = 0; count < 3; count++) await p.do("send", id, 1, "", IPC_NOWAIT);
    await fails("EAGAIN", p.do("send", id, 1, "", IPC_NOWAIT));
    matches(await msgStat(p, id), { msg_qnum: 3, msg_cbytes: 0 });
  }),
  row("msgsnd() returns EFAULT when the text is shorter than msgsz", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await fails("EFAULT", p.do("msgsnd", id, { mtype: 1, mtext: new Uint8Array(3) }, 4));
    equal((await msgStat(p, id)).msg_qnum, 0, "msg_qnum");
  }),
  row("msgsnd() returns EIDRM when the queue is removed while it sleeps", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await smallQueue(p, 1);
    await p.do("send", id, 1, "x");
    const call = a.start("send", id, 1, "y");
    await a.asleep();
    await p.do("msgctl", id, IPC_RMID);
    await fails("EIDRM", call);
  }),
  row("msgsnd() returns EINTR after a signal handler has run", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await smallQueue(p, 1);
    await p.do("send", id, 1, "x");
    await a.do("sigaction", SIGUSR1, HANDLER);
    const call = a.start("send", id, 1, "y");
    await a.asleep();
    await a.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "msgsnd");
    equal(await a.do<number[]>("signals"), [SIGUSR1]);
    equal((await msgStat(p, id)).msg_qnum, 1, "msg_qnum");
  }),
  row("msgsnd() returns EINVAL for a type below 1", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    for (const mtype of [0, -1]) await fails("EINVAL", p.do("send", id, mtype, "x"));
  }),
  row("msgsnd() returns EINVAL for a negative size", async ({ proc }) => {
    const p = await proc();
    const message = { mtype: 1, mtext: new Uint8Array(8) };
    await fails("EINVAL", p.do("msgsnd", await queue(p), message, -1));
  }),
  row(
    "msgsnd() returns EINVAL for one byte more than MSGMAX",
    async ({ proc }) => {
      const p = await proc();
      const id = await queue(p);
      const message = { mtype: 1, mtext: new Uint8Array(1001) };
      await fails("EINVAL", p.do("msgsnd", id, message, 1001));
      equal(await p.do("msgsnd", id, message, 1000), 0);
      equal((await msgStat(p, id)).msg_cbytes, 1000, "msg_cbytes");
    },
    { limits: { MSGMAX: 1000 } },
  ),
  row("msgsnd() returns EINVAL for an id that never existed, is stale or negative", async (w) => {
    const p = await w.proc();
    const stale = await queue(p);
    await p.do("msgctl", stale, IPC_RMID);
    await queue(p);
    for (const id of [stale, 99999, -1]) await fails("EINVAL", p.do("send", id, 1, "x"));
  }),
  row("msgsnd() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("send", await segment(p), 1, "x"));
  }),
  row(
    "msgsnd() returns ENOMEM when there is no memory for the text",
    async ({ proc }) => {
      const p = await proc();
      const id = await queue(p);
      await p.do("msgctl", id, IPC_SET, { msg_qbytes: 1_000_000 });
      const message = { mtype: 1, mtext: new Uint8Array(8000) };
      let sent = 0;
      const send = () => p.do("msgsnd", id, message, 8000, IPC_NOWAIT);
      const error = await (async () => {
        for (; ; sent++) await send();
      })().catch((thrown: { code: string }) => thrown);
      equal(error.code, "ENOMEM", `code after ${sent} messages`);
      ok(sent > 0 && sent < 10, `${sent} messages fit`);
      const buffer = { mtype: 0, mtext: new Uint8Array(8000) };
      equal(await p.do("msgrcv", id, buffer, 8000), 8000);
      equal(await send(), 0, "after one was received");
    },
    { limits: { MSGSEG: 512 }, linux: "Linux takes messages from its heap, without a pool" },
  ),
  row("msgsnd() notes time and pid, and counts messages and bytes", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await queue(p, 0o600);
    await p.do("send", id, 1, "hello");
    await q.do("send", id, 2, "you");
    const ds = await msgStat(p, id);
    matches(ds, { msg_qnum: 2, msg_cbytes: 8, msg_lspid: q.pid, msg_lrpid: 0, msg_rtime: 0 });
    isNow(ds.msg_stime, "msg_stime");
  }),
  row("msgsnd() sends messages of no bytes and of every byte value", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await queue(p);
    const mtext = Uint8Array.from({ length: 256 }, (_, index) => index);
    equal(await p.do("msgsnd", id, { mtype: 3, mtext }, 256), 0);
    equal(await p.do("msgsnd", id, { mtype: 4, mtext: new Uint8Array(0) }, 0), 0);
    const buffer = { mtype: 0, mtext: new Uint8Array(256) };
    equal(await q.do("msgrcv", id, buffer, 256), 256);
    equal(await q.do("receive", id, 256), { mtype: 4, text: "", length: 0 });
  }),
  row("msgsnd() sends the first msgsz bytes of the text", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await p.do("msgsnd", id, { mtype: 1, mtext: new TextEncoder().encode("abcdef") }, 3);
    equal(await p.do("receive", id, 10), { mtype: 1, text: "abc", length: 3 });
  }),
  row("msgsnd() sleeps while the queue is full, until a message is received", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await smallQueue(p, 10);
    await p.do("send", id, 1, "123456");
    const call = a.start("send", id, 2, "abcdef");
    await a.asleep();
    equal((await p.do<Received>("receive", id, 10)).text, "123456");
    equal(await call, 0);
    const ds = await msgStat(p, id);
    matches(ds, { msg_qnum: 1, msg_cbytes: 6, msg_lspid: a.pid });
    equal((await p.do<Received>("receive", id, 10)).text, "abcdef");
  }),
  row("msgsnd() lets a smaller message past a larger one that waits for room", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await smallQueue(p, 10);
    await p.do("send", id, 1, "123456");
    const call = a.start("send", id, 2, "abcdef");
    await a.asleep();
    equal(await p.do("send", id, 3, "xy", IPC_NOWAIT), 0);
    await a.asleep();
    await p.do("receive", id, 10);
    equal(await call, 0);
  }),
  row("msgsnd() goes on when IPC_SET gives the queue more room", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await smallQueue(p, 4);
    await p.do("send", id, 1, "1234");
    const call = a.start("send", id, 1, "5678");
    await a.asleep();
    await p.do("msgctl", id, IPC_SET, { msg_qbytes: 8 });
    equal(await call, 0);
    matches(await msgStat(p, id), { msg_qnum: 2, msg_cbytes: 8, msg_qbytes: 8 });
  }),
  row(
    "msgsnd() returns EACCES to a sleeper that IPC_SET excludes, once there is room",
    async (w) => {
      const { proc } = w;
      const [p, owner, other] = [await proc(), await proc(ALICE), await proc(BOB)];
      const id = await smallQueue(owner, 1);
      await p.do("send", id, 1, "x");
      const call = other.start("send", id, 1, "y");
      await other.asleep();
      await owner.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o600 } });
      await other.asleep();
      await owner.do("receive", id, 1);
      await fails("EACCES", call);
    },
  ),
  row("msgsnd() of several sleepers loses and doubles no message", async ({ proc }) => {
    const p = await proc();
    const id = await smallQueue(p, 1);
    await p.do("send", id, 1, "0");
    const calls: Promise<number>[] = [];
    for (const text of ["1", "2", "3"]) {
      const a = await proc();
      calls.push(a.start("send", id, 1, text));
      await a.asleep();
    }
    const texts: string[] = [];
    for (let count = 0; count < 4; count++) {
      texts.push((await p.do<Received>("receive", id, 1)).text);
    }
    equal(await Promise.all(calls), [0, 0, 0]);
    equal(texts.sort(), ["0", "1", "2", "3"]);
  }),
];
