/**
 * Signals in the process that has caught them. Handlers run on its own thread: at the end of a call,
 * before an interrupted call fails or goes on, or, in a thread that makes no call (a program that
 * awaits a timer, a page), from the event loop. While one runs its signal is blocked, and so are those
 * of its sa_mask. See signal(7).
 */
import { SA_NODEFER, SA_RESETHAND, SA_RESTART, SIG_DFL } from "../assembly/abi/signal.ts";
import type { Disposition, SignalHandler } from "../host/contract-signal.ts";
import type { TaskArea, Thread } from "./thread.ts";
import { persist } from "./wait.ts";

/** What a process does about a signal that it catches. */
export interface CaughtSignal {
  readonly handler: SignalHandler;
  readonly flags: number;
  /** Signals that are blocked while the handler runs, a bit each. */
  readonly mask: number;
  /** As sigaction() was told. */
  readonly given: Disposition;
}

/**
 * Runs the handlers of every caught signal that is pending and not blocked.
 * @returns whether a call that they have interrupted may go on: some have run, all with SA_RESTART
 */
export function runHandlers(thread: Thread): boolean {
  let seen = 0;
  let restarting = 0;
  while (thread.i32[thread.signal] !== 0) {
    const signal = thread.kernel.signal_take();
    if (signal === 0) break;
    seen += 1;
    if (runHandler(thread, signal)) restarting += 1;
  }
  return seen > 0 && restarting === seen;
}

/** @returns whether it had SA_RESTART */
function runHandler(thread: Thread, signal: number): boolean {
  const action = thread.handlers.get(signal);
  // Taken away between the signal and now: as good as ignored.
  if (action === undefined) return true;
  const { handler, flags, mask } = action;
  if ((flags & SA_RESETHAND) !== 0) {
    thread.handlers.delete(signal);
    persist(thread, () => thread.kernel.sys_sigaction(signal, SIG_DFL, 0));
  }
  const own = (flags & SA_NODEFER) === 0 ? 1 << signal : 0;
  const before = thread.kernel.signal_mask();
  setMask(thread, before | mask | own);
  try {
    handler(signal);
  } finally {
    // A handler may end the process, which has no mask any more.
    if (!thread.isClosed()) setMask(thread, before);
  }
  return (flags & SA_RESTART) !== 0;
}

/** Blocks these signals and no others: 1 << signal is a signal's bit. */
export function setMask(thread: Thread, mask: number): void {
  if (thread.kernel.signal_mask() === mask) return;
  persist(thread, () => thread.kernel.signal_mask_set(mask));
}

/** Where each thread listens: its task's, which is another one with its next process. */
const listening = new WeakMap<Thread, TaskArea>();

/** From the first handler on, handlers run from the event loop too; it is not kept alive for them. */
export function listenForSignals(thread: Thread): void {
  if (listening.get(thread) === thread.main) return;
  listening.set(thread, thread.main);
  void listen(thread);
}

/** Its task's park word is notified like that of a sleeper, so the thread listens there. */
async function listen(thread: Thread): Promise<void> {
  const { i32, main } = thread;
  while (!thread.isClosed() && thread.main === main) {
    // The word is notified after the signal is pending: who looks after listening misses none.
    const wait = Atomics.waitAsync(i32, main.park, Atomics.load(i32, main.park));
    // A pending asynchronous call is woken too: it runs them, and is interrupted.
    if (thread.borrowed.size === 0) runHandlers(thread);
    if (wait.async) await wait.value;
  }
}
