/** The kernel's records of a snapshot as objects, one table at a time; their layout is abi/snapshot.ts. */

import { F_WRLCK, O_ACCMODE, O_RDONLY, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import * as abi from "../../assembly/abi/snapshot.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG } from "../../assembly/abi/stat.ts";
import type { Thread } from "../thread.ts";
import type {
  DescriptorSnapshot,
  FileLock,
  PollEntrySnapshot,
  ProcessSnapshot,
  WaitReason,
  WaitSnapshot,
} from "./types.ts";

/** A record in the caller's transfer area. */
class Fields {
  readonly #thread: Thread;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  int(offset: number): number {
    return this.#thread.i32[(this.#thread.transfer + offset) >> 2]!;
  }

  double(offset: number): number {
    return new Float64Array(this.#thread.buffer, this.#thread.transfer + offset, 1)[0]!;
  }

  /** Bytes as text, up to a NUL if there is one; a copy, because TextDecoder takes no shared memory in a page. */
  texts(offset: number, size: number): string[] {
    const at = this.#thread.transfer + offset;
    const text = new TextDecoder().decode(this.#thread.u8.slice(at, at + size));
    return text.split("\0");
  }
}

/** Reads every record of a table. */
function read<T>(thread: Thread, table: number, take: (fields: Fields, slot: number) => T): T[] {
  const found: T[] = [];
  const fields = new Fields(thread);
  let next = thread.kernel.snapshot_next(table, 0);
  while (next > 0) {
    found.push(take(fields, next - 1));
    next = thread.kernel.snapshot_next(table, next);
  }
  return found;
}

/** A process without what other tables say of it; `cwd` is the number of an inode. */
export interface ProcessRecord
  extends Omit<ProcessSnapshot, "state" | "cwd" | "waits" | "descriptors"> {
  readonly state: number;
  readonly cwd: number;
}

export function readProcesses(thread: Thread): ProcessRecord[] {
  return read(thread, abi.SNAPSHOT_PROCESSES, (record) => {
    const size = record.int(abi.SNAPSHOT_PROC_ARGS_SIZE);
    return {
      pid: record.int(abi.SNAPSHOT_PROC_PID),
      ppid: record.int(abi.SNAPSHOT_PROC_PPID),
      pgid: record.int(abi.SNAPSHOT_PROC_PGID),
      sid: record.int(abi.SNAPSHOT_PROC_SID),
      uid: record.int(abi.SNAPSHOT_PROC_UID),
      euid: record.int(abi.SNAPSHOT_PROC_EUID),
      gid: record.int(abi.SNAPSHOT_PROC_GID),
      egid: record.int(abi.SNAPSHOT_PROC_EGID),
      state: record.int(abi.SNAPSHOT_PROC_STATE),
      command: record.texts(abi.SNAPSHOT_PROC_NAME, abi.TITLE_NAME)[0]!,
      args: size === 0 ? [] : record.texts(abi.SNAPSHOT_PROC_ARGS, size),
      started: record.double(abi.SNAPSHOT_PROC_STARTED),
      cwd: record.int(abi.SNAPSHOT_PROC_CWD),
      alarm: record.int(abi.SNAPSHOT_PROC_ALARM) !== 0,
    };
  });
}

/** A wait with its process, and what another look at it must find again. */
export interface WaitRecord {
  readonly pid: number;
  readonly slot: number;
  readonly turn: number;
  readonly wait: WaitSnapshot;
  /** Of a mutex. */
  readonly owner: number;
  readonly shmid: number;
  readonly offset: number;
}

export function readWaits(thread: Thread): WaitRecord[] {
  return read(thread, abi.SNAPSHOT_WAITS, (record, slot) => {
    const turn = record.int(abi.SNAPSHOT_WAIT_TURN);
    const blocks = record.int(abi.SNAPSHOT_WAIT_BLOCKS) !== 0;
    return {
      pid: record.int(abi.SNAPSHOT_WAIT_PID),
      slot,
      turn,
      wait: { ...reason(record), blocks, forever: (turn & 1) !== 0 },
      owner: record.int(abi.SNAPSHOT_WAIT_B),
      shmid: record.int(abi.SNAPSHOT_WAIT_C),
      offset: record.int(abi.SNAPSHOT_WAIT_D),
    };
  });
}

function reason(record: Fields): WaitReason {
  const [a, b, c] = [abi.SNAPSHOT_WAIT_A, abi.SNAPSHOT_WAIT_B, abi.SNAPSHOT_WAIT_C].map((at) =>
    record.int(at),
  ) as [number, number, number];
  switch (record.int(abi.SNAPSHOT_WAIT_CALL)) {
    case abi.SNAPSHOT_CALL_SEMOP:
      return { call: "semop", semid: a, sem_num: b, sem_op: c };
    case abi.SNAPSHOT_CALL_MSGSND:
      return { call: "msgsnd", msqid: a };
    case abi.SNAPSHOT_CALL_MSGRCV:
      return { call: "msgrcv", msqid: a, msgtyp: b };
    case abi.SNAPSHOT_CALL_WAITPID:
      return { call: "waitpid", pid: a };
    case abi.SNAPSHOT_CALL_MUTEX:
      return { call: "pthread_mutex_lock", mutex: a };
    case abi.SNAPSHOT_CALL_READ:
      return { call: "read", pipe: a };
    case abi.SNAPSHOT_CALL_WRITE:
      return { call: "write", pipe: a };
    case abi.SNAPSHOT_CALL_POLL:
      return { call: "poll", entries: entries(record) };
    case abi.SNAPSHOT_CALL_EPOLL:
      return { call: "epoll_wait", entries: entries(record) };
    case abi.SNAPSHOT_CALL_OPEN:
      return { call: "open", ino: a, until: b === 1 ? "writer" : "reader" };
    case abi.SNAPSHOT_CALL_FCNTL:
      return { call: "fcntl", lock: request(record) };
    case abi.SNAPSHOT_CALL_FLOCK:
      return { call: "flock", lock: request(record) };
    case abi.SNAPSHOT_CALL_VOLUME:
      return { call: "volume" };
    default:
      return { call: "other" };
  }
}

function entries(record: Fields): PollEntrySnapshot[] {
  return Array.from({ length: record.int(abi.SNAPSHOT_WAIT_COUNT) }, (_, index) => {
    const at = abi.SNAPSHOT_WAIT_ENTRIES + index * abi.SNAPSHOT_ENTRY_SIZE;
    return { fd: record.int(at), events: record.int(at + 4), description: record.int(at + 8) };
  });
}

const KINDS: Readonly<Record<number, FileLock["kind"]>> = {
  [abi.SNAPSHOT_LOCK_PROC]: "process",
  [abi.SNAPSHOT_LOCK_OFD]: "description",
  [abi.SNAPSHOT_LOCK_FLOCK]: "flock",
};

/** Past this no byte can be told: as the kernel has it, 2^63 - 1, which a number rounds up. */
const LAST_BYTE = 2 ** 63;

function fileLock(
  file: number,
  owner: number,
  type: number,
  kind: number,
  [start, end]: [number, number],
): FileLock {
  return {
    file,
    type: type === F_WRLCK ? "write" : "read",
    kind: KINDS[kind]!,
    owner,
    start,
    end: end >= LAST_BYTE ? null : end,
  };
}

function request(record: Fields): FileLock {
  return fileLock(
    record.int(abi.SNAPSHOT_WAIT_A),
    record.int(abi.SNAPSHOT_WAIT_B),
    record.int(abi.SNAPSHOT_WAIT_C),
    record.int(abi.SNAPSHOT_WAIT_D),
    [record.double(abi.SNAPSHOT_WAIT_START), record.double(abi.SNAPSHOT_WAIT_END)],
  );
}

/** A lock with the number of its inode, 0 for none. */
export interface LockRecord {
  readonly lock: FileLock;
  readonly inode: number;
}

export function readLocks(thread: Thread): LockRecord[] {
  return read(thread, abi.SNAPSHOT_LOCKS, (record) => ({
    lock: fileLock(
      record.int(abi.SNAPSHOT_LOCK_FILE),
      record.int(abi.SNAPSHOT_LOCK_OWNER),
      record.int(abi.SNAPSHOT_LOCK_TYPE),
      record.int(abi.SNAPSHOT_LOCK_KIND),
      [record.double(abi.SNAPSHOT_LOCK_START), record.double(abi.SNAPSHOT_LOCK_END)],
    ),
    inode: record.int(abi.SNAPSHOT_LOCK_INODE),
  }));
}

/** A descriptor with its process; `path` is still the number of an inode, 0 for none. */
export interface DescriptorRecord {
  readonly pid: number;
  readonly inode: number;
  readonly descriptor: Omit<DescriptorSnapshot, "path">;
}

export function readDescriptors(thread: Thread): DescriptorRecord[] {
  return read(thread, abi.SNAPSHOT_DESCRIPTORS, (record) => {
    const kind = record.int(abi.SNAPSHOT_FD_KIND);
    const isNamed = record.int(abi.SNAPSHOT_FD_INO) !== 0;
    const access = record.int(abi.SNAPSHOT_FD_STATUS) & O_ACCMODE;
    const pipe = record.int(abi.SNAPSHOT_FD_PIPE);
    return {
      pid: record.int(abi.SNAPSHOT_FD_PID),
      inode: record.int(abi.SNAPSHOT_FD_INODE),
      descriptor: {
        fd: record.int(abi.SNAPSHOT_FD_NUMBER),
        closeOnExec: record.int(abi.SNAPSHOT_FD_FLAGS) !== 0,
        description: record.int(abi.SNAPSHOT_FD_FILE),
        references: record.int(abi.SNAPSHOT_FD_REFS),
        type: typeOf(kind, record.int(abi.SNAPSHOT_FD_MODE)),
        access: access === O_RDONLY ? "r" : access === O_WRONLY ? "w" : "rw",
        offset: record.double(abi.SNAPSHOT_FD_OFFSET),
        pipe: pipe === 0 ? null : pipe,
        ino: isNamed ? record.int(abi.SNAPSHOT_FD_INO) : null,
        dev: isNamed ? record.int(abi.SNAPSHOT_FD_DEV) : null,
        stream: kind === abi.SNAPSHOT_FILE_HOST ? record.int(abi.SNAPSHOT_FD_STREAM) : null,
      },
    };
  });
}

const TYPES: Readonly<Record<number, DescriptorSnapshot["type"]>> = {
  [S_IFREG]: "file",
  [S_IFDIR]: "directory",
  [S_IFCHR]: "device",
  [S_IFBLK]: "device",
  [S_IFIFO]: "FIFO",
};

function typeOf(kind: number, mode: number): DescriptorSnapshot["type"] {
  if (kind === abi.SNAPSHOT_FILE_HOST) return "host";
  if (kind === abi.SNAPSHOT_FILE_EPOLL) return "epoll";
  if (kind === abi.SNAPSHOT_FILE_PIPE && mode === 0) return "pipe";
  return TYPES[mode & S_IFMT] ?? "other";
}

export interface PipeRecord {
  readonly pipe: number;
  readonly fill: number;
  readonly size: number;
  readonly readEnds: number;
  readonly writeEnds: number;
}

export function readPipes(thread: Thread): PipeRecord[] {
  return read(thread, abi.SNAPSHOT_PIPES, (record) => ({
    pipe: record.int(abi.SNAPSHOT_PIPE_ID),
    fill: record.int(abi.SNAPSHOT_PIPE_FILL),
    size: record.int(abi.SNAPSHOT_PIPE_SIZE),
    readEnds: record.int(abi.SNAPSHOT_PIPE_READERS),
    writeEnds: record.int(abi.SNAPSHOT_PIPE_WRITERS),
  }));
}

export interface AdjustmentRecord {
  readonly pid: number;
  readonly semid: number;
  readonly num: number;
  readonly value: number;
}

export function readAdjustments(thread: Thread): AdjustmentRecord[] {
  return read(thread, abi.SNAPSHOT_ADJUSTMENTS, (record) => ({
    pid: record.int(abi.SNAPSHOT_ADJ_PID),
    semid: record.int(abi.SNAPSHOT_ADJ_SEMID),
    num: record.int(abi.SNAPSHOT_ADJ_NUM),
    value: record.int(abi.SNAPSHOT_ADJ_VALUE),
  }));
}
