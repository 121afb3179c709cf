/**
 * read(2) and write(2) on pipes, and F_SETPIPE_SZ. Up to PIPE_BUF bytes are written whole or not at
 * all. A sleeper is told to look again: one reader when there are bytes, writers in their order while
 * there is room for what each needs. See pipe(7), "PIPE_BUF".
 *
 * One lock, the pipe's. Crash: the bytes are copied first, where nobody looks, and committed by the
 * store of the tail or the head; wakes are transactions of their own after it, which repair
 * (pipe_update_locked) makes up for.
 */
import { EAGAIN, EBUSY, ELOCK, EPIPE, ERETRY, EWAIT } from "./abi/errno.ts";
import { PIPE_BUF } from "./abi/limits.ts";
import { SIGPIPE } from "./abi/signal.ts";
import { current } from "./current.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, lock_nest, RANK_LEAF, RANK_OBJECT } from "./lock.ts";
import {
  page_address,
  page_drop,
  page_free_locked,
  page_hand_over,
  page_hold,
  page_poison,
} from "./page.ts";
import { Pipe, pipe_filled, pipe_readers, pipe_wake_all, pipe_writers } from "./pipe.ts";
import { poll_wake } from "./poll-wake.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PAGE } from "./region.ts";
import { signal_send } from "./signal.ts";
import { WAIT_PIPE } from "./task.ts";
import { waitq_first, waitq_sleep, waitq_wake } from "./waitq.ts";

/** Copies into the ring from index `tail` on; unpublished. */
function ring_put(base: usize, size: u32, tail: u32, from: usize, count: u32): void {
  const place = tail & (size - 1);
  const straight = min(count, size - place);
  memory.copy(base + place, from, straight);
  if (straight < count) memory.copy(base, from + straight, count - straight);
}

function ring_get(base: usize, size: u32, head: u32, to: usize, count: u32): void {
  const place = head & (size - 1);
  const straight = min(count, size - place);
  memory.copy(to, base + place, straight);
  if (straight < count) memory.copy(to + straight, base, count - straight);
}

/** Whether a write of PIPE_BUF bytes would wait. */
function pipe_full(pipe: Pipe): bool {
  return pipe.size - pipe_filled(pipe) < <u32>PIPE_BUF;
}

/** @returns bytes read, 0 at the end; -EAGAIN, -EWAIT, -ELOCK or -EINTR. */
export function pipe_read(pipe: Pipe, to: usize, count: u32, nonblock: bool): i32 {
  if (count == 0) return 0;
  const lock = changetype<usize>(pipe);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  const taken = min(pipe_filled(pipe), count);
  if (taken == 0) {
    const empty = pipe_empty_locked(pipe, nonblock);
    lock_leave(lock, RANK_OBJECT);
    return empty;
  }
  ring_get(pipe.base, pipe.size, pipe.head, to, taken);
  if (pipe_full(pipe) && pipe.size - pipe_filled(pipe) + taken >= <u32>PIPE_BUF) pipe.roomy += 1;
  atomic.store<u32>(lock + offsetof<Pipe>("head"), pipe.head + taken);
  if ((pipe.read_head | pipe.write_head) != 0) pipe_update_locked(pipe);
  lock_leave(lock, RANK_OBJECT);
  poll_wake(lock);
  return <i32>taken;
}

function pipe_empty_locked(pipe: Pipe, nonblock: bool): i32 {
  if (pipe.writers == 0) return 0;
  // EAGAIN: O_NONBLOCK, and there is nothing yet.
  if (nonblock) return -EAGAIN;
  // No lost wakeup: bytes arrive and ends close under this lock, and look at this queue.
  waitq_sleep(pipe_readers(pipe), WAIT_PIPE, changetype<usize>(pipe));
  return -EWAIT;
}

/**
 * @param rest whether the bytes are what is left of a write of more than PIPE_BUF, or part of one
 * @returns bytes written; -EPIPE, -EAGAIN, -EWAIT, -ELOCK or -EINTR.
 */
