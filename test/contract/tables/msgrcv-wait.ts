/** msgrcv(2): receivers that sleep. A message is handed to them, it does not pass through the queue. */
import { IPC_NOWAIT, IPC_RMID, IPC_SET } from "../../../assembly/abi/ipc.ts";
import { MSG_EXCEPT, MSG_NOERROR } from "../../../assembly/abi/msg.ts";
import { SIG_DFL, SIG_IGN, SIGKILL, SIGUSR1 } from "../../../assembly/abi/signal.ts";
import { equal, fails, isNow, matches } from "../check.ts";
import { msgStat, queue, type Received } from "../objects.ts";
import { ALICE, BOB, HANDLER, type Row, row, type World } from "../row.ts";

/** Starts a msgrcv() in a process of its own and waits until it sleeps. */
async function receiver({ proc }: World, id: number, msgsz: number, msgtyp = 0, flags = 0) {
  const p = await proc();
  const done = p.start<Received>("receive", id, msgsz, msgtyp, flags);
  await p.asleep();
  return { p, done };
}

export const msgrcvWait: readonly Row[] = [
  row("msgrcv() sleeps until a message comes", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const a = await receiver(w, id, 10);
    await p.do("send", id, 5, "hello");
    equal(await a.done, { mtype: 5, text: "hello", length: 5 });
    const ds = await msgStat(p, id);
    matches(ds, { msg_qnum: 0, msg_cbytes: 0, msg_lspid: p.pid, msg_lrpid: a.p.pid });
    isNow(ds.msg_rtime, "msg_rtime");
    isNow(ds.msg_stime, "msg_stime");
  }),
  row("msgrcv() sleeps until a message of its type comes", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const [three, upToTwo, notOne] = [
      await receiver(w, id, 10, 3),
      await receiver(w, id, 10, -2),
      await receiver(w, id, 10, 1, MSG_EXCEPT),
    ];
    await p.do("send", id, 3, "for three");
    equal((await three.done).text, "for three");
    await p.do("send", id, 1, "for two");
    equal((await upToTwo.done).text, "for two");
    await p.do("send", id, 1, "stays");
    await notOne.p.asleep();
    await p.do("send", id, 4, "not one");
    equal((await notOne.done).text, "not one");
    equal((await msgStat(p, id)).msg_qnum, 1, "msg_qnum");
  }),
  row("msgrcv() is handed its message: a later receiver finds none", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const a = await receiver(w, id, 10);
    await p.do("send", id, 1, "x");
    await fails("ENOMSG", p.do("receive", id, 10, 0, IPC_NOWAIT));
    equal((await a.done).text, "x");
  }),
  row("msgrcv() serves sleepers that ask the same first come, first served", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const all = [await receiver(w, id, 10), await receiver(w, id, 10), await receiver(w, id, 10)];
    for (const text of ["1", "2", "3"]) await p.do("send", id, 1, text);
    equal(await Promise.all(all.map(async ({ done }) => (await done).text)), ["1", "2", "3"]);
  }),
  row("msgrcv() returns E2BIG to a sleeper whose buffer is too small, message kept", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const a = await receiver(w, id, 2);
    await p.do("send", id, 1, "hello");
    await fails("E2BIG", a.done);
    matches(await msgStat(p, id), { msg_qnum: 1, msg_lrpid: 0, msg_rtime: 0 });
    equal((await p.do<Received>("receive", id, 5)).text, "hello");
  }),
  row("msgrcv() returns E2BIG to a sleeper and gives the message to the next", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const [small, large] = [await receiver(w, id, 2), await receiver(w, id, 10)];
    await p.do("send", id, 1, "hello");
    await fails("E2BIG", small.done);
    equal((await large.done).text, "hello");
    equal((await msgStat(p, id)).msg_qnum, 0, "msg_qnum");
  }),
  row("msgrcv() with MSG_NOERROR cuts what it is handed while it sleeps", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const a = await receiver(w, id, 2, 0, MSG_NOERROR);
    await p.do("send", id, 1, "hello");
    equal(await a.done, { mtype: 1, text: "he", length: 2 });
  }),
  row("msgrcv() returns EIDRM to every sleeper when the queue is removed", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    const all = [await receiver(w, id, 10), await receiver(w, id, 10, 4)];
    await p.do("msgctl", id, IPC_RMID);
    for (const { done } of all) await fails("EIDRM", done);
  }),
  row("msgrcv() returns EINTR after a signal handler has run", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await queue(p);
    await a.do("sigaction", SIGUSR1, HANDLER);
    const call = a.start("receive", id, 10);
    await a.asleep();
    await a.kill(SIGUSR1);
    equal((await fails("EINTR", call)).syscall, "msgrcv");
    equal(await a.do<number[]>("signals"), [SIGUSR1]);
    await p.do("send", id, 1, "x");
    equal((await msgStat(p, id)).msg_qnum, 1, "msg_qnum");
  }),
  row("msgrcv() sleeps on through signals that are ignored", async ({ proc }) => {
    const [p, a] = [await proc(), await proc()];
    const id = await queue(p);
    await a.do("sigaction", SIGUSR1, SIG_IGN);
    const call = a.start<Received>("receive", id, 10);
    await a.asleep();
    await a.kill(SIGUSR1);
    await p.do("send", id, 1, "x");
    equal((await call).text, "x");
    await a.do("sigaction", SIGUSR1, SIG_DFL);
  }),
  row("msgrcv() leaves nothing behind when its sleeper is killed", async ({ proc }) => {
    const [p, a] = [await proc(), await proc({ fresh: true })];
    const id = await queue(p);
    const call = a.start("receive", id, 10);
    await a.asleep();
    await a.kill(SIGKILL);
    await a.ended();
    await call.catch(() => undefined);
    await p.do("send", id, 1, "x");
    equal((await p.do<Received>("receive", id, 10, 0, IPC_NOWAIT)).text, "x");
  }),
  row("msgrcv() returns EACCES to a sleeper that IPC_SET excludes", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await queue(owner, 0o666);
    const call = other.start("receive", id, 10);
    await other.asleep();
    await owner.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o600 } });
    await fails("EACCES", call);
  }),
  row("msgrcv() sleeps on when IPC_SET leaves it its permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    const id = await queue(owner, 0o666);
    const call = other.start<Received>("receive", id, 10);
    await other.asleep();
    await owner.do("msgctl", id, IPC_SET, { msg_perm: { mode: 0o644 } });
    await other.asleep();
    await owner.do("send", id, 1, "x");
    equal((await call).text, "x");
  }),
  row("msgrcv() makes room for a sender that sleeps, whose message is next", async (w) => {
    const [p, a] = [await w.proc(), await w.proc()];
    const id = await queue(p);
    await p.do("msgctl", id, IPC_SET, { msg_qbytes: 4 });
    await p.do("send", id, 1, "1234");
    const call = a.start("send", id, 1, "5678");
    await a.asleep();
    equal((await p.do<Received>("receive", id, 4)).text, "1234");
    equal((await p.do<Received>("receive", id, 4)).text, "5678");
    equal(await call, 0);
  }),
];
