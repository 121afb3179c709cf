/**
 * The transfer area: how arguments and structures enter and leave the kernel. Every function reads
 * or writes at the current task's area; the layouts are those of assembly/abi.
 */
import {
  IPC_KEEP_GID,
  IPC_KEEP_MODE,
  IPC_KEEP_QBYTES,
  IPC_KEEP_UID,
  IPC_PERM_CGID,
  IPC_PERM_CUID,
  IPC_PERM_GID,
  IPC_PERM_KEEP,
  IPC_PERM_KEY,
  IPC_PERM_MODE,
  IPC_PERM_SEQ,
  IPC_PERM_UID,
} from "../assembly/abi/ipc.ts";
import {
  MSGBUF_MTEXT,
  MSGBUF_MTYPE,
  MSGINFO_MSGMAP,
  MSGINFO_MSGMAX,
  MSGINFO_MSGMNB,
  MSGINFO_MSGMNI,
  MSGINFO_MSGPOOL,
  MSGINFO_MSGSEG,
  MSGINFO_MSGSSZ,
  MSGINFO_MSGTQL,
  MSQID_DS_CBYTES,
  MSQID_DS_CTIME,
  MSQID_DS_LRPID,
  MSQID_DS_LSPID,
  MSQID_DS_PERM,
  MSQID_DS_QBYTES,
  MSQID_DS_QNUM,
  MSQID_DS_RTIME,
  MSQID_DS_STIME,
} from "../assembly/abi/msg.ts";
import {
  SEMBUF_FLG,
  SEMBUF_NUM,
  SEMBUF_OP,
  SEMBUF_SIZE,
  SEMID_DS_CTIME,
  SEMID_DS_NSEMS,
  SEMID_DS_OTIME,
  SEMID_DS_PERM,
  SEMINFO_SEMAEM,
  SEMINFO_SEMMAP,
  SEMINFO_SEMMNI,
  SEMINFO_SEMMNS,
  SEMINFO_SEMMNU,
  SEMINFO_SEMMSL,
  SEMINFO_SEMOPM,
  SEMINFO_SEMUME,
  SEMINFO_SEMUSZ,
  SEMINFO_SEMVMX,
} from "../assembly/abi/sem.ts";
import {
  SHM_INFO_SHM_RSS,
  SHM_INFO_SHM_SWP,
  SHM_INFO_SHM_TOT,
  SHM_INFO_SWAP_ATTEMPTS,
  SHM_INFO_SWAP_SUCCESSES,
  SHM_INFO_USED_IDS,
  SHMID_DS_ATIME,
  SHMID_DS_CPID,
  SHMID_DS_CTIME,
  SHMID_DS_DTIME,
  SHMID_DS_LPID,
  SHMID_DS_NATTCH,
  SHMID_DS_PERM,
  SHMID_DS_SEGSZ,
  SHMINFO_SHMALL,
  SHMINFO_SHMMAX,
  SHMINFO_SHMMIN,
  SHMINFO_SHMMNI,
  SHMINFO_SHMSEG,
} from "../assembly/abi/shm.ts";
import type { SetUpdate } from "../host/arguments.ts";
import type {
  IpcPerm,
  Msginfo,
  MsqidDs,
  Sembuf,
  SemidDs,
  Seminfo,
  ShmInfo,
  ShmidDs,
  Shminfo,
} from "../host/contract.ts";
import type { Thread } from "./thread.ts";

function int(thread: Thread, offset: number): number {
  return thread.i32[(thread.transfer + offset) >> 2]!;
}

function unsigned(thread: Thread, offset: number): number {
  return thread.u32[(thread.transfer + offset) >> 2]!;
}

function setInt(thread: Thread, offset: number, value: number): void {
  thread.i32[(thread.transfer + offset) >> 2] = value;
}

