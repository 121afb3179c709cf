/** msgget(2), msgsnd(2), msgrcv(2), msgctl(2) of the running kernel. */
import { IPC_INFO, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT, MSG_STAT_ANY } from "../../assembly/abi/msg.ts";
import { buffer, int, intOr0, long, message, setUpdate } from "../arguments.ts";
import type { Msgbuf, MsgCalls } from "../contract.ts";
import { msginfo, msqidDs, putPerm, QBYTES, Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked, statAny } from "./table.ts";

/** long mtype stands before the text. */
const MTEXT = 8;

/** A checked msgsnd() or msgrcv(), as the C library takes it. */
export interface MsgRequest {
  msqid: number;
  msgp: Uint8Array<ArrayBuffer>;
  msgsz: number;
  msgtyp: number;
  msgflg: number;
}

export function msgsndRequest(
  msqid: unknown,
  msgp: unknown,
  msgsz: unknown,
  msgflg: unknown,
): MsgRequest {
  const id = int(msqid, "msgsnd", "msqid");
  const { mtype, mtext } = message(msgp, msgsz, "msgsnd");
  const size = long(msgsz, "msgsnd", "msgsz");
  const s = new Struct(MTEXT + Math.max(0, size));
  s.setLong(0, mtype);
  s.bytes.set(mtext.subarray(0, Math.max(0, size)), MTEXT);
  const flags = intOr0(msgflg, "msgsnd", "msgflg");
  return { msqid: id, msgp: s.bytes, msgsz: size, msgtyp: 0, msgflg: flags };
}

export function msgrcvRequest(
  msqid: unknown,
  msgp: unknown,
  msgsz: unknown,
  msgtyp: unknown,
  msgflg: unknown,
): MsgRequest {
  const id = int(msqid, "msgrcv", "msqid");
  buffer(msgp, msgsz, "msgrcv");
  const size = long(msgsz, "msgrcv", "msgsz");
  return {
    msqid: id,
    msgp: new Uint8Array(MTEXT + Math.max(0, size)),
    msgsz: size,
    msgtyp: msgtyp === undefined ? 0 : long(msgtyp, "msgrcv", "msgtyp"),
    msgflg: intOr0(msgflg, "msgrcv", "msgflg"),
  };
}

/** @returns 0 or a negated errno. */
export function makeMsgsnd(libc: Libc, { msqid, msgp, msgsz, msgflg }: MsgRequest): number {
  return libc.msgsnd(msqid, msgp, msgsz, msgflg);
}

/** @returns the text's length, or a negated errno; the message is in the request's `msgp`. */
export function makeMsgrcv(libc: Libc, request: MsgRequest): number {
  const { msqid, msgp, msgsz, msgtyp, msgflg } = request;
  return libc.msgrcv(msqid, msgp, msgsz, msgtyp, msgflg);
}

/** Gives the caller the message that a successful msgrcv() left in the request. */
export function deliver(received: Uint8Array<ArrayBuffer>, length: number, msgp: Msgbuf): number {
  const view = new DataView(received.buffer, received.byteOffset);
  msgp.mtype = Number(view.getBigInt64(0, true));
  msgp.mtext.set(received.subarray(MTEXT, MTEXT + length));
  return length;
}

export function msgCalls(libc: Libc): MsgCalls {
  const stat = (id: number, cmd: number, s: Struct) => libc.msgctl(id, cmd, s.bytes);

  function msgctl(msqid: number, cmd: number, buf?: unknown): unknown {
    const id = int(msqid, "msgctl", "msqid");
    const command = int(cmd, "msgctl", "cmd");
    if (command === IPC_SET) {
      const update = setUpdate(buf, "msg_perm", "msgctl");
      const s = statAny(id, "msgctl", MSG_STAT_ANY, stat);
      putPerm(s, update);
      if (update.qbytes !== undefined) s.setLong(QBYTES, update.qbytes);
      return checked(libc.msgctl(id, IPC_SET, s.bytes), "msgctl");
    }
    const s = new Struct();
    const result = checked(libc.msgctl(id, command, s.bytes), "msgctl");
    if (command === IPC_STAT) return msqidDs(s);
    if (command === MSG_STAT || command === MSG_STAT_ANY) return { ...msqidDs(s), id: result };
    if (command === IPC_INFO || command === MSG_INFO) return { ...msginfo(s), index: result };
    return result; // IPC_RMID
  }

  return {
    msgget(key, msgflg) {
      const args = [int(key, "msgget", "key"), int(msgflg, "msgget", "msgflg")] as const;
      return checked(libc.msgget(...args), "msgget");
    },
    msgsnd(msqid, msgp, msgsz, msgflg) {
      const request = msgsndRequest(msqid, msgp, msgsz, msgflg);
      return checked(makeMsgsnd(libc, request), "msgsnd") as 0;
    },
    msgrcv(msqid, msgp, msgsz, msgtyp, msgflg) {
      const request = msgrcvRequest(msqid, msgp, msgsz, msgtyp, msgflg);
      return deliver(request.msgp, checked(makeMsgrcv(libc, request), "msgrcv"), msgp);
    },
    msgctl: msgctl as MsgCalls["msgctl"],
  };
}
