/** What follows every entry into the kernel: those whom it listed are notified. Nothing here waits. */
import type { KernelExports } from "./instance.ts";
import type { Thread } from "./thread.ts";

/** The park word while its task may sleep; any other value: look again. */
export const ASLEEP = 1;
export const AWAKE = 0;
const LOOK = 2;

/** Notifies everybody whom the last kernel entry listed. */
export function notify(thread: Thread): void {
  if (thread.i32[thread.wake] !== 0) notifyListed(thread.i32, thread.kernel);
}

/** The same for a thread that is no process yet. */
export function notifyListed(i32: Int32Array, kernel: KernelExports): void {
  for (let at = kernel.wake_next(); at !== 0; at = kernel.wake_next()) {
    Atomics.notify(i32, at >>> 2);
  }
}

/** Wakes who sleeps on the park word, and who is about to: both look at the state of things. */
export function lookAgain(i32: Int32Array, park: number): void {
  Atomics.store(i32, park, LOOK);
  Atomics.notify(i32, park);
}
