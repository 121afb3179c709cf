/**
 * The part of `Syscalls` that is about locks on files: interfaces only, as in contract.ts. fcntl()'s
 * commands are in contract-files.ts, with its other ones.
 *
 * Three kinds of advisory locks, of which the first two know each other and the third is apart:
 *
 * - Record locks (F_SETLK, F_SETLKW, F_GETLK) are of a process, on a range of bytes. Ranges of one
 *   process split and merge. They are released when the process closes any descriptor of the file, and
 *   when it ends; a child begins with none.
 * - Open file description locks (F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK) are on ranges too, and are of
 *   the open file description: shared by dup() and by spawn, released by its last close.
 * - flock() is on the whole file, and of the open file description too.
 *
 * Who waits is served in order of arrival, as soon as nobody holds what conflicts; who comes later
 * and conflicts with no holder does not wait for those who do. Whoever dies releases what was its.
 */
import type { CallOptions } from "./contract.ts";

/** struct flock: a range of bytes and what is to be done with it. What is left out is 0. */
export interface Flock {
  /** F_RDLCK, which many may hold; F_WRLCK, which excludes all others; F_UNLCK. */
  l_type: number;
  /** What `l_start` counts from: SEEK_SET, SEEK_CUR or SEEK_END. */
  l_whence?: number;
  /** First byte. */
  l_start?: number;
  /** Bytes; 0: to the end of the file, however far it grows; negative: those before `l_start`. */
  l_len?: number;
  /** Result of F_GETLK: the process that holds the lock, -1 for an open file description. */
  l_pid?: number;
}

/** flock(2). */
export interface FlockCalls {
  /**
   * Locks or unlocks a whole file for an open file description, instead of what it holds. To change
   * a lock is to release it and to take another: when that fails, the old one is gone.
   * @param operation LOCK_SH, LOCK_EX or LOCK_UN; with LOCK_NB it does not wait
   * @throws {SystemError} EBADF: `fd` is not open
   * @throws {SystemError} EINTR: a signal handler ran while it waited
   * @throws {SystemError} EINVAL: no such `operation`
   * @throws {SystemError} ENOLCK: the machine has no more locks
   * @throws {SystemError} EWOULDBLOCK: LOCK_NB, and another description's lock is in the way; its
   *   number is EAGAIN's
   * @see flock(2)
   * @example
   * const [r, w] = sys.pipe();
   * sys.flock(w, LOCK_EX);
   * sys.flock(w, LOCK_UN);
   */
  flock(fd: number, operation: number): 0;
}

/** The asynchronous twins of those that can wait. */
export interface AsyncLockCalls {
  /** fcntl() with F_SETLKW or F_OFD_SETLKW. */
  fcntl(fd: number, cmd: 7 | 38, lock: Flock, options?: CallOptions): Promise<0>;
  flock(fd: number, operation: number, options?: CallOptions): Promise<0>;
}
