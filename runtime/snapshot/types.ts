/** What machine.snapshot() returns: plain data, which can be posted to another thread or written as JSON. */
import type { Indexed, MsqidDs, SemidDs, ShmidDs } from "../../host/contract.ts";

/** A machine at one moment, see Machine.snapshot(). */
export interface MachineSnapshot {
  /** When it was taken, in milliseconds since the Epoch. */
  readonly time: number;
  /** In the order of their pids. */
  readonly processes: readonly ProcessSnapshot[];
  readonly segments: readonly Indexed<ShmidDs>[];
  readonly semaphoreSets: readonly SemaphoreSetSnapshot[];
  readonly messageQueues: readonly MessageQueueSnapshot[];
  readonly pipes: readonly PipeSnapshot[];
  /** Locks on files, of fcntl() and flock(). */
  readonly locks: readonly FileLockSnapshot[];
  /** Those for which somebody sleeps: of another one nobody knows. */
  readonly mutexes: readonly MutexSnapshot[];
}

/** A process. */
export interface ProcessSnapshot {
  readonly pid: number;
  readonly ppid: number;
  /** Process group and session. */
  readonly pgid: number;
  readonly sid: number;
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly egid: number;
  /**
   * `sleeping`: its thread is asleep in a system call. `running`: it is not; it may run, wait in its event loop,
   * or sleep by Atomics.wait(). `exiting`: its end is being carried out. `zombie`: its parent has not waited for it.
   */
  readonly state: "running" | "sleeping" | "exiting" | "zombie";
  /** The name of its program, at most 15 bytes. */
  readonly command: string;
  /** The program's arguments, its own name first; cut after 288 bytes. */
  readonly args: readonly string[];
  /** When it began, in seconds since the Epoch. */
  readonly started: number;
  /** Its current directory; null: that was removed. */
  readonly cwd: string | null;
  /** Whether SIGALRM is to come: alarm(), setitimer(). */
  readonly alarm: boolean;
  /** Calls that sleep: that of its thread, and asynchronous ones. */
  readonly waits: readonly WaitSnapshot[];
  readonly descriptors: readonly DescriptorSnapshot[];
}

/** A call that slept all the while in which the snapshot was taken. */
export type WaitSnapshot = WaitState & WaitReason;

/** What is true of every call that sleeps. */
export interface WaitState {
  /** Whether the process's thread sleeps in it; else it is one of `sys.async`. */
  readonly blocks: boolean;
  /** Whether only somebody else or a signal ends it; else it may have a deadline. */
  readonly forever: boolean;
}

/** The call, and what it waits for. */
export type WaitReason =
  | {
      readonly call: "semop";
      readonly semid: number;
      readonly sem_num: number;
      readonly sem_op: number;
    }
  | { readonly call: "msgsnd"; readonly msqid: number }
  | { readonly call: "msgrcv"; readonly msqid: number; readonly msgtyp: number }
  /** `pid` as it was given: -1 any child, 0 or below -1 those of a group. */
  | { readonly call: "waitpid"; readonly pid: number }
  /** The address of one of `mutexes`. */
  | { readonly call: "pthread_mutex_lock"; readonly mutex: number }
  /** The number of one of `pipes`. */
  | { readonly call: "read" | "write"; readonly pipe: number }
  | { readonly call: "poll" | "epoll_wait"; readonly entries: readonly PollEntrySnapshot[] }
  /** Of a FIFO, until its other end is opened. */
  | { readonly call: "open"; readonly ino: number; readonly until: "reader" | "writer" }
  | { readonly call: "fcntl" | "flock"; readonly lock: FileLock }
  /** For the disk of a volume. */
  | { readonly call: "volume" }
  | { readonly call: "other" };

/** What poll(), select() or epoll_wait() looks at. */
export interface PollEntrySnapshot {
  readonly fd: number;
  /** POLLIN and its like. */
  readonly events: number;
  /** As in DescriptorSnapshot. */
  readonly description: number;
}

