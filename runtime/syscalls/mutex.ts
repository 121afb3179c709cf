/** Robust mutexes in shared segments over the kernel: pthread_mutex_lock(3p) and its like. */
import { EBUSY, EINVAL, EWAIT } from "../../assembly/abi/errno.ts";
import { abortSignal, abstime, mutexOffset, mutexSegment } from "../../host/arguments.ts";
import type {
  AsyncMutexCalls,
  CallOptions,
  Locked,
  MutexCalls,
  RobustMutex,
  Timespec,
} from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { finish, finishAsync } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { persist } from "../wait.ts";

/** The mutex's address in the machine. */
function addressOf(thread: Thread, mutex: RobustMutex, call: string): number {
  const offset = mutexOffset(mutex, call);
  const bytes = mutexSegment(mutex.attachment, call);
  if (bytes.buffer !== thread.buffer) {
    throw new SystemError(EINVAL, call, "the segment is not one of this machine");
  }
  return bytes.byteOffset + offset;
}

type Entry =
  | "sys_mutex_init"
  | "sys_mutex_destroy"
  | "sys_mutex_trylock"
  | "sys_mutex_unlock"
  | "sys_mutex_consistent";

/** A call that never waits. The closure is made only when it is not done at once. */
function once(thread: Thread, call: string, entry: Entry, mutex: RobustMutex): number {
  const at = addressOf(thread, mutex, call);
  const first = thread.kernel[entry](at);
  if (first === 0 && isQuiet(thread)) return 0;
  return finish(thread, call, first, () => thread.kernel[entry](at), locked);
}

/** Whether nobody is to be notified and no handler is to be run. */
function isQuiet(thread: Thread): boolean {
  return thread.i32[thread.wake] === 0 && thread.i32[thread.signal] === 0;
}

function locked(result: number): Locked {
  return result as Locked;
}

/**
 * Makes a mutex, free, whatever the bytes held before: also of one that was not recoverable. A
 * segment of zeros holds free mutexes on our kernel; on Linux they must be made.
 *
 * @param mutex where it lies
 * @returns 0
 * @throws {SystemError} EINVAL the offset is not a multiple of ROBUST_MUTEX_ALIGN, the mutex is not
 *   inside the segment, or that is detached
 * @see pthread_mutex_init(3p), pthread_mutexattr_setrobust(3)
 * @example
 * const mutex = { attachment: sys.shmat(shmid), offset: 0 };
 * sys.pthread_mutex_init(mutex);
 */
function init(thread: Thread, mutex: RobustMutex): 0 {
  return once(thread, "pthread_mutex_init", "sys_mutex_init", mutex) as 0;
}

/**
 * Ends a mutex: every call but pthread_mutex_init() refuses it from now on.
 *
 * @param mutex where it lies
 * @returns 0
 * @throws {SystemError} EBUSY a living thread holds it (POSIX leaves that open, and Linux does not
 *   look); EINVAL as pthread_mutex_init()
 * @see pthread_mutex_destroy(3p)
 * @example
 * sys.pthread_mutex_destroy(mutex);
 */
function destroy(thread: Thread, mutex: RobustMutex): 0 {
  return once(thread, "pthread_mutex_destroy", "sys_mutex_destroy", mutex) as 0;
}

/**
 * Locks a mutex for the calling thread; sleeps while another one holds it that lives. No signal
 * interrupts it: handlers run, and the wait goes on.
 *
 * @param mutex where it lies
 * @returns 0, or EOWNERDEAD: the caller holds it too, and its last owner died while it held it. Put
 *   right what it protects, and call pthread_mutex_consistent() before pthread_mutex_unlock().
 * @throws {SystemError} EDEADLK the calling thread holds it already; EINVAL it was destroyed, or as
 *   pthread_mutex_init(); ENOTRECOVERABLE it was unlocked after EOWNERDEAD without
 *   pthread_mutex_consistent()
 * @see pthread_mutex_lock(3p), pthread_mutexattr_setrobust(3)
 * @example
 * if (sys.pthread_mutex_lock(mutex) === EOWNERDEAD) sys.pthread_mutex_consistent(mutex);
 * sys.pthread_mutex_unlock(mutex);
 */
function lock(thread: Thread, mutex: RobustMutex): Locked {
  const at = addressOf(thread, mutex, "pthread_mutex_lock");
  const first = thread.kernel.sys_mutex_lock(at);
  if (first === 0 && isQuiet(thread)) return 0;
  const attempt = () => lockEntry(thread, mutex, "pthread_mutex_lock");
  return lockAgain(thread, "pthread_mutex_lock", first, attempt, at, Number.POSITIVE_INFINITY);
}

/** A handler may detach the segment while the call waits, so the address is asked for again. */
function lockEntry(thread: Thread, mutex: RobustMutex, call: string): number {
  return thread.kernel.sys_mutex_lock(addressOf(thread, mutex, call));
}

/** Brings a lock() to its end after its first entry. */
function lockAgain(
  thread: Thread,
  call: string,
  first: number,
  attempt: () => number,
  at: number,
  deadline: number,
): Locked {
  try {
    return finish(thread, call, first, attempt, locked, deadline, true);
  } catch (error) {
    if (first <= -EWAIT) pass(thread, at);
    throw error;
  }
}

/**
 * Who gives up may have been woken for the mutex, and is not there to take it: another sleeper looks.
 * Refused when the process has ended: then the kernel has woken all.
 */
function pass(thread: Thread, at: number): void {
  persist(thread, () => thread.kernel.sys_mutex_pass(at));
}

