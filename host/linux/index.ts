/**
 * `wasm-ipc/linux`: the System V objects of the running Linux kernel, those that ipcs(1) shows and C
 * programs share, behind the same `Syscalls` interface as a machine of wasm-ipc. For Node on 64-bit
 * Linux with the package koffi. What differs from a machine:
 *
 * - A blocking call blocks the thread, also Node's main thread. An attachment belongs to the thread
 *   that made it, and ends with it. A store to one made with SHM_RDONLY ends Node with SIGSEGV.
 * - shmat() takes addresses that it once gave: JavaScript sees no others.
 * - All workers of Node are one process: they have one pid and share their SEM_UNDO adjustments.
 * - Signal handlers run after EINTR was thrown, and waitpid() is not interrupted by them.
 * - A thread that has used a mutex counts as one more attachment of its segment, see mutex-places.ts.
 *   The twins that lock one ask again and again: one at once, then every few milliseconds.
 * - A worker must not be terminated while a twin that it called is pending: Node would wait for it.
 */
import type { Syscalls } from "../contract.ts";
import { asyncCalls } from "./async.ts";
import { ftok } from "./ftok.ts";
import { loadLibc } from "./libc.ts";
import { msgCalls } from "./msg.ts";
import { mutexCalls, mutexCallsAsync } from "./mutex.ts";
import { MutexPlaces } from "./mutex-places.ts";
import { processCalls } from "./process.ts";
import { semCalls } from "./sem.ts";
import { shmCalls } from "./shm.ts";

export type * from "../contract.ts";
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
    ftok,
    async: { ...asyncCalls(libc), ...mutexCallsAsync(libc, mutexes) },
  };
}