/** A file descriptor, and the open file description that it names. */
export interface DescriptorSnapshot {
  readonly fd: number;
  readonly closeOnExec: boolean;
  /** A number that the descriptors of one description have in common, also in several processes. */
  readonly description: number;
  /** How many descriptors name the description, and asynchronous calls that hold it. */
  readonly references: number;
  readonly type:
    | "pipe"
    | "FIFO"
    | "file"
    | "directory"
    | "device"
    | "epoll"
    /** A standard stream of the computer's process in which the machine runs. */
    | "host"
    | "other";
  readonly access: "r" | "w" | "rw";
  /** Of a file: where the next read() or write() begins. */
  readonly offset: number;
  /** Of a pipe or FIFO: the number of one of `pipes`. */
  readonly pipe: number | null;
  /** Of what has a name. */
  readonly ino: number | null;
  readonly dev: number | null;
  /** A path that leads to it; null: it has no name, or none any more. */
  readonly path: string | null;
  /** Of `host`: 0, 1 or 2; 3 is a terminal. */
  readonly stream: number | null;
}

/** A semaphore set. */
export interface SemaphoreSetSnapshot extends Indexed<SemidDs> {
  /** Null: this process may not read them. */
  readonly semaphores: readonly SemaphoreSnapshot[] | null;
}

/** A semaphore. */
export interface SemaphoreSnapshot {
  readonly value: number;
  /** Of the last operation. */
  readonly pid: number;
  /** Calls that wait until the value is large enough, and until it is zero. */
  readonly ncnt: number;
  readonly zcnt: number;
  /** Processes whose calls those are, as far as they are known. */
  readonly waiters: readonly number[];
  /** What the end of a process adds: SEM_UNDO. */
  readonly adjustments: readonly SemaphoreAdjustment[];
}

/** What SEM_UNDO will add to a semaphore when a process ends. */
export interface SemaphoreAdjustment {
  readonly pid: number;
  readonly value: number;
}

/** A message queue. */
export interface MessageQueueSnapshot extends Indexed<MsqidDs> {
  /** Processes that wait in msgsnd() and in msgrcv(). */
  readonly senders: readonly number[];
  readonly receivers: readonly number[];
}

/** A pipe, or a FIFO that is open. */
export interface PipeSnapshot {
  /** Its number in the machine's life. */
  readonly pipe: number;
  /** Of a FIFO: a path that leads to it. */
  readonly path: string | null;
  /** Bytes in it, and bytes that have room in it. */
  readonly fill: number;
  readonly size: number;
  /** Open file descriptions of each end. */
  readonly readEnds: number;
  readonly writeEnds: number;
  /** Processes with descriptors of each end. */
  readonly readers: readonly number[];
  readonly writers: readonly number[];
  /** Processes that sleep in read() and in write(). */
  readonly sleepingReaders: readonly number[];
  readonly sleepingWriters: readonly number[];
}

/** A lock on a file, held or waited for. */
export interface FileLock {
  /** The file: st_ino, of a pipe its number; below 0 a standard stream of the host. */
  readonly file: number;
  readonly type: "read" | "write";
  /** Whose it is: `process` of fcntl(), the others of an open file description. */
  readonly kind: "process" | "description" | "flock";
  /** A pid, or a description as in DescriptorSnapshot. */
  readonly owner: number;
  /** First and last byte; null: to the end of the file, however long it grows. */
  readonly start: number;
  readonly end: number | null;
}

/** A lock on a file that somebody holds. */
export interface FileLockSnapshot extends FileLock {
  /** A path that leads to the file. */
  readonly path: string | null;
  /** Processes that have it: one, or all that have the description. */
  readonly owners: readonly number[];
  /** Processes that sleep because of it. */
  readonly waiters: readonly number[];
}

/** A robust mutex for which somebody sleeps. */
export interface MutexSnapshot {
  /** Where it is in the machine's memory. */
  readonly mutex: number;
  /** The segment and the offset in it; null: that was removed. */
  readonly shmid: number | null;
  readonly offset: number;
  /** The process that holds it; null: nobody does at the moment. */
  readonly owner: number | null;
  readonly waiters: readonly number[];
}
