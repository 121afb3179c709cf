/**
 * pthread_mutex_lock(3p) and its like of the C library, on a pthread_mutex_t in the segment: what C
 * programs share. The owner is a thread of the operating system, so every call is made by the
 * calling thread itself. A twin cannot sleep in one: it tries, and tries again after a time.
 */
import { EBUSY, EINVAL, EOWNERDEAD, ETIMEDOUT } from "../../assembly/abi/errno.ts";
import { abortSignal, abstime, mutexOffset } from "../arguments.ts";
import type {
  AsyncMutexCalls,
  CallOptions,
  Locked,
  MutexCalls,
  RobustMutex,
  Timespec,
} from "../contract.ts";
import { SystemError } from "../errno.ts";
import { timespecBytes } from "./layout.ts";
import type { Libc } from "./libc.ts";
import type { MutexPlaces } from "./mutex-places.ts";

/** Larger than pthread_mutexattr_t, which holds nothing to give back. */
const ATTR_SIZE = 16;
/** pthread.h: PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST. */
const ERRORCHECK = 2;
const PROCESS_SHARED = 1;
const ROBUST = 1;

/** How long a twin waits before its second try, and before every later one at most. */
const RETRY_MS = 1;
const RETRY_MAX_MS = 8;

function succeeded(errno: number, call: string): 0 {
  if (errno !== 0) throw new SystemError(errno, call);
  return 0;
}

function attributes(libc: Libc): Uint8Array {
  const attr = new Uint8Array(ATTR_SIZE);
  succeeded(libc.pthread_mutexattr_init(attr), "pthread_mutexattr_init");
  succeeded(libc.pthread_mutexattr_settype(attr, ERRORCHECK), "pthread_mutexattr_settype");
  succeeded(
    libc.pthread_mutexattr_setpshared(attr, PROCESS_SHARED),
    "pthread_mutexattr_setpshared",
  );
  succeeded(libc.pthread_mutexattr_setrobust(attr, ROBUST), "pthread_mutexattr_setrobust");
  return attr;
}

type LockCall = "pthread_mutex_lock" | "pthread_mutex_trylock" | "pthread_mutex_timedlock";

/** Makes a call that may lock the mutex; `call` is what an error is said to come from. */
function lock(
  places: MutexPlaces,
  mutex: RobustMutex,
  call: LockCall,
  native: (at: number) => number,
): Locked {
  const { place, at } = places.find(mutex, call);
  const errno = native(at);
  if (errno !== 0 && errno !== EOWNERDEAD) throw new SystemError(errno, call);
  place.held += 1;
  return errno;
}

export function mutexCalls(libc: Libc, places: MutexPlaces): MutexCalls {
  return {
    pthread_mutex_init(mutex) {
      const { at } = places.find(mutex, "pthread_mutex_init");
      return succeeded(libc.pthread_mutex_init(at, attributes(libc)), "pthread_mutex_init");
    },
    pthread_mutex_destroy(mutex) {
      const { at } = places.find(mutex, "pthread_mutex_destroy");
      return succeeded(libc.pthread_mutex_destroy(at), "pthread_mutex_destroy");
    },
    pthread_mutex_lock: (mutex) =>
      lock(places, mutex, "pthread_mutex_lock", libc.pthread_mutex_lock),
    pthread_mutex_trylock: (mutex) =>
      lock(places, mutex, "pthread_mutex_trylock", libc.pthread_mutex_trylock),
    pthread_mutex_timedlock(mutex, time) {
      const call = "pthread_mutex_timedlock";
      mutexOffset(mutex, call);
      const until = timespecBytes(abstime(time, call));
      return lock(places, mutex, call, (at) => libc.pthread_mutex_timedlock(at, until));
    },
    pthread_mutex_unlock(mutex) {
      const { place, at } = places.find(mutex, "pthread_mutex_unlock");
      succeeded(libc.pthread_mutex_unlock(at), "pthread_mutex_unlock");
      place.held -= 1;
      return 0;
    },
    pthread_mutex_consistent(mutex) {
      const { at } = places.find(mutex, "pthread_mutex_consistent");
      return succeeded(libc.pthread_mutex_consistent(at), "pthread_mutex_consistent");
    },
  };
}

/** Resolves after a time, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/** Milliseconds until a time of day. @throws {SystemError} EINVAL, ETIMEDOUT */
function timeLeft({ tv_sec, tv_nsec }: Timespec, call: string): number {
  if (tv_nsec < 0 || tv_nsec > 999_999_999) throw new SystemError(EINVAL, call);
  const left = tv_sec * 1000 + tv_nsec / 1_000_000 - Date.now();
  if (left <= 0) throw new SystemError(ETIMEDOUT, call);
  return left;
}

export function mutexCallsAsync(libc: Libc, places: MutexPlaces): AsyncMutexCalls {
  async function lockAsync(
    { attachment, offset }: RobustMutex,
    call: LockCall,
    time: Timespec | undefined,
    options: CallOptions | undefined,
  ): Promise<Locked> {
    const mutex = { attachment, offset };
    const signal = abortSignal(options, call);
    for (let ms = RETRY_MS; ; ms = Math.min(2 * ms, RETRY_MAX_MS)) {
      signal?.throwIfAborted();
      try {
        return lock(places, mutex, call, libc.pthread_mutex_trylock);
      } catch (error) {
        if (!(error instanceof SystemError && error.errno === EBUSY)) throw error;
      }
      await pause(time === undefined ? ms : Math.min(ms, timeLeft(time, call)), signal);
    }
  }

  return {
    async pthread_mutex_lock(mutex, options) {
      mutexOffset(mutex, "pthread_mutex_lock");
      return lockAsync(mutex, "pthread_mutex_lock", undefined, options);
    },
    async pthread_mutex_timedlock(mutex, time, options) {
      const call = "pthread_mutex_timedlock";
      mutexOffset(mutex, call);
      return lockAsync(mutex, call, abstime(time, call), options);
    },
  };
}
