/**
 * Interfaces only. `Syscalls` is the C-shaped face of a Unix kernel: POSIX and Linux names and
 * argument order, numbers or plain objects as results, `SystemError` for a failure. Our kernel
 * (runtime/syscalls) and the running Linux kernel (host/linux) both implement it, so the contract
 * tests run on both. Calls on descriptors are in contract-files.ts and contract-poll.ts, signals in contract-signal.ts. `Host` is what
 * a platform gives to the runtime.
 */
import type { AsyncFileCalls, FileCalls } from "./contract-files.ts";
import type { AsyncFsCalls, FsCalls } from "./contract-fs.ts";

import type { AsyncMutexCalls, MutexCalls } from "./contract-mutex.ts";
import type { AsyncSignalCalls, SignalCalls } from "./contract-signal.ts";

export type { AsyncMutexCalls, Locked, MutexCalls, RobustMutex } from "./contract-mutex.ts";

/** struct ipc_perm. `key` and `seq` are C's `__key` and `__seq`. */
export interface IpcPerm {
  key: number;
  uid: number;
  gid: number;
  cuid: number;
  cgid: number;
  mode: number;
  seq: number;
}

/** What IPC_SET may change of an ipc_perm; a field left out keeps its value. */
export interface IpcPermUpdate {
  uid?: number;
  gid?: number;
  mode?: number;
}

/** struct sembuf; `sem_flg` is 0 when left out. */
export interface Sembuf {
  sem_num: number;
  sem_op: number;
  sem_flg?: number;
}

/** struct timespec, relative; pthread_mutex_timedlock() alone takes the time of day. */
export interface Timespec {
  tv_sec: number;
  tv_nsec: number;
}

/** struct semid_ds; times in seconds since the Epoch. */
export interface SemidDs {
  sem_perm: IpcPerm;
  sem_otime: number;
  sem_ctime: number;
  sem_nsems: number;
}

/** struct seminfo. */
export interface Seminfo {
  semmap: number;
  semmni: number;
  semmns: number;
  semmnu: number;
  semmsl: number;
  semopm: number;
  semume: number;
  semusz: number;
  semvmx: number;
  semaem: number;
}

/** struct shmid_ds; sizes in bytes, times in seconds since the Epoch. */
export interface ShmidDs {
  shm_perm: IpcPerm;
  shm_segsz: number;
  shm_atime: number;
  shm_dtime: number;
  shm_ctime: number;
  shm_cpid: number;
  shm_lpid: number;
  shm_nattch: number;
}

/** struct shminfo; shmmax in bytes, shmall in pages. */
export interface Shminfo {
  shmmax: number;
  shmmin: number;
  shmmni: number;
  shmseg: number;
  shmall: number;
}

/** struct shm_info; totals in pages. */
export interface ShmInfo {
  used_ids: number;
  shm_tot: number;
  shm_rss: number;
  shm_swp: number;
  swap_attempts: number;
  swap_successes: number;
}

/** struct msqid_ds; sizes in bytes, times in seconds since the Epoch. */
export interface MsqidDs {
  msg_perm: IpcPerm;
  msg_stime: number;
  msg_rtime: number;
  msg_ctime: number;
  msg_cbytes: number;
  msg_qnum: number;
  msg_qbytes: number;
  msg_lspid: number;
  msg_lrpid: number;
}

/** struct msginfo. */
export interface Msginfo {
  msgpool: number;
  msgmap: number;
  msgmax: number;
  msgmnb: number;
  msgmni: number;
  msgssz: number;
  msgtql: number;
  msgseg: number;
}

/** struct msgbuf: a positive type and the text; msgrcv() sets `mtype` and fills `mtext`. */
export interface Msgbuf {
  mtype: number;
  mtext: Uint8Array;
}

/** The *_STAT commands take an index in the kernel's table and return the id with the structure. */
export type Indexed<T> = T & { id: number };
/** The *_INFO commands return the highest used index in the kernel's table with the structure. */
export type WithIndex<T> = T & { index: number };

