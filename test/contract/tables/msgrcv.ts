/** msgrcv(2): its errors, and which message it takes. */
import { IPC_NOWAIT, IPC_RMID } from "../../../assembly/abi/ipc.ts";
import { MSG_COPY, MSG_EXCEPT, MSG_NOERROR } from "../../../assembly/abi/msg.ts";
import { equal, fails, isNow, matches } from "../check.ts";
import { msgStat, queue, type Received, segment } from "../objects.ts";
import { ALICE, BOB, type Proc, type Row, row } from "../row.ts";

/** A queue with messages whose texts are "a", "b", ... in the order of their types. */
async function filled(p: Proc, ...types: number[]): Promise<number> {
  const id = await queue(p);
  for (const [index, mtype] of types.entries()) {
    await p.do("send", id, mtype, String.fromCharCode(97 + index));
  }
  return id;
}

/** The texts in the order in which calls with this type and these flags give them, until none is left. */
async function drain(p: Proc, id: number, msgtyp: number, flags = 0): Promise<string> {
  let texts = "";
  for (;;) {
    const call = p.do<Received>("receive", id, 10, msgtyp, flags | IPC_NOWAIT);
    const message = await call.catch((error: { code?: string }) => {
      if (error.code !== "ENOMSG") throw error;
      return undefined;
    });
    if (message === undefined) return texts;
    texts += message.text;
  }
}

const COPY = MSG_COPY | IPC_NOWAIT;

