/**
 * Whom a change wakes that poll(2) waits for. A sleeper in poll has a bit in WORD_POLL_BITS, and the
 * addresses of what it looks at where semop keeps its operations.
 *
 * No lost wakeup, without a lock: a sleeper sets its bit and then looks at every descriptor once
 * more; whoever changes something stores it and then looks at the bits. Crash: one store commits, and
 * a death wakes every sleeper, for it may have come between a change and its wakes. No locks.
 */
import { LIMIT_TASK_MAX } from "./abi/layout.ts";
import { limit, WORD_POLL_BITS } from "./region.ts";
import { Task, task_at, task_ops } from "./task.ts";
import { wake_list } from "./wake.ts";
import { watch_names } from "./watch.ts";

/** Lists everybody who sleeps in poll on `object`, the slot of a pipe; 0: on anything. */
export function poll_wake(object: usize): void {
  const words = (limit(LIMIT_TASK_MAX) + 31) >> 5;
  for (let index = 0; index < words; index++) {
    let bits = atomic.load<u32>(WORD_POLL_BITS + ((<usize>index) << 2));
    while (bits != 0) {
      const task = task_at((index << 5) + <i32>ctz(bits) + 1);
      if (object == 0 || poll_names(task, object)) wake_list(task);
      bits &= bits - 1;
    }
  }
}

function poll_names(task: Task, object: usize): bool {
  const objects = task_ops(task);
  const count = <usize>task.wait_arg0;
  for (let index: usize = 0; index < count; index++) {
    if (watch_names(<usize>load<u32>(objects + (index << 2)), object)) return true;
  }
  return false;
}