/**
 * Locks a mutex if that needs no wait.
 *
 * @param mutex where it lies
 * @returns 0 or EOWNERDEAD, as pthread_mutex_lock()
 * @throws {SystemError} EBUSY another thread holds it; EDEADLK, EINVAL, ENOTRECOVERABLE as
 *   pthread_mutex_lock() (Linux and this kernel: POSIX has EBUSY also for the thread that holds it)
 * @see pthread_mutex_trylock(3p)
 * @example
 * sys.pthread_mutex_trylock(mutex);
 */
function trylock(thread: Thread, mutex: RobustMutex): Locked {
  return once(thread, "pthread_mutex_trylock", "sys_mutex_trylock", mutex) as Locked;
}

/** When to give up, on performance.now()'s scale. */
function deadlineOf({ tv_sec, tv_nsec }: Timespec): number {
  return performance.now() + (tv_sec * 1000 - Date.now()) + tv_nsec / 1_000_000;
}

/** The entry of timedlock(), which looks at the time only when it must wait, as Linux does. */
function timedAttempt(thread: Thread, mutex: RobustMutex, time: Timespec, call: string) {
  let mayWait = false;
  return () => {
    if (!mayWait) {
      const tried = thread.kernel.sys_mutex_trylock(addressOf(thread, mutex, call));
      if (tried !== -EBUSY) return tried;
      const { tv_nsec } = time;
      // EINVAL: tv_nsec is not one of a second's.
      if (tv_nsec < 0 || tv_nsec > 999_999_999) return -EINVAL;
      mayWait = true;
    }
    return lockEntry(thread, mutex, call);
  };
}

/**
 * pthread_mutex_lock() that gives up at a time of day.
 *
 * @param mutex where it lies
 * @param abstime the time, as CLOCK_REALTIME and `Date.now()` count it
 * @returns 0 or EOWNERDEAD, as pthread_mutex_lock()
 * @throws {SystemError} as pthread_mutex_lock(); EINVAL also when it must wait and `tv_nsec` is
 *   negative or past 999,999,999; ETIMEDOUT the time has come
 * @see pthread_mutex_timedlock(3p)
 * @example
 * const tv_sec = Math.ceil(Date.now() / 1000) + 5;
 * sys.pthread_mutex_timedlock(mutex, { tv_sec, tv_nsec: 0 });
 */
function timedlock(thread: Thread, mutex: RobustMutex, time: Timespec): Locked {
  const call = "pthread_mutex_timedlock";
  const at = addressOf(thread, mutex, call);
  const until = abstime(time, call);
  const attempt = timedAttempt(thread, mutex, until, call);
  return lockAgain(thread, call, attempt(), attempt, at, deadlineOf(until));
}

/**
 * Unlocks a mutex. One that was locked with EOWNERDEAD and not made consistent is not recoverable
 * from now on: everybody who waits for it, and every later caller, gets ENOTRECOVERABLE.
 *
 * @param mutex where it lies
 * @returns 0
 * @throws {SystemError} EINVAL as pthread_mutex_lock(); EPERM the calling thread does not hold it
 * @see pthread_mutex_unlock(3p)
 * @example
 * sys.pthread_mutex_unlock(mutex);
 */
function unlock(thread: Thread, mutex: RobustMutex): 0 {
  return once(thread, "pthread_mutex_unlock", "sys_mutex_unlock", mutex) as 0;
}

/**
 * Declares that what a mutex protects is right again, after pthread_mutex_lock() returned EOWNERDEAD.
 *
 * @param mutex where it lies
 * @returns 0
 * @throws {SystemError} EINVAL the caller does not hold it after EOWNERDEAD, or as
 *   pthread_mutex_init()
 * @see pthread_mutex_consistent(3)
 * @example
 * sys.pthread_mutex_consistent(mutex);
 */
function consistent(thread: Thread, mutex: RobustMutex): 0 {
  return once(thread, "pthread_mutex_consistent", "sys_mutex_consistent", mutex) as 0;
}

/** The mutex calls of one thread. */
export function mutexCalls(thread: Thread): MutexCalls {
  return {
    pthread_mutex_init: (mutex) => init(thread, mutex),
    pthread_mutex_destroy: (mutex) => destroy(thread, mutex),
    pthread_mutex_lock: (mutex) => lock(thread, mutex),
    pthread_mutex_trylock: (mutex) => trylock(thread, mutex),
    pthread_mutex_timedlock: (mutex, time) => timedlock(thread, mutex, time),
    pthread_mutex_unlock: (mutex) => unlock(thread, mutex),
    pthread_mutex_consistent: (mutex) => consistent(thread, mutex),
  };
}

async function lockAsync(
  thread: Thread,
  call: "pthread_mutex_lock" | "pthread_mutex_timedlock",
  { attachment, offset }: RobustMutex,
  time: Timespec | undefined,
  options: CallOptions | undefined,
): Promise<Locked> {
  // The caller may change its object, or detach the segment, while the twin waits.
  const mutex = { attachment, offset };
  const at = addressOf(thread, mutex, call);
  const signal = abortSignal(options, call);
  const deadline = time === undefined ? undefined : deadlineOf(time);
  const attempt =
    time === undefined
      ? () => lockEntry(thread, mutex, call)
      : timedAttempt(thread, mutex, time, call);
  try {
    return await finishAsync(thread, call, attempt, locked, { signal, deadline, pthread: true });
  } catch (error) {
    pass(thread, at);
    throw error;
  }
}

/** The twins of those that wait. */
export function mutexCallsAsync(thread: Thread): AsyncMutexCalls {
  return {
    pthread_mutex_lock: async (mutex, options) =>
      lockAsync(thread, "pthread_mutex_lock", mutex, undefined, options),
    pthread_mutex_timedlock: async (mutex, time, options) => {
      const call = "pthread_mutex_timedlock";
      mutexOffset(mutex, call);
      return lockAsync(thread, call, mutex, abstime(time, call), options);
    },
  };
}
