/** System V semaphores over the kernel: semget(2), semop(2); semctl(2) is in semctl.ts. */
import { E2BIG, EINVAL } from "../../assembly/abi/errno.ts";
import { LIMIT_SEMOPM } from "../../assembly/abi/layout.ts";
import { abortSignal, int, sembuf, sembufs, timespec } from "../../host/arguments.ts";
import type {
  AsyncSyscalls,
  CallOptions,
  Sembuf,
  SemCalls,
  Timespec,
} from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { end, finish, finishAsync } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { writeSembufs } from "../transfer.ts";
import { same, zero } from "./result.ts";
import { semctl } from "./semctl.ts";

/**
 * Finds the semaphore set of a key, or creates one whose values are all 0.
 *
 * @param key IPC_PRIVATE (0) for a new set, or a number that processes agree on, see ftok()
 * @param nsems semaphores, 1 to SEMMSL for a new set; at most those of one that exists
 * @param semflg IPC_CREAT, IPC_EXCL and nine permission bits
 * @returns the set's id
 * @throws {SystemError} EACCES the set exists and denies what the permission bits ask for; EEXIST
 *   IPC_CREAT and IPC_EXCL were given and the key exists; EINVAL `nsems` is negative, past SEMMSL,
 *   0 for a new set, or more than the set that exists has; ENOENT the key does not exist and
 *   IPC_CREAT was not given; ENOMEM no room for the set; ENOSPC SEMMNI sets or SEMMNS semaphores
 *   are taken
 * @see semget(2)
 * @example
 * const semid = sys.semget(IPC_PRIVATE, 1, IPC_CREAT | 0o600);
 */
function semget(thread: Thread, key: number, nsems: number, semflg: number): number {
  const keyInt = int(key, "semget", "key");
  const count = int(nsems, "semget", "nsems");
  const flags = int(semflg, "semget", "semflg");
  const attempt = () => thread.kernel.sys_semget(keyInt, count, flags);
  return finish(thread, "semget", attempt(), attempt, same);
}

/**
 * Performs the operations on a set in order, all or none; sleeps until all can be done.
 *
 * @param sops 1 to SEMOPM operations: `sem_op` above 0 adds, below 0 takes away and waits for as
 *   much, 0 waits for zero; `sem_flg` may have IPC_NOWAIT and SEM_UNDO
 * @returns 0
 * @throws {SystemError} E2BIG more than SEMOPM operations; EACCES no permission; EAGAIN the
 *   operations cannot proceed and IPC_NOWAIT is set; EFBIG a `sem_num` is not in the set; EIDRM the
 *   set was removed while the caller slept; EINTR a signal handler ran while it slept; EINVAL no
 *   such set, or no operation; ENOMEM no room for the undo record; ERANGE a value would pass SEMVMX
 * @see semop(2)
 * @example
 * sys.semop(semid, [{ sem_num: 0, sem_op: -1, sem_flg: SEM_UNDO }]);
 */
function semop(thread: Thread, semid: number, sops: readonly Sembuf[]): 0 {
  // One operation on a set that nobody else is at: a call of 3 ns and three loads, so nothing may
  // be allocated here and no argument is looked at twice.
  if (Array.isArray(sops) && sops.length === 1 && (semid | 0) === semid) {
    const op = sops[0];
    if (typeof op === "object" && op !== null) {
      const num = op.sem_num;
      const delta = op.sem_op;
      const flags = op.sem_flg === undefined ? 0 : op.sem_flg;
      if ((num & 0xffff) === num && (delta << 16) >> 16 === delta && (flags & 0x7fff) === flags) {
        const result = thread.kernel.sys_semop1(semid, num, delta, flags);
        if (result === 0 && thread.i32[thread.wake] === 0 && thread.i32[thread.signal] === 0) {
          return 0;
        }
        return semopOne(thread, semid, num, delta, flags, result);
      }
    }
  }
  return semopArray(thread, semid, sops);
}

function semopOne(
  thread: Thread,
  semid: number,
  num: number,
  delta: number,
  flags: number,
  first: number,
): 0 {
  if (first === 0) return end(thread);
  const attempt = () => thread.kernel.sys_semop1(semid, num, delta, flags);
  return finish(thread, "semop", first, attempt, zero);
}

