/** sys/msg.h: flags, commands and structures of message queues, see msgop(2) and msgctl(2). */
import { IPC_PERM_SIZE } from "./ipc.ts";

export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;
export const MSG_COPY = 0o40000;

export const MSG_STAT = 11;
export const MSG_INFO = 12;
export const MSG_STAT_ANY = 13;

/** struct msqid_ds, 88 bytes. */
export const MSQID_DS_PERM = 0;
export const MSQID_DS_STIME = IPC_PERM_SIZE; // time_t
export const MSQID_DS_RTIME = IPC_PERM_SIZE + 8; // time_t
export const MSQID_DS_CTIME = IPC_PERM_SIZE + 16; // time_t
export const MSQID_DS_CBYTES = IPC_PERM_SIZE + 24; // unsigned long
export const MSQID_DS_QNUM = IPC_PERM_SIZE + 28; // msgqnum_t
export const MSQID_DS_QBYTES = IPC_PERM_SIZE + 32; // msglen_t
export const MSQID_DS_LSPID = IPC_PERM_SIZE + 36; // pid_t
export const MSQID_DS_LRPID = IPC_PERM_SIZE + 40; // pid_t
export const MSQID_DS_SIZE = IPC_PERM_SIZE + 48;

/** struct msginfo: seven ints and an unsigned short. */
export const MSGINFO_MSGPOOL = 0;
export const MSGINFO_MSGMAP = 4;
export const MSGINFO_MSGMAX = 8;
export const MSGINFO_MSGMNB = 12;
export const MSGINFO_MSGMNI = 16;
export const MSGINFO_MSGSSZ = 20;
export const MSGINFO_MSGTQL = 24;
export const MSGINFO_MSGSEG = 28; // unsigned short
export const MSGINFO_SIZE = 32;

/** A message in the transfer area: its type, then its text. */
export const MSGBUF_MTYPE = 0; // long (i32)
export const MSGBUF_MTEXT = 8; // msgsz bytes, 8-aligned so that a copy from JavaScript is fast
