/**
 * From a call's first entry into the kernel to its result: sleeping when it must, running the handlers
 * of signals that came meanwhile, and failing as system calls fail. One way blocks the thread, the
 * other awaits; the protocol of both is in steps.ts.
 */
import { host } from "#host";
import { EAGAIN, ECANCELED, EINTR, EPIPE, EWAIT } from "../assembly/abi/errno.ts";
import { WNOHANG } from "../assembly/abi/wait.ts";
import { SystemError } from "../host/errno.ts";
import { runHandlers } from "./signals.ts";
import { type Ask, type Attempt, type Control, enter, HANDLERS, steps } from "./steps.ts";
import type { TaskArea, Thread } from "./thread.ts";
import { block, elapse, NOBODYS_CHILD, persist, persistAsync } from "./wait.ts";
import { notify } from "./wake.ts";

/**
 * Calls that are made again after handlers with SA_RESTART. The others fail with EINTR all the same:
 * semop, msgsnd, msgrcv, poll and its like, pause, sigsuspend. See signal(7).
 */
const RESTARTED: ReadonlySet<string> = new Set([
  "fcntl",
  "flock",
  "open",
  "openat",
  "read",
  "readv",
  "waitpid",
  "write",
  "writev",
]);

/** Whether a signal has ended the process, so that no call of it may return any more. */
function hasEnded(thread: Thread): boolean {
  if (!thread.supervised || thread.isClosed()) return false;
  return persist(thread, () => thread.kernel.sys_waitpid(NOBODYS_CHILD, WNOHANG)) === -EINTR;
}

/** Whether a signal that this process has sent itself, such as SIGPIPE, is about to end it. */
function isDoomed(thread: Thread): boolean {
  return thread.supervised && thread.kernel.proc_doomed() !== 0;
}

/** The supervisor ends this worker; until then it is still, as a dead process is. */
function stayDead(): never {
  const word = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(word, 0, 0);
}

/** After a call by which a process may end itself: then it does not return. */
export function mayEndItself(thread: Thread): void {
  if (isDoomed(thread)) stayDead();
}

function failure(thread: Thread, errno: number, syscall: string): SystemError {
  const interrupted = errno === ECANCELED || errno === EINTR;
  if (interrupted && thread.isDown()) {
    return new SystemError(ECANCELED, syscall, "the machine was shut down");
  }
  if (interrupted && thread.leaving) {
    return new SystemError(ECANCELED, syscall, "this process has left the machine");
  }
  return new SystemError(errno, syscall);
}

/** Whether an interrupted call is made again, once the handlers have run. */
function isRestarted(thread: Thread, syscall: string, result: number): boolean {
  if (result !== -EINTR || !RESTARTED.has(syscall) || thread.isClosed()) return false;
  return runHandlers(thread);
}

/**
 * Brings a call to its end on this thread, sleeping when it must.
 *
 * @param first what the first entry returned
 * @param take reads the result out of the transfer area, before any handler can use that again
 * @param deadline when to give up with EAGAIN, on performance.now()'s scale
 * @param pthread see Control
 */
export function finish<T>(
  thread: Thread,
  syscall: string,
  first: number,
  attempt: Attempt,
  take: (result: number) => T,
  deadline = Number.POSITIVE_INFINITY,
  pthread = false,
): T {
  notify(thread);
  let result = first;
  while (result <= -EWAIT || result === -EINTR) {
    if (result <= -EWAIT) result = sleep(thread, syscall, result, attempt, deadline, pthread);
    if (result !== -EINTR) break;
    if (hasEnded(thread)) stayDead();
    if (!isRestarted(thread, syscall, result)) break;
    result = enter(thread, attempt);
  }
  if (result < 0) {
    if (result === -EPIPE && isDoomed(thread)) stayDead();
    runHandlers(thread);
    throw failure(thread, -result, syscall);
  }
  const taken = take(result);
  runHandlers(thread);
  return taken;
}

