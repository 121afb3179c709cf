/** The robust mutex's part of `Syscalls`: pthread_mutex_lock(3p) and its like. Interfaces only. */
import type { Attachment, CallOptions, Timespec } from "./contract.ts";

/**
 * Where a mutex lies: ROBUST_MUTEX_SIZE bytes of a segment, at an offset that is a multiple of
 * ROBUST_MUTEX_ALIGN. Each process names it by its own attachment. What the bytes hold is the
 * implementation's: on Linux the C library's pthread_mutex_t.
 */
export interface RobustMutex {
  attachment: Attachment;
  offset: number;
}

/** What locking returns: 0, or EOWNERDEAD. The caller holds the mutex in both cases. */
export type Locked = 0 | 130;

/**
 * Mutexes of one kind: PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED. A
 * mutex belongs to the thread that locked it, and the next owner is told when that one has died.
 */
export interface MutexCalls {
  pthread_mutex_init(mutex: RobustMutex): 0;
  pthread_mutex_destroy(mutex: RobustMutex): 0;
  pthread_mutex_lock(mutex: RobustMutex): Locked;
  pthread_mutex_trylock(mutex: RobustMutex): Locked;
  /** `abstime` is CLOCK_REALTIME's: `Date.now()` in seconds and nanoseconds. */
  pthread_mutex_timedlock(mutex: RobustMutex, abstime: Timespec): Locked;
  pthread_mutex_unlock(mutex: RobustMutex): 0;
  pthread_mutex_consistent(mutex: RobustMutex): 0;
}

/** The twins of those that wait; the mutex is the calling thread's in the end, as by the calls. */
export interface AsyncMutexCalls {
  pthread_mutex_lock(mutex: RobustMutex, options?: CallOptions): Promise<Locked>;
  pthread_mutex_timedlock(
    mutex: RobustMutex,
    abstime: Timespec,
    options?: CallOptions,
  ): Promise<Locked>;
}
