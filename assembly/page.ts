/**
 * Page frames: contiguous extents of PAGE_SIZE bytes for segments and semaphore arrays.
 *
 * Free extents are on a list, oldest first; freed ones join its tail, after merging with free
 * neighbours (boundary tags). An extent is cut from the front of the first that fits; when none
 * does, from the frames that were never used, which hold zeros and cost no memory until touched, and
 * from the free extent that ends where those begin.
 *
 *   frame entry, 16 bytes: 0 size, of the free extent that starts here, else 0
 *                          4 foot, start + 1 of the free extent that ends here, else 0
 *                          8 next, 12 prev: neighbours on the list, entry addresses, of a start
 *
 * Guard: LOCK_PAGE (leaf). Every change is logged, part of the caller's transaction. An extent that
 * no object owns yet is the task's hold, so that its death gives it back.
 * Missing: compaction; fragmentation is ENOMEM.
 * Crash: journalled.
 */
import { ENOMEM } from "./abi/errno.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { DEBUG } from "./config.ts";
import { current } from "./current.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_LEAF } from "./lock.ts";
import {
  LOCK_PAGE,
  REGION_FRAME,
  REGION_PAGE,
  REGION_PAGE_COUNT,
  region,
  WORD_FRAME_FRESH,
  WORD_FREE_HEAD,
  WORD_FREE_TAIL,
} from "./region.ts";
import { Task } from "./task.ts";

@unmanaged
export class Frame {
  /** 0 */ size: i32;
  /** 4 */ foot: i32;
  /** 8 */ next: usize;
  /** 12 */ prev: usize;
}

export const FRAME_SIZE: usize = 16;

/** Byte address of frame `index`. */
export function page_address(index: u32): usize {
  return region(REGION_PAGE) + <usize>index * PAGE_SIZE;
}

/** Frames that hold `bytes` bytes. */
export function page_count(bytes: u32): u32 {
  return (bytes >>> 12) + ((bytes & 4095) != 0 ? 1 : 0);
}

export function frame_at(index: i32): Frame {
  return changetype<Frame>(region(REGION_FRAME) + <usize>index * FRAME_SIZE);
}

export function frame_index(frame: Frame): i32 {
  return <i32>((changetype<usize>(frame) - region(REGION_FRAME)) / FRAME_SIZE);
}

function extent_link_tail(first: i32, count: i32): void {
  const frame = frame_at(first);
  const at = changetype<usize>(frame);
  const tail = <usize>load<u32>(WORD_FREE_TAIL);
  put32(at + offsetof<Frame>("size"), count);
  put32(at + offsetof<Frame>("next"), 0);
  put32(at + offsetof<Frame>("prev"), <i32>tail);
  put32(changetype<usize>(frame_at(first + count - 1)) + offsetof<Frame>("foot"), first + 1);
  put32(tail == 0 ? WORD_FREE_HEAD : tail + offsetof<Frame>("next"), <i32>at);
  put32(WORD_FREE_TAIL, <i32>at);
}

function extent_unlink(frame: Frame): void {
  const at = changetype<usize>(frame);
  const first = frame_index(frame);
  put32(changetype<usize>(frame_at(first + frame.size - 1)) + offsetof<Frame>("foot"), 0);
  put32(at + offsetof<Frame>("size"), 0);
  put32(frame.prev == 0 ? WORD_FREE_HEAD : frame.prev + offsetof<Frame>("next"), <i32>frame.next);
  put32(frame.next == 0 ? WORD_FREE_TAIL : frame.next + offsetof<Frame>("prev"), <i32>frame.prev);
}

/** Moves a list entry's start forward by `count` frames; its place on the list stays. */
function extent_cut(frame: Frame, count: i32): void {
  const first = frame_index(frame);
  const rest = frame_at(first + count);
  const at = changetype<usize>(rest);
  const size = frame.size - count;
  put32(at + offsetof<Frame>("size"), size);
  put32(at + offsetof<Frame>("next"), <i32>frame.next);
  put32(at + offsetof<Frame>("prev"), <i32>frame.prev);
  put32(
    changetype<usize>(frame_at(first + count + size - 1)) + offsetof<Frame>("foot"),
    first + count + 1,
  );
  put32(changetype<usize>(frame) + offsetof<Frame>("size"), 0);
  put32(frame.prev == 0 ? WORD_FREE_HEAD : frame.prev + offsetof<Frame>("next"), <i32>at);
  put32(frame.next == 0 ? WORD_FREE_TAIL : frame.next + offsetof<Frame>("prev"), <i32>at);
}

