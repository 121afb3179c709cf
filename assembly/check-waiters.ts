/**
 * The check's part on semaphore sets, message queues and mutexes: totals, and who sleeps on them.
 * Crash: constant, nothing is stored.
 */
import { LIMIT_MSGSEG } from "./abi/layout.ts";
import {
  CHECK_MUTEX_SLEEPER,
  CHECK_POOL,
  CHECK_QUEUE_TOTALS,
  CHECK_SEM_SLEEPER,
  CHECK_SEM_VALUE,
  CHECK_SEMS_USED,
  CHECK_WAIT_LINK,
  CHECK_WAIT_STATE,
} from "./check-rules.ts";
import { Queue, receivers_of, senders_of } from "./msg.ts";
import { Block, block_count } from "./msgpool.ts";
import { mutex_sleeper_holds } from "./mutex-wake.ts";
import {
  limit,
  TABLE_MSG,
  TABLE_SEM,
  WORD_MSG_BYTES,
  WORD_MSG_COUNT,
  WORD_MUTEX_QUEUE,
  WORD_POOL_FREE,
  WORD_POOL_FRESH,
  WORD_POOL_USED,
  WORD_SEMS_USED,
} from "./region.ts";
import { alter_queue, SemSet, sem_at, zero_queue } from "./sem.ts";
import { SEM_BLOCKED, sem_try } from "./sem-eval.ts";
import { table_of, table_slot } from "./table.ts";
import { Task, WAIT_ASLEEP } from "./task.ts";
import { waitq_first, waitq_next } from "./waitq.ts";

/** Sets: values, totals, and that no sleeper could go on. */
export function check_sets(): i32 {
  const table = table_of(TABLE_SEM);
  let used = 0;
  for (let index = 0; index < table.size; index++) {
    const set = changetype<SemSet>(changetype<usize>(table_slot(table, index)));
    if (set.tag == 0) {
      if ((set.alter_head | set.zero_head) != 0) return CHECK_SEM_SLEEPER;
      continue;
    }
    used += set.nsems;
    for (let num = 0; num < set.nsems; num++) {
      if (sem_at(set, num).semval > 32767) return CHECK_SEM_VALUE;
    }
    const broken = check_sleepers(set, alter_queue(set)) | check_sleepers(set, zero_queue(set));
    if (broken != 0) return broken;
  }
  return used == load<i32>(WORD_SEMS_USED) ? 0 : CHECK_SEMS_USED;
}

/** Invariant of sem-eval.ts: no sleeper of an unlocked set could go on. */
function check_sleepers(set: SemSet, queue: usize): i32 {
  let task = waitq_first(queue);
  let prev: usize = 0;
  while (task != null) {
    if (task.wait_queue != queue || task.wait_prev != prev) return CHECK_WAIT_LINK;
    if (task.wait_state != WAIT_ASLEEP) return CHECK_WAIT_STATE;
    if (sem_try(set, task, task.wait_arg0) != SEM_BLOCKED) return CHECK_SEM_SLEEPER;
    prev = changetype<usize>(task);
    task = task.wait_next == 0 ? null : changetype<Task>(task.wait_next);
  }
  return <usize>load<u32>(queue, 4) == prev ? 0 : CHECK_WAIT_LINK;
}

/** Queues: messages, totals, the pool. */
export function check_queues(): i32 {
  const table = table_of(TABLE_MSG);
  let bytes: u32 = 0;
  let messages: u32 = 0;
  let blocks = 0;
  for (let index = 0; index < table.size; index++) {
    const queue = changetype<Queue>(changetype<usize>(table_slot(table, index)));
    let queue_bytes: u32 = 0;
    let count: u32 = 0;
    let last: u32 = 0;
    for (let at = queue.first; at != 0; at = changetype<Block>(<usize>at).next) {
      const block = changetype<Block>(<usize>at);
      queue_bytes += block.size;
      count += 1;
      blocks += block_count(block.size);
      last = at;
    }
    if (count != queue.qnum || queue_bytes != queue.cbytes || last != queue.last)
      return CHECK_QUEUE_TOTALS;
    if (queue.tag == 0 && (count != 0 || queue.senders_head != 0 || queue.receivers_head != 0)) {
      return CHECK_QUEUE_TOTALS;
    }
    bytes += queue_bytes;
    messages += count;
    if (check_links(senders_of(queue)) != 0 || check_links(receivers_of(queue)) != 0)
      return CHECK_WAIT_LINK;
  }
  if (bytes != load<u32>(WORD_MSG_BYTES) || messages != load<u32>(WORD_MSG_COUNT))
    return CHECK_QUEUE_TOTALS;
  return check_pool(blocks);
}

function check_pool(used: i32): i32 {
  let free = 0;
  const fresh = load<i32>(WORD_POOL_FRESH);
  for (let at = load<u32>(WORD_POOL_FREE); at != 0; at = changetype<Block>(<usize>at).seg) {
    free += 1;
    if (free > fresh) return CHECK_POOL;
  }
  if (used != load<i32>(WORD_POOL_USED) || used + free != fresh) return CHECK_POOL;
  return fresh <= limit(LIMIT_MSGSEG) ? 0 : CHECK_POOL;
}

/** Mutexes: that a wake is to come to everybody who sleeps on one. */
export function check_mutexes(): i32 {
  const broken = check_links(WORD_MUTEX_QUEUE);
  if (broken != 0) return broken;
  for (let task = waitq_first(WORD_MUTEX_QUEUE); task != null; ) {
    if (!mutex_sleeper_holds(task)) return CHECK_MUTEX_SLEEPER;
    task = waitq_next(task);
  }
  return 0;
}

/** The links of one queue. */
export function check_links(queue: usize): i32 {
  let prev: usize = 0;
  for (let task = waitq_first(queue); task != null; ) {
    if (task.wait_queue != queue || task.wait_prev != prev || task.wait_state != WAIT_ASLEEP) {
      return CHECK_WAIT_LINK;
    }
    prev = changetype<usize>(task);
    task = task.wait_next == 0 ? null : changetype<Task>(task.wait_next);
  }
  return <usize>load<u32>(queue, 4) == prev ? 0 : CHECK_WAIT_LINK;
}
