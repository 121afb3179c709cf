/**
 * The structures of the 64-bit Linux system call interface (asm-generic/{ipc,shm,sem,msg}buf.h;
 * x86 differs in semid64_ds alone), little endian, as the objects of host/contract.ts and back.
 */
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
  Timespec,
} from "../contract.ts";

/** Larger than every structure here. */
const STRUCT_SIZE = 128;
/** struct ipc64_perm. */
const PERM_SIZE = 48;
const UID = 4;
const GID = 8;
const MODE = 20;
export const QBYTES = PERM_SIZE + 40;
/** x86-64 keeps a spare word after each time. */
const SEM_CTIME = PERM_SIZE + (process.arch === "x64" ? 16 : 8);
const SEM_NSEMS = PERM_SIZE + (process.arch === "x64" ? 32 : 16);

/** A zeroed structure and the view through which it is read. */
export class Struct {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(size = STRUCT_SIZE) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  i32(at: number): number {
    return this.#view.getInt32(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** long and time_t; limits such as SHMMAX come near 2^64 and are rounded. */
  long(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }

  ulong(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }

  setLong(at: number, value: number): void {
    this.#view.setBigInt64(at, BigInt(value), true);
  }
}

function perm(s: Struct): IpcPerm {
  return {
    key: s.i32(0),
    uid: s.u32(UID),
    gid: s.u32(GID),
    cuid: s.u32(12),
    cgid: s.u32(16),
    mode: s.u32(MODE),
    seq: s.u16(24),
  };
}

/** Overwrites what IPC_SET may change. */
export function putPerm(s: Struct, update: { uid?: number; gid?: number; mode?: number }): void {
  if (update.uid !== undefined) s.setU32(UID, update.uid);
  if (update.gid !== undefined) s.setU32(GID, update.gid);
  if (update.mode !== undefined) s.setU32(MODE, update.mode);
}

export function shmidDs(s: Struct): ShmidDs {
  return {
    shm_perm: perm(s),
    shm_segsz: s.ulong(48),
    shm_atime: s.long(56),
    shm_dtime: s.long(64),
    shm_ctime: s.long(72),
    shm_cpid: s.i32(80),
    shm_lpid: s.i32(84),
    shm_nattch: s.ulong(88),
  };
}

export function shminfo(s: Struct): Shminfo {
  return {
    shmmax: s.ulong(0),
    shmmin: s.ulong(8),
    shmmni: s.ulong(16),
    shmseg: s.ulong(24),
    shmall: s.ulong(32),
  };
}

export function shmInfo(s: Struct): ShmInfo {
  return {
    used_ids: s.i32(0),
    shm_tot: s.ulong(8),
    shm_rss: s.ulong(16),
    shm_swp: s.ulong(24),
    swap_attempts: s.ulong(32),
    swap_successes: s.ulong(40),
  };
}

export function semidDs(s: Struct): SemidDs {
  return {
    sem_perm: perm(s),
    sem_otime: s.long(PERM_SIZE),
    sem_ctime: s.long(SEM_CTIME),
    sem_nsems: s.ulong(SEM_NSEMS),
  };
}

export function seminfo(s: Struct): Seminfo {
  return {
    semmap: s.i32(0),
    semmni: s.i32(4),
    semmns: s.i32(8),
    semmnu: s.i32(12),
    semmsl: s.i32(16),
    semopm: s.i32(20),
    semume: s.i32(24),
    semusz: s.i32(28),
    semvmx: s.i32(32),
    semaem: s.i32(36),
  };
}

export function msqidDs(s: Struct): MsqidDs {
  return {
    msg_perm: perm(s),
    msg_stime: s.long(48),
    msg_rtime: s.long(56),
    msg_ctime: s.long(64),
    msg_cbytes: s.ulong(72),
    msg_qnum: s.ulong(80),
    msg_qbytes: s.ulong(QBYTES),
    msg_lspid: s.i32(96),
    msg_lrpid: s.i32(100),
  };
}

export function msginfo(s: Struct): Msginfo {
  return {
    msgpool: s.i32(0),
    msgmap: s.i32(4),
    msgmax: s.i32(8),
    msgmnb: s.i32(12),
    msgmni: s.i32(16),
    msgssz: s.i32(20),
    msgtql: s.i32(24),
    msgseg: s.u16(28),
  };
}

/** struct sembuf[]. */
export function sembufBytes(sops: readonly Sembuf[]): Uint8Array<ArrayBuffer> {
  const words = new Uint16Array(sops.length * 3);
  let at = 0;
  for (const { sem_num, sem_op, sem_flg } of sops) {
    words[at++] = sem_num;
    words[at++] = sem_op;
    words[at++] = sem_flg ?? 0;
  }
  return new Uint8Array(words.buffer);
}

/** struct timespec. */
export function timespecBytes({ tv_sec, tv_nsec }: Timespec): Uint8Array<ArrayBuffer> {
  const s = new Struct(16);
  s.setLong(0, tv_sec);
  s.setLong(8, tv_nsec);
  return s.bytes;
}
