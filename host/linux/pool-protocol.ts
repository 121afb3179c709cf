/** What pool.ts and pool-worker.ts say to each other. */
import type { EpollRequest } from "./epoll.ts";
import type { IoCall, IoRequest } from "./io.ts";
import type { FlockRequest, LockRequest } from "./locks.ts";
import type { MsgRequest } from "./msg.ts";
import type { OpenRequest } from "./open.ts";
import type { PollRequest, SelectRequest } from "./poll.ts";
import type { WaitRequest } from "./process.ts";
import type { SemopRequest } from "./sem.ts";

export type PoolRequest =
  | { call: "semop" | "semtimedop"; args: SemopRequest }
  | { call: "msgsnd" | "msgrcv"; args: MsgRequest }
  | { call: "waitpid"; args: WaitRequest }
  | { call: IoCall; args: IoRequest }
  | { call: "poll"; args: PollRequest }
  | { call: "select"; args: SelectRequest }
  | { call: "epoll_wait"; args: EpollRequest }
  | { call: "open" | "openat"; args: OpenRequest }
  | { call: "fcntl"; args: LockRequest }
  | { call: "flock"; args: FlockRequest }
  | { call: FdCall; args: { fd: number } }
  | { call: "sync"; args: object };

/** Calls of a descriptor alone. */
export type FdCall = "fsync" | "fdatasync" | "syncfs" | "close";

/** What the C function returned, or the negated errno, and what it wrote. */
export interface Answer {
  result: number;
  written: Uint8Array<ArrayBuffer> | null;
}

/** A worker's workerData. */
export interface Start {
  words: Int32Array<SharedArrayBuffer>;
  /** The signal that interrupts it. */
  signal: number;
}

/** Words that both sides see. 1: the pending call is to end. Written by the caller. */
export const ABORT = 0;
/** The worker's thread id, 0 until it can be interrupted. Written by the worker, once. */
export const THREAD = 1;
/** Counts the requests that are done; the worker notifies. Written by the worker. */
export const DONE = 2;
export const WORDS = 3;
