/**
 * `wasm-ipc/linux`: the running Linux kernel, its System V objects, which ipcs(1) shows and C programs
 * share, and its descriptors, behind the same `Syscalls` interface as a machine of wasm-ipc. For Node on 64-bit
 * Linux with the package koffi. What differs from a machine:
 *
 * - A blocking call blocks the thread, also Node's main thread. An attachment belongs to the thread
 *   that made it, and ends with it. A store to one made with SHM_RDONLY ends Node with SIGSEGV.
 * - shmat() takes addresses that it once gave: JavaScript sees no others.
 * - All workers of Node are one process: they have one pid and share their SEM_UNDO adjustments.
 * - Signal handlers run after EINTR was thrown, or after the call that went on; what is blocked while they
 *   run is blocked until the event loop has called them. Blocked signals are the calling thread's, and
 *   Node has others, so one that is sent to the process may be delivered all the same. Node begins with SIGPIPE ignored: write() to a pipe
 *   that nobody reads fails with EPIPE alone, until sigaction() says otherwise.
 * - Descriptors are those of the Node process, and Node's own are among them.
 * - A thread that has used a mutex counts as one more attachment of its segment, see mutex-places.ts.
 *   The twins that lock one ask again and again: one at once, then every few milliseconds.
 * - A worker must not be terminated while a twin that it called is pending: Node would wait for it.
 */
import type { Syscalls } from "../contract.ts";
import { asyncCalls } from "./async.ts";
import { attributeCalls } from "./attributes.ts";
import { directoryCalls } from "./directory.ts";
import { pollCalls } from "./epoll.ts";
import { descriptorCalls, readWriteCalls } from "./fd.ts";
import { ftok } from "./ftok.ts";
import { loadLibc } from "./libc.ts";
import { flockCalls } from "./locks.ts";
import { msgCalls } from "./msg.ts";
import { mutexCalls, mutexCallsAsync } from "./mutex.ts";
import { MutexPlaces } from "./mutex-places.ts";
import { openCalls } from "./open.ts";
import { processCalls } from "./process.ts";
import { semCalls } from "./sem.ts";
import { shmCalls } from "./shm.ts";
import { asyncSignalCalls, signalCalls } from "./signal.ts";

export type * from "../contract.ts";
export type * from "../contract-files.ts";
export type * from "../contract-fs.ts";
export type * from "../contract-locks.ts";
export type * from "../contract-poll.ts";
export type * from "../contract-signal.ts";
export { SystemError } from "../errno.ts";

/**
 * The system calls of the running kernel.
 * @throws {Error} when this is not Linux, or koffi is not installed: with what to do
 * @example
 * const sys = await linux();
 * const id = sys.semget(sys.ftok("/", 1), 1, IPC_CREAT | 0o600);
 */
export async function linux(): Promise<Syscalls> {
  const libc = await loadLibc();
  const mutexes = new MutexPlaces(libc);
  return {
    ...mutexes.watch(shmCalls(libc)),
    ...semCalls(libc),
    ...msgCalls(libc),
    ...mutexCalls(libc, mutexes),
    ...processCalls(libc),
    ...signalCalls(libc),
    ...readWriteCalls(libc),
    ...descriptorCalls(libc),
    ...flockCalls(libc),
    ...pollCalls(libc),
    ...openCalls(libc),
    ...directoryCalls(libc),
    ...attributeCalls(libc),
    ftok,
    async: {
      ...asyncCalls(libc),
      ...mutexCallsAsync(libc, mutexes),
      ...asyncSignalCalls(libc),
    },
  };
}