/** A segment in the address space of the calling process, from shmat(). */
export interface Attachment {
  /** The address, which shmdt() takes. */
  readonly addr: number;
  /** Bytes, as shmget() was asked for. */
  readonly size: number;
  readonly shmid: number;
  /** The segment itself, without a copy. @throws {SystemError} EINVAL after shmdt(). */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** Options of every asynchronous call. */
export interface CallOptions {
  /** Aborting cancels the wait and rejects with the signal's reason, unless the call has finished. */
  signal?: AbortSignal;
}

/** System V shared memory: shmget(2), shmop(2), shmctl(2). */
export interface ShmCalls {
  shmget(key: number, size: number, shmflg: number): number;
  shmat(shmid: number, shmaddr?: number | null, shmflg?: number): Attachment;
  shmdt(shmaddr: number | Attachment): 0;
  shmctl(shmid: number, cmd: 0 | 11 | 12): 0; // IPC_RMID, SHM_LOCK, SHM_UNLOCK
  shmctl(shmid: number, cmd: 1, buf: { shm_perm: IpcPermUpdate }): 0; // IPC_SET
  shmctl(shmid: number, cmd: 2): ShmidDs; // IPC_STAT
  shmctl(shmid: number, cmd: 3): WithIndex<Shminfo>; // IPC_INFO
  shmctl(index: number, cmd: 13 | 15): Indexed<ShmidDs>; // SHM_STAT, SHM_STAT_ANY
  shmctl(shmid: number, cmd: 14): WithIndex<ShmInfo>; // SHM_INFO
  shmctl(shmid: number, cmd: number, buf?: unknown): unknown;
}

/** System V semaphores: semget(2), semop(2), semctl(2). */
export interface SemCalls {
  semget(key: number, nsems: number, semflg: number): number;
  semop(semid: number, sops: readonly Sembuf[]): 0;
  semtimedop(semid: number, sops: readonly Sembuf[], timeout?: Timespec | null): 0;
  semctl(semid: number, semnum: number, cmd: 11 | 12 | 14 | 15): number; // GETPID GETVAL GETNCNT GETZCNT
  semctl(semid: number, semnum: number, cmd: 13): Uint16Array; // GETALL
  semctl(semid: number, semnum: number, cmd: 16, val: number): 0; // SETVAL
  semctl(semid: number, semnum: number, cmd: 17, array: ArrayLike<number>): 0; // SETALL
  semctl(semid: number, semnum: number, cmd: 0): 0; // IPC_RMID
  semctl(semid: number, semnum: number, cmd: 1, buf: { sem_perm: IpcPermUpdate }): 0; // IPC_SET
  semctl(semid: number, semnum: number, cmd: 2): SemidDs; // IPC_STAT
  semctl(semid: number, semnum: number, cmd: 3 | 19): WithIndex<Seminfo>; // IPC_INFO, SEM_INFO
  semctl(index: number, semnum: number, cmd: 18 | 20): Indexed<SemidDs>; // SEM_STAT, SEM_STAT_ANY
  semctl(semid: number, semnum: number, cmd: number, arg?: unknown): unknown;
}

/** System V message queues: msgget(2), msgop(2), msgctl(2). */
export interface MsgCalls {
  msgget(key: number, msgflg: number): number;
  msgsnd(msqid: number, msgp: Readonly<Msgbuf>, msgsz: number, msgflg?: number): 0;
  msgrcv(msqid: number, msgp: Msgbuf, msgsz: number, msgtyp?: number, msgflg?: number): number;
  msgctl(msqid: number, cmd: 0): 0; // IPC_RMID
  msgctl(msqid: number, cmd: 1, buf: { msg_perm?: IpcPermUpdate; msg_qbytes?: number }): 0; // IPC_SET
  msgctl(msqid: number, cmd: 2): MsqidDs; // IPC_STAT
  msgctl(msqid: number, cmd: 3 | 12): WithIndex<Msginfo>; // IPC_INFO, MSG_INFO
  msgctl(index: number, cmd: 11 | 13): Indexed<MsqidDs>; // MSG_STAT, MSG_STAT_ANY
  msgctl(msqid: number, cmd: number, buf?: unknown): unknown;
}

/** Credentials, groups and children: getpid(2), getuid(2), setpgid(2), waitpid(2). */
export interface ProcessCalls {
  getpid(): number;
  getppid(): number;
  getuid(): number;
  geteuid(): number;
  getgid(): number;
  getegid(): number;
  getgroups(): number[];
  /** The process group of a process, 0 for the caller. ESRCH: there is none of that pid. */
  getpgid(pid: number): number;
  /** The caller's own. */
  getpgrp(): number;
  /** The session of a process, 0 for the caller. ESRCH: there is none of that pid. */
  getsid(pid: number): number;
  /** Moves the caller (0) to another group of its session, or to a new one of its own pid (0). */
  setpgid(pid: number, pgid: number): 0;
  /** Makes the caller the leader of a new session and of a new group. @returns their number */
  setsid(): number;
  /** Waits for a child: -1 any, > 0 that one. `pid` is 0 with WNOHANG when none has ended. */
  waitpid(pid: number, options?: number): { pid: number; status: number };
}

/** The asynchronous twins: the same arguments, then options; a Promise of the same result. */
export interface AsyncSyscalls
  extends AsyncMutexCalls,
    AsyncSignalCalls,
    AsyncFileCalls,
    AsyncFsCalls {
  semop(semid: number, sops: readonly Sembuf[], options?: CallOptions): Promise<0>;
  semtimedop(
    semid: number,
    sops: readonly Sembuf[],
    timeout?: Timespec | null,
    options?: CallOptions,
  ): Promise<0>;
  msgsnd(
    msqid: number,
    msgp: Readonly<Msgbuf>,
    msgsz: number,
    msgflg?: number,
    options?: CallOptions,
  ): Promise<0>;
  msgrcv(
    msqid: number,
    msgp: Msgbuf,
    msgsz: number,
    msgtyp?: number,
    msgflg?: number,
    options?: CallOptions,
  ): Promise<number>;
  waitpid(
    pid: number,
    options?: number,
    callOptions?: CallOptions,
  ): Promise<{ pid: number; status: number }>;
}

/** Every system call. A call that must wait blocks the thread; `async` holds the twins. */
export interface Syscalls
  extends ShmCalls,
    SemCalls,
    MsgCalls,
    MutexCalls,
    ProcessCalls,
    SignalCalls,
    FileCalls,
    FsCalls {
  readonly async: AsyncSyscalls;
  /** ftok(3): st_ino and st_dev of an existing file and the low 8 bits of `projId`. */
  ftok(path: string, projId: number): number;
}