/** semop() of several operations. The closures are made only when the call is not done at once. */
function semopArray(thread: Thread, semid: number, sops: readonly Sembuf[]): 0 {
  const id = int(semid, "semop", "semid");
  const list = sembufs(sops, "semop");
  for (let index = 0; index < list.length; index += 1) sembuf(list[index], "semop");
  writeSembufs(thread, list);
  const first = thread.kernel.sys_semop(id, list.length);
  return first === 0 ? end(thread) : semopArrayAgain(thread, id, list, first);
}

function semopArrayAgain(thread: Thread, semid: number, list: readonly Sembuf[], first: number): 0 {
  return finish(thread, "semop", first, () => enterSemop(thread, semid, list), zero);
}

function enterSemop(thread: Thread, semid: number, list: readonly Sembuf[]): number {
  writeSembufs(thread, list);
  return thread.kernel.sys_semop(semid, list.length);
}

/** Checks the arguments; the attempt that it returns may be made more than once. */
function prepare(
  thread: Thread,
  call: string,
  semid: number,
  sops: readonly Sembuf[],
  timeout?: Timespec,
) {
  const id = int(semid, call, "semid");
  const list = sembufs(sops, call);
  for (const op of list) sembuf(op, call);
  const deadline = timeout === undefined ? undefined : deadlineOf(thread, id, list.length, timeout);
  return { attempt: () => enterSemop(thread, id, list), deadline };
}

/** Checks that semtimedop() makes before it looks for the set, in Linux's order. */
function deadlineOf(thread: Thread, semid: number, nsops: number, timeout: Timespec): number {
  const { tv_sec, tv_nsec } = timeout;
  if (semid < 0 || nsops < 1) throw new SystemError(EINVAL, "semtimedop");
  if (nsops > thread.limit(LIMIT_SEMOPM)) throw new SystemError(E2BIG, "semtimedop");
  if (tv_sec < 0 || tv_nsec < 0 || tv_nsec > 999_999_999) {
    throw new SystemError(EINVAL, "semtimedop", "the timeout is not valid");
  }
  return performance.now() + tv_sec * 1000 + tv_nsec / 1_000_000;
}

/**
 * semop() that gives up after a time.
 *
 * @param timeout seconds and nanoseconds, relative; left out or null: none
 * @throws {SystemError} as semop(); EAGAIN also when the time has passed; EINVAL also for a
 *   timeout that is negative or has `tv_nsec` past 999,999,999
 * @see semop(2)
 * @example
 * sys.semtimedop(semid, [{ sem_num: 0, sem_op: -1 }], { tv_sec: 0, tv_nsec: 50_000_000 });
 */
function semtimedop(
  thread: Thread,
  semid: number,
  sops: readonly Sembuf[],
  timeout?: Timespec | null,
): 0 {
  const until = timespec(timeout, "semtimedop");
  const { attempt, deadline } = prepare(thread, "semtimedop", semid, sops, until);
  return finish(thread, "semtimedop", attempt(), attempt, zero, deadline);
}

/** semtimedop() and semop() that wait as a promise does. The operations are copied at the call. */
function semopAsync(
  thread: Thread,
  call: "semop" | "semtimedop",
  semid: number,
  sops: readonly Sembuf[],
  timeout: Timespec | null | undefined,
  options: CallOptions | undefined,
): Promise<0> {
  const copy = sembufs(sops, call).map((op) => ({ ...sembuf(op, call) }));
  const until = timespec(timeout, call);
  const { attempt, deadline } = prepare(thread, call, semid, copy, until);
  const signal = abortSignal(options, call);
  return finishAsync(thread, call, attempt, zero, { signal, deadline });
}

/** The semaphore calls of one thread. */
export function semCalls(thread: Thread): SemCalls {
  return {
    semget: (key, nsems, semflg) => semget(thread, key, nsems, semflg),
    semop: (semid, sops) => semop(thread, semid, sops),
    semtimedop: (semid, sops, timeout) => semtimedop(thread, semid, sops, timeout),
    semctl: ((semid, semnum, cmd, arg) =>
      semctl(thread, semid, semnum, cmd, arg)) as SemCalls["semctl"],
  };
}

/** The twins of those that wait. */
export function semCallsAsync(thread: Thread): Pick<AsyncSyscalls, "semop" | "semtimedop"> {
  return {
    semop: async (semid, sops, options) =>
      semopAsync(thread, "semop", semid, sops, undefined, options),
    semtimedop: async (semid, sops, timeout, options) =>
      semopAsync(thread, "semtimedop", semid, sops, timeout, options),
  };
}