/** A call whose first entry asked for a wait, to its result. */
function sleep(
  thread: Thread,
  syscall: string,
  first: number,
  attempt: Attempt,
  deadline: number,
  pthread: boolean,
): number {
  const control: Control = { deadline, mayWait: thread.canBlock, aborted: false, pthread };
  const protocol = steps(thread, first, attempt, control);
  let step = protocol.next();
  while (!step.done) {
    if (step.value === HANDLERS) runHandlers(thread);
    else block(thread, step.value);
    step = protocol.next();
  }
  if (control.busy) throw new SystemError(EAGAIN, syscall, BUSY);
  if (step.value === -ECANCELED && !thread.canBlock && !thread.isClosed()) {
    throw mayNotBlock(syscall);
  }
  return step.value;
}

/** What follows a call that has succeeded and returns nothing. */
export function end(thread: Thread): 0 {
  notify(thread);
  runHandlers(thread);
  return 0;
}

/** In a page a worker's end may be heard only when the page's own thread is free. */
const BUSY = "whoever holds a lock may just have ended; call again when the event loop has turned";

function mayNotBlock(syscall: string): Error {
  return new Error(
    `${syscall}: this call must wait, and this thread may not block; ` +
      `use \`await sys.async.${syscall}()\` with the same arguments`,
  );
}

/** Options of a call that is brought to its end without blocking. */
export interface AsyncOptions {
  signal?: AbortSignal | undefined;
  deadline?: number | undefined;
  pthread?: boolean | undefined;
  /** Whether the call's task may hold something at its end, and is not to be used for another. */
  holds?: boolean;
}

/**
 * The same without blocking, with a task of the call's own. The first entry is made at once.
 * Rejects with the signal's reason when an abort came before the call's end.
 */
export function finishAsync<T>(
  thread: Thread,
  syscall: string,
  attempt: Attempt,
  take: (result: number) => T,
  options: AsyncOptions = {},
): Promise<T> {
  const call = settleAsync(thread, syscall, attempt, take, options);
  thread.pending.add(call);
  const forget = () => thread.pending.delete(call);
  call.then(forget, forget);
  return call;
}

async function settleAsync<T>(
  thread: Thread,
  syscall: string,
  attempt: Attempt,
  take: (result: number) => T,
  options: AsyncOptions,
): Promise<T> {
  const { signal, deadline = Number.POSITIVE_INFINITY, pthread = false } = options;
  signal?.throwIfAborted();
  const area = thread.borrow(syscall);
  const control: Control = { deadline, mayWait: true, aborted: false, pthread };
  const abort = () => {
    control.aborted = true;
    Atomics.notify(thread.i32, area.park);
  };
  signal?.addEventListener("abort", abort);
  const letGo = host.keepAlive();
  try {
    let result: number;
    do {
      const first = within(thread, area, () => enter(thread, attempt));
      result = await sleepAsync(thread, area, first, attempt, control);
      if (result === -EINTR && hasEnded(thread)) await new Promise<never>(() => {});
    } while (isRestarted(thread, syscall, result));
    if (result === -EPIPE && isDoomed(thread)) await new Promise<never>(() => {});
    const taken = result < 0 ? undefined : within(thread, area, () => take(result));
    runHandlers(thread);
    if (result >= 0) return taken as T;
    if (result === -ECANCELED && control.aborted) throw signal?.reason;
    throw failure(thread, -result, syscall);
  } finally {
    letGo();
    signal?.removeEventListener("abort", abort);
    // A call that was given up at a held lock may hold page frames, which the task's end gives back.
    const kept = thread.giveBack(area, !control.aborted && options.holds !== true);
    if (!kept) await persistAsync(thread, () => thread.kernel.task_free(area.id));
  }
}

/** Does something as the task of `area`. */
function within<R>(thread: Thread, area: TaskArea, work: () => R): R {
  thread.enter(area);
  try {
    return work();
  } finally {
    thread.enter(thread.main);
  }
}

async function sleepAsync(
  thread: Thread,
  area: TaskArea,
  first: number,
  attempt: Attempt,
  control: Control,
): Promise<number> {
  const protocol = steps(thread, first, attempt, control);
  const next = (): IteratorResult<Ask | typeof HANDLERS, number> =>
    within(thread, area, () => protocol.next());
  for (let step = next(); ; step = next()) {
    if (step.done) return step.value;
    if (step.value === HANDLERS) runHandlers(thread);
    else await elapse(thread, step.value);
  }
}