export function pipe_write(pipe: Pipe, from: usize, count: u32, nonblock: bool, rest: bool): i32 {
  if (count == 0) return 0;
  const lock = changetype<usize>(pipe);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  // EPIPE: nobody can read it any more.
  if (pipe.readers == 0) {
    lock_leave(lock, RANK_OBJECT);
    signal_send(proc_current(), SIGPIPE);
    return -EPIPE;
  }
  const room = pipe.size - pipe_filled(pipe);
  const least: u32 = count <= <u32>PIPE_BUF && !rest ? count : 1;
  if (room < least) {
    const full = pipe_full_locked(pipe, least, nonblock);
    lock_leave(lock, RANK_OBJECT);
    return full;
  }
  const given = min(room, count);
  ring_put(pipe.base, pipe.size, pipe.tail, from, given);
  atomic.store<u32>(lock + offsetof<Pipe>("tail"), pipe.tail + given);
  if ((pipe.read_head | pipe.write_head) != 0) pipe_update_locked(pipe);
  lock_leave(lock, RANK_OBJECT);
  poll_wake(lock);
  return <i32>given;
}

function pipe_full_locked(pipe: Pipe, least: u32, nonblock: bool): i32 {
  // EAGAIN: O_NONBLOCK, and there is no room.
  if (nonblock) return -EAGAIN;
  current.wait_arg0 = <i32>least;
  waitq_sleep(pipe_writers(pipe), WAIT_PIPE, changetype<usize>(pipe));
  return -EWAIT;
}

/** Wakes whom the state of the pipe lets go on; each is a transaction of its own. The lock is held. */
export function pipe_update_locked(pipe: Pipe): void {
  // What the caller has logged so far is its own transaction.
  journal_commit();
  const filled = pipe_filled(pipe);
  if (pipe.writers == 0) {
    pipe_wake_all(pipe_readers(pipe));
  } else if (filled != 0) {
    const reader = waitq_first(pipe_readers(pipe));
    if (reader != null) waitq_wake(reader, -ERETRY);
  }
  journal_commit();
  if (pipe.readers == 0) {
    pipe_wake_all(pipe_writers(pipe));
    journal_commit();
    return;
  }
  let room = pipe.size - filled;
  let writer = waitq_first(pipe_writers(pipe));
  while (writer != null && <u32>writer.wait_arg0 <= room) {
    room -= <u32>writer.wait_arg0;
    waitq_wake(writer, -ERETRY);
    journal_commit();
    writer = waitq_first(pipe_writers(pipe));
  }
}

/**
 * A process that ends may have been woken for bytes or room that it does not use any more: others are
 * woken for them. @returns 0, -ELOCK or -EINTR.
 */
export function pipe_pass_on(pipe: Pipe): i32 {
  if ((pipe.read_head | pipe.write_head) == 0) return 0;
  const lock = changetype<usize>(pipe);
  const locked = lock_nest(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  pipe_update_locked(pipe);
  lock_leave(lock, RANK_OBJECT);
  return 0;
}

/**
 * F_SETPIPE_SZ: the bytes move to a ring of `size`, a power of two of pages. No lock may be held.
 * @returns the size; -EBUSY, -ENOMEM, -ELOCK or -EINTR.
 */
export function pipe_resize(pipe: Pipe, size: u32): i32 {
  if (size == pipe.size) return <i32>size;
  const held = page_hold(size >>> 12);
  if (held != 0) return held;
  const lock = changetype<usize>(pipe);
  const locked = lock_enter(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  const result = pipe_resize_locked(pipe, size);
  lock_leave(lock, RANK_OBJECT);
  if (result == -ELOCK) return result;
  const dropped = page_drop(current);
  return dropped != 0 ? dropped : result;
}

function pipe_resize_locked(pipe: Pipe, size: u32): i32 {
  // EBUSY: there is more in it than it could hold.
  const filled = pipe_filled(pipe);
  if (filled > size) return -EBUSY;
  const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
  if (nested != 0) return nested;
  const at = changetype<usize>(pipe);
  const old = pipe.first;
  const frames = pipe.size >>> 12;
  const base = page_address(current.hold_first);
  for (let done: u32 = 0; done < filled; ) {
    const place = (pipe.head + done) & (pipe.size - 1);
    const part = min(filled - done, pipe.size - place);
    ring_put(base, size, pipe.head + done, pipe.base + place, part);
    done += part;
  }
  put32(at + offsetof<Pipe>("first"), page_hand_over());
  put32(at + offsetof<Pipe>("base"), <i32>base);
  put32(at + offsetof<Pipe>("size"), <i32>size);
  page_free_locked(old, frames);
  journal_commit();
  page_poison(old, frames);
  lock_leave(LOCK_PAGE, RANK_LEAF);
  if (pipe.write_head != 0) pipe_update_locked(pipe);
  poll_wake(at);
  return <i32>size;
}