/** time_t, 64 bits: seconds stay exact in a number. */
function time(thread: Thread, offset: number): number {
  return unsigned(thread, offset) + int(thread, offset + 4) * 2 ** 32;
}

/** How many sembufs the area holds: a longer array is E2BIG, and the kernel does not read it. */
function sembufRoom(thread: Thread): number {
  return Math.floor(thread.transferSize / SEMBUF_SIZE);
}

export function writeSembufs(thread: Thread, sops: readonly Sembuf[]): void {
  const { u16 } = thread;
  const count = Math.min(sops.length, sembufRoom(thread));
  let at = thread.transfer >> 1;
  for (let index = 0; index < count; index += 1) {
    const { sem_num, sem_op, sem_flg } = sops[index]!;
    u16[at + (SEMBUF_NUM >> 1)] = sem_num;
    u16[at + (SEMBUF_OP >> 1)] = sem_op;
    u16[at + (SEMBUF_FLG >> 1)] = sem_flg ?? 0;
    at += SEMBUF_SIZE >> 1;
  }
}

export function readInts(thread: Thread, count: number): number[] {
  const at = thread.transfer >> 2;
  return Array.from(thread.i32.subarray(at, at + count));
}

/** A private copy of `count` unsigned shorts. */
export function readShorts(thread: Thread, count: number): Uint16Array {
  const at = thread.transfer >> 1;
  return Uint16Array.from(thread.u16.subarray(at, at + count));
}

export function writeShorts(thread: Thread, values: Uint16Array, count: number): void {
  thread.u16.set(values.subarray(0, count), thread.transfer >> 1);
}

/** TypedArray.set is what copies quickest, from 16 bytes on: 18 ns for 64, a loop takes 160. */
export function writeMessage(thread: Thread, mtype: number, mtext: Uint8Array, size: number): void {
  setInt(thread, MSGBUF_MTYPE, mtype);
  const text = mtext.length === size ? mtext : mtext.subarray(0, size);
  thread.u8.set(text, thread.transfer + MSGBUF_MTEXT);
}

export function readMessageType(thread: Thread): number {
  return int(thread, MSGBUF_MTYPE);
}

export function readMessageText(thread: Thread, mtext: Uint8Array, size: number): void {
  mtext.set(thread.bytesAt(thread.transfer + MSGBUF_MTEXT, size));
}

function readPerm(thread: Thread, at: number): IpcPerm {
  return {
    key: int(thread, at + IPC_PERM_KEY),
    uid: int(thread, at + IPC_PERM_UID),
    gid: int(thread, at + IPC_PERM_GID),
    cuid: int(thread, at + IPC_PERM_CUID),
    cgid: int(thread, at + IPC_PERM_CGID),
    mode: int(thread, at + IPC_PERM_MODE),
    seq: int(thread, at + IPC_PERM_SEQ),
  };
}

/** IPC_SET's structure; what the caller left out is flagged, and the kernel keeps it. */
export function writeSet(thread: Thread, { uid, gid, mode, qbytes }: SetUpdate): void {
  let keep = 0;
  if (uid === undefined) keep |= IPC_KEEP_UID;
  if (gid === undefined) keep |= IPC_KEEP_GID;
  if (mode === undefined) keep |= IPC_KEEP_MODE;
  if (qbytes === undefined) keep |= IPC_KEEP_QBYTES;
  setInt(thread, IPC_PERM_UID, uid ?? 0);
  setInt(thread, IPC_PERM_GID, gid ?? 0);
  setInt(thread, IPC_PERM_MODE, mode ?? 0);
  setInt(thread, IPC_PERM_KEEP, keep);
  setInt(thread, MSQID_DS_QBYTES, qbytes ?? 0);
}

export function readSemidDs(thread: Thread): SemidDs {
  return {
    sem_perm: readPerm(thread, SEMID_DS_PERM),
    sem_otime: time(thread, SEMID_DS_OTIME),
    sem_ctime: time(thread, SEMID_DS_CTIME),
    sem_nsems: unsigned(thread, SEMID_DS_NSEMS),
  };
}

