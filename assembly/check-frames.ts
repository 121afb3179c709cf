/**
 * The frame table's part of the check: every frame below the fresh ones has exactly one owner. Marks
 * are kept in `prev` of entries that start no free extent, where nothing else looks.
 * Crash: constant, in a quiet machine; the marks are taken away again.
 */
import { Frame, frame_at, frame_index } from "./page.ts";
import { WORD_FRAME_FRESH, WORD_FREE_HEAD, WORD_FREE_TAIL } from "./region.ts";

const MARK: usize = 1;

/** Clears every mark. */
export function check_frames_begin(): void {
  const fresh = load<i32>(WORD_FRAME_FRESH);
  for (let index = 0; index < fresh; index++) {
    const frame = frame_at(index);
    if (frame.size == 0) frame.prev = 0;
  }
}

/** Marks the extent of an owner. @returns false when a frame is free, fresh, or has an owner already. */
export function check_frames_own(first: u32, count: u32): bool {
  if (count == 0 || first + count > load<u32>(WORD_FRAME_FRESH)) return false;
  for (let index = first; index < first + count; index++) {
    const frame = frame_at(index);
    if (frame.size != 0 || frame.foot != 0 || frame.prev == MARK) return false;
    frame.prev = MARK;
  }
  return true;
}

/** Walks the free list, and looks whether every frame is on it or marked. */
export function check_frames_end(): bool {
  const fresh = load<i32>(WORD_FRAME_FRESH);
  let listed = 0;
  let before: usize = 0;
  let at = <usize>load<u32>(WORD_FREE_HEAD);
  while (at != 0) {
    const frame = changetype<Frame>(at);
    const first = frame_index(frame);
    const end = first + frame.size;
    if (frame.size <= 0 || end > fresh || frame.prev != before) return false;
    if (frame_at(end - 1).foot != first + 1) return false;
    // Neighbours are merged when they are freed.
    if (end < fresh && frame_at(end).size != 0) return false;
    listed += frame.size;
    if (listed > fresh) return false;
    before = at;
    at = frame.next;
  }
  if (<usize>load<u32>(WORD_FREE_TAIL) != before) return false;
  let marked = 0;
  for (let index = 0; index < fresh; index++) {
    const frame = frame_at(index);
    if (frame.size == 0 && frame.prev == MARK) marked += 1;
  }
  return marked + listed == fresh;
}
