/**
 * poll(2): level-triggered, over any descriptors. A sleeper is on no queue; poll-wake.ts says why it
 * misses nothing. Crash: one store commits (the sleeper's bit). No locks.
 */
import { EAGAIN, EINTR, EINVAL, ERETRY, EWAIT } from "./abi/errno.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import {
  POLLERR,
  POLLFD_EVENTS,
  POLLFD_FD,
  POLLFD_REVENTS,
  POLLFD_SIZE,
  POLLHUP,
  POLLNVAL,
} from "./abi/poll.ts";
import { current } from "./current.ts";
import { fd_file } from "./fd.ts";
import { poll_events } from "./poll-events.ts";
import { proc_current } from "./proc.ts";
import { limit, WORD_POLL_BITS } from "./region.ts";
import {
  PARK_ASLEEP,
  PARK_AWAKE,
  TASK_LIVE,
  Task,
  task_ops,
  task_transfer,
  WAIT_ASLEEP,
  WAIT_IDLE,
  WAIT_POLL,
} from "./task.ts";
import { wait_turn_after } from "./waitq.ts";

/**
 * poll(2) of `nfds` structures in the transfer area, whose `revents` it writes. @returns how many are
 * ready; 0 for none, or when the caller would wait -EWAIT (then -ERETRY); -EINVAL: more than OPEN_MAX.
 */
export function sys_poll(nfds: i32, wait: i32): i32 {
  if (<u32>nfds > <u32>limit(LIMIT_OPEN_MAX)) return -EINVAL;
  const ready = poll_look(nfds);
  if (ready != 0 || wait == 0) return ready;
  const objects = task_ops(current);
  for (let index = 0; index < nfds; index++) {
    const fd = load<i32>(task_transfer(current) + <usize>index * POLLFD_SIZE, POLLFD_FD);
    const file = fd_file(proc_current(), fd);
    store<u32>(objects + ((<usize>index) << 2), file == null ? 0 : <u32>file.object);
  }
  poll_begin(nfds);
  // Once more, now that whoever changes something sees the bit.
  const late = current.state == TASK_LIVE ? poll_look(nfds) : -EINTR;
  if (late == 0) return -EWAIT;
  poll_end(current);
  return late;
}

/** The current task sleeps on the `count` objects whose slots stand in its operations. */
export function poll_begin(count: i32): void {
  const task = current;
  task.wait_kind = WAIT_POLL;
  task.wait_arg0 = count;
  task.wait_arg1 = 0;
  task.wait_turn = wait_turn_after(task.wait_turn);
  task.wait_state = WAIT_ASLEEP;
  atomic.store<i32>(changetype<usize>(task) + offsetof<Task>("park"), PARK_ASLEEP);
  atomic.or<u32>(poll_word(task), poll_bit(task));
}

function poll_word(task: Task): usize {
  return WORD_POLL_BITS + ((<usize>(task.id - 1) >> 5) << 2);
}

function poll_bit(task: Task): u32 {
  return 1 << ((task.id - 1) & 31);
}

/** The task sleeps in poll no more. */
export function poll_end(task: Task): void {
  atomic.and<u32>(poll_word(task), ~poll_bit(task));
  task.wait_state = WAIT_IDLE;
  atomic.store<i32>(changetype<usize>(task) + offsetof<Task>("park"), PARK_AWAKE);
}

/** The current task's wait in poll is over: it looks again, for the last time when its time is up. */
export function poll_wait_end(errno: i32): i32 {
  poll_end(current);
  if (errno == EAGAIN) return current.wait_arg1 != 0 ? 0 : poll_look(current.wait_arg0);
  return errno != 0 ? -errno : -ERETRY;
}

/** Writes every `revents`. @returns how many are not 0. */
function poll_look(nfds: i32): i32 {
  const proc = proc_current();
  let ready = 0;
  for (let index = 0; index < nfds; index++) {
    const at = task_transfer(current) + <usize>index * POLLFD_SIZE;
    const fd = load<i32>(at, POLLFD_FD);
    const asked = <i32>load<i16>(at, POLLFD_EVENTS) | POLLERR | POLLHUP;
    const file = fd_file(proc, fd);
    // A negative number is left out; one that is not open is an event of its own.
    const found = file != null ? poll_events(file) & asked : fd < 0 ? 0 : POLLNVAL;
    store<i16>(at, <i16>found, POLLFD_REVENTS);
    if (found != 0) ready += 1;
  }
  return ready;
}