export function readSeminfo(thread: Thread): Seminfo {
  return {
    semmap: int(thread, SEMINFO_SEMMAP),
    semmni: int(thread, SEMINFO_SEMMNI),
    semmns: int(thread, SEMINFO_SEMMNS),
    semmnu: int(thread, SEMINFO_SEMMNU),
    semmsl: int(thread, SEMINFO_SEMMSL),
    semopm: int(thread, SEMINFO_SEMOPM),
    semume: int(thread, SEMINFO_SEMUME),
    semusz: int(thread, SEMINFO_SEMUSZ),
    semvmx: int(thread, SEMINFO_SEMVMX),
    semaem: int(thread, SEMINFO_SEMAEM),
  };
}

export function readShmidDs(thread: Thread): ShmidDs {
  return {
    shm_perm: readPerm(thread, SHMID_DS_PERM),
    shm_segsz: unsigned(thread, SHMID_DS_SEGSZ),
    shm_atime: time(thread, SHMID_DS_ATIME),
    shm_dtime: time(thread, SHMID_DS_DTIME),
    shm_ctime: time(thread, SHMID_DS_CTIME),
    shm_cpid: int(thread, SHMID_DS_CPID),
    shm_lpid: int(thread, SHMID_DS_LPID),
    shm_nattch: unsigned(thread, SHMID_DS_NATTCH),
  };
}

export function readShminfo(thread: Thread): Shminfo {
  return {
    shmmax: unsigned(thread, SHMINFO_SHMMAX),
    shmmin: unsigned(thread, SHMINFO_SHMMIN),
    shmmni: unsigned(thread, SHMINFO_SHMMNI),
    shmseg: unsigned(thread, SHMINFO_SHMSEG),
    shmall: unsigned(thread, SHMINFO_SHMALL),
  };
}

export function readShmInfo(thread: Thread): ShmInfo {
  return {
    used_ids: int(thread, SHM_INFO_USED_IDS),
    shm_tot: unsigned(thread, SHM_INFO_SHM_TOT),
    shm_rss: unsigned(thread, SHM_INFO_SHM_RSS),
    shm_swp: unsigned(thread, SHM_INFO_SHM_SWP),
    swap_attempts: unsigned(thread, SHM_INFO_SWAP_ATTEMPTS),
    swap_successes: unsigned(thread, SHM_INFO_SWAP_SUCCESSES),
  };
}

export function readMsqidDs(thread: Thread): MsqidDs {
  return {
    msg_perm: readPerm(thread, MSQID_DS_PERM),
    msg_stime: time(thread, MSQID_DS_STIME),
    msg_rtime: time(thread, MSQID_DS_RTIME),
    msg_ctime: time(thread, MSQID_DS_CTIME),
    msg_cbytes: unsigned(thread, MSQID_DS_CBYTES),
    msg_qnum: unsigned(thread, MSQID_DS_QNUM),
    msg_qbytes: unsigned(thread, MSQID_DS_QBYTES),
    msg_lspid: int(thread, MSQID_DS_LSPID),
    msg_lrpid: int(thread, MSQID_DS_LRPID),
  };
}

export function readMsginfo(thread: Thread): Msginfo {
  return {
    msgpool: int(thread, MSGINFO_MSGPOOL),
    msgmap: int(thread, MSGINFO_MSGMAP),
    msgmax: int(thread, MSGINFO_MSGMAX),
    msgmnb: int(thread, MSGINFO_MSGMNB),
    msgmni: int(thread, MSGINFO_MSGMNI),
    msgssz: int(thread, MSGINFO_MSGSSZ),
    msgtql: int(thread, MSGINFO_MSGTQL),
    msgseg: thread.u16[(thread.transfer + MSGINFO_MSGSEG) >> 1]!,
  };
}
