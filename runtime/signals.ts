/**
 * Signals to a thread that makes no call: a program that awaits a timer, or a page. Its task's park
 * word is notified like that of a sleeper, so the thread listens there without blocking.
 */
import type { Thread } from "./thread.ts";
import { runHandlers } from "./wake.ts";

const listening = new WeakSet<Thread>();

/** From the first handler on, handlers run from the event loop too; it is not kept alive for them. */
export function listenForSignals(thread: Thread): void {
  if (listening.has(thread)) return;
  listening.add(thread);
  void listen(thread);
}

async function listen(thread: Thread): Promise<void> {
  const { i32, main } = thread;
  while (!thread.isClosed()) {
    // The word is notified after the signal is pending: who looks after listening misses none.
    const wait = Atomics.waitAsync(i32, main.park, Atomics.load(i32, main.park));
    // A pending asynchronous call is woken too: it runs them, and is interrupted.
    if (thread.borrowed.size === 0) runHandlers(thread);
    if (wait.async) await wait.value;
  }
}