export const msgrcv: readonly Row[] = [
  row("msgrcv() returns E2BIG for a text longer than msgsz, and leaves it", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await p.do("send", id, 1, "hello");
    await fails("E2BIG", p.do("receive", id, 4));
    await fails("E2BIG", p.do("receive", id, 0, 0, IPC_NOWAIT));
    matches(await msgStat(p, id), { msg_qnum: 1, msg_lrpid: 0, msg_rtime: 0 });
    equal((await p.do<Received>("receive", id, 5)).text, "hello");
  }),
  row("msgrcv() returns EACCES without read permission", async ({ proc }) => {
    const [owner, other] = [await proc(ALICE), await proc(BOB)];
    await fails("EACCES", other.do("receive", await queue(owner, 0o622), 1));
  }),
  row("msgrcv() returns EFAULT when the buffer is shorter than msgsz", async ({ proc }) => {
    const p = await proc();
    const id = await filled(p, 1);
    await fails("EFAULT", p.do("msgrcv", id, { mtype: 0, mtext: new Uint8Array(3) }, 4));
    equal((await msgStat(p, id)).msg_qnum, 1, "msg_qnum");
  }),
  row("msgrcv() returns EINVAL for an id that never existed, is stale or negative", async (w) => {
    const p = await w.proc();
    const stale = await queue(p);
    await p.do("msgctl", stale, IPC_RMID);
    await queue(p);
    for (const id of [stale, 99999, -1]) {
      await fails("EINVAL", p.do("receive", id, 1, 0, IPC_NOWAIT));
    }
  }),
  row("msgrcv() returns EINVAL for the id of another kind of object", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("receive", await segment(p), 1, 0, IPC_NOWAIT));
  }),
  row("msgrcv() returns EINVAL for a negative size", async ({ proc }) => {
    const p = await proc();
    const buffer = { mtype: 0, mtext: new Uint8Array(8) };
    await fails("EINVAL", p.do("msgrcv", await filled(p, 1), buffer, -1));
  }),
  row("msgrcv() returns EINVAL for MSG_COPY without IPC_NOWAIT", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("receive", await filled(p, 1), 10, 0, MSG_COPY));
  }),
  row("msgrcv() returns EINVAL for MSG_COPY with MSG_EXCEPT", async ({ proc }) => {
    const p = await proc();
    await fails("EINVAL", p.do("receive", await filled(p, 1), 10, 0, COPY | MSG_EXCEPT));
  }),
  row(
    "msgrcv() returns EINVAL for MSG_COPY with MSG_NOERROR of a longer text",
    async ({ proc }) => {
      const p = await proc();
      const id = await queue(p);
      await p.do("send", id, 1, "hello");
      await fails("EINVAL", p.do("receive", id, 2, 0, COPY | MSG_NOERROR));
      await fails("E2BIG", p.do("receive", id, 2, 0, COPY));
    },
  ),
  row("msgrcv() returns ENOMSG with IPC_NOWAIT when no message fits", async ({ proc }) => {
    const p = await proc();
    const id = await filled(p, 5, 6);
    await fails("ENOMSG", p.do("receive", id, 10, 4, IPC_NOWAIT));
    await fails("ENOMSG", p.do("receive", id, 10, -4, IPC_NOWAIT));
    await fails("ENOMSG", p.do("receive", await queue(p), 10, 0, IPC_NOWAIT));
    const fives = await filled(p, 5, 5);
    await fails("ENOMSG", p.do("receive", fives, 10, 5, IPC_NOWAIT | MSG_EXCEPT));
  }),
  row(
    "msgrcv() returns ENOMSG for MSG_COPY of a position that has no message",
    async ({ proc }) => {
      const p = await proc();
      const id = await filled(p, 1, 2);
      await fails("ENOMSG", p.do("receive", id, 10, 2, COPY));
      await fails("ENOMSG", p.do("receive", await queue(p), 10, 0, COPY));
    },
  ),
  row("msgrcv() takes the first message for type 0", async ({ proc }) => {
    const p = await proc();
    const id = await filled(p, 3, 1, 2);
    equal(await p.do("receive", id, 10), { mtype: 3, text: "a", length: 1 });
    equal(await drain(p, id, 0), "bc");
  }),
  row("msgrcv() takes the first message of a positive type", async ({ proc }) => {
    const p = await proc();
    const id = await filled(p, 3, 1, 2, 1);
    equal(await p.do("receive", id, 10, 1), { mtype: 1, text: "b", length: 1 });
    equal(await drain(p, id, 1), "d");
    equal(await drain(p, id, 0), "ac");
  }),
  row(
    "msgrcv() takes the lowest type up to a negative one's value, first in first out",
    async (w) => {
      const p = await w.proc();
      const id = await filled(p, 3, 5, 1, 3, 4, 1);
      equal(await drain(p, id, -3), "cfad");
      equal(await drain(p, id, -4), "e");
      equal(await drain(p, id, -0x7fffffff), "b");
    },
  ),
  row("msgrcv() with MSG_EXCEPT takes the first of another type", async ({ proc }) => {
    const p = await proc();
    const id = await filled(p, 1, 2, 1, 3);
    equal(await drain(p, id, 1, MSG_EXCEPT), "bd");
    equal(await drain(p, id, 0), "ac");
  }),
  row("msgrcv() ignores MSG_EXCEPT with type 0 and with a negative type", async ({ proc }) => {
    const p = await proc();
    equal(await drain(p, await filled(p, 2, 1), 0, MSG_EXCEPT), "ab");
    equal(await drain(p, await filled(p, 2, 1, 9), -2, MSG_EXCEPT), "ba");
  }),
  row("msgrcv() with MSG_NOERROR cuts a text that is too long and drops the rest", async (w) => {
    const p = await w.proc();
    const id = await queue(p);
    await p.do("send", id, 7, "hello");
    equal(await p.do("receive", id, 3, 0, MSG_NOERROR), { mtype: 7, text: "hel", length: 3 });
    matches(await msgStat(p, id), { msg_qnum: 0, msg_cbytes: 0 });
    await p.do("send", id, 7, "hello");
    equal(await p.do("receive", id, 0, 0, MSG_NOERROR), { mtype: 7, text: "", length: 0 });
  }),
  row("msgrcv() with MSG_COPY gives a copy of the message at a position", async ({ proc }) => {
    const p = await proc();
    const id = await filled(p, 9, 8, 7);
    for (const [position, text] of ["a", "b", "c"].entries()) {
      const copy = await p.do<Received>("receive", id, 10, position, COPY);
      matches(copy, { text, mtype: 9 - position });
    }
    matches(await msgStat(p, id), { msg_qnum: 3, msg_cbytes: 3, msg_lrpid: 0, msg_rtime: 0 });
    equal(await drain(p, id, 0), "abc");
  }),
  row("msgrcv() notes time and pid, and counts messages and bytes", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await filled(p, 1, 2);
    await q.do("receive", id, 10);
    const ds = await msgStat(p, id);
    matches(ds, { msg_qnum: 1, msg_cbytes: 1, msg_lrpid: q.pid, msg_lspid: p.pid });
    isNow(ds.msg_rtime, "msg_rtime");
  }),
  row("msgrcv() leaves the rest of the buffer alone", async ({ proc }) => {
    const p = await proc();
    const id = await queue(p);
    await p.do("send", id, 1, "ab");
    equal(await p.do("receive", id, 100), { mtype: 1, text: "ab", length: 2 });
  }),
  row("msgrcv() takes a long message of many parts unchanged", async ({ proc }) => {
    const [p, q] = [await proc(), await proc()];
    const id = await queue(p);
    const text = Array.from({ length: 8192 }, (_, index) => String(index % 10)).join("");
    await p.do("send", id, 1, text);
    equal(await q.do("receive", id, 8192), { mtype: 1, text, length: 8192 });
  }),
];