function extent_take(count: i32): i32 {
  let at = <usize>load<u32>(WORD_FREE_HEAD);
  while (at != 0) {
    const frame = changetype<Frame>(at);
    if (frame.size >= count) {
      const first = frame_index(frame);
      if (frame.size == count) extent_unlink(frame);
      else extent_cut(frame, count);
      return first;
    }
    at = frame.next;
  }
  return -1;
}

/** Frames that were never used, with those of the free extent before them when there is one. */
function fresh_take(count: i32): i32 {
  const fresh = load<i32>(WORD_FRAME_FRESH);
  const foot = fresh > 0 ? frame_at(fresh - 1).foot : 0;
  const first = foot != 0 ? foot - 1 : fresh;
  const more = count - (fresh - first);
  if (<u32>more > <u32>region(REGION_PAGE_COUNT) - <u32>fresh) return -1;
  if (foot != 0) extent_unlink(frame_at(first));
  put32(WORD_FRAME_FRESH, fresh + more);
  return first;
}

/**
 * Makes the current task hold `count` zeroed frames; a hold of that size is kept, another given back.
 * No other lock may be held: the frames are zeroed under none. @returns 0, -ELOCK, -EINTR, -ENOMEM.
 */
export function page_hold(count: u32): i32 {
  const task = current;
  if (task.hold_count != count) {
    const failed = hold_exchange(task, count);
    if (failed != 0) return failed;
  }
  if (task.hold_clean == 0) {
    memory.fill(page_address(task.hold_first), 0, <usize>count * PAGE_SIZE);
    task.hold_clean = 1;
  }
  return 0;
}

function hold_exchange(task: Task, count: u32): i32 {
  const locked = lock_enter(LOCK_PAGE, RANK_LEAF);
  if (locked != 0) return locked;
  hold_release_locked(task);
  const fresh = load<i32>(WORD_FRAME_FRESH);
  let first = extent_take(<i32>count);
  if (first < 0) first = fresh_take(<i32>count);
  if (first >= 0) {
    task.hold_clean = first >= fresh ? 1 : 0;
    const at = changetype<usize>(task);
    put32(at + offsetof<Task>("hold_first"), first);
    put32(at + offsetof<Task>("hold_count"), <i32>count);
  }
  journal_commit();
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return first >= 0 ? 0 : -ENOMEM;
}

/** Gives the task's hold back. Precondition: LOCK_PAGE is held. Commits. */
function hold_release_locked(task: Task): void {
  const count = task.hold_count;
  if (count == 0) return;
  const first = task.hold_first;
  page_free_locked(first, count);
  put32(changetype<usize>(task) + offsetof<Task>("hold_count"), 0);
  journal_commit();
  page_poison(first, count);
}

/** Gives back what `task` holds. No lock may be held. @returns 0, -ELOCK or -EINTR. */
export function page_drop(task: Task): i32 {
  if (task.hold_count == 0) return 0;
  const locked = lock_enter(LOCK_PAGE, RANK_LEAF);
  if (locked != 0) return locked;
  hold_release_locked(task);
  lock_leave(LOCK_PAGE, RANK_LEAF);
  return 0;
}

/** The current task's hold passes to the caller's object. Part of the caller's transaction. */
export function page_hand_over(): u32 {
  const task = current;
  assert(task.hold_count != 0);
  put32(changetype<usize>(task) + offsetof<Task>("hold_count"), 0);
  return task.hold_first;
}

/** Frees an extent: merged with free neighbours, at the end of the list. LOCK_PAGE is held; logged. */
export function page_free_locked(first: u32, count: u32): void {
  let start = <i32>first;
  let size = <i32>count;
  assert(size > 0 && start + size <= load<i32>(WORD_FRAME_FRESH));
  const foot = start > 0 ? frame_at(start - 1).foot : 0;
  if (foot != 0) {
    const before = frame_at(foot - 1);
    start = foot - 1;
    size += before.size;
    extent_unlink(before);
  }
  const end = <i32>(first + count);
  if (end < load<i32>(WORD_FRAME_FRESH)) {
    const after = frame_at(end);
    if (after.size != 0) {
      size += after.size;
      extent_unlink(after);
    }
  }
  extent_link_tail(start, size);
}

/** Debug: fills a freed extent, so that a stale view shows. After the commit, LOCK_PAGE still held. */
export function page_poison(first: u32, count: u32): void {
  if (DEBUG) memory.fill(page_address(first), 0xdb, <usize>count * PAGE_SIZE);
}
