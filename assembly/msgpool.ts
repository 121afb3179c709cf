/**
 * The message pool: blocks of MSGSSZ bytes of text, chained when a message is longer.
 *
 *   block, 128 bytes: 0 next (message in the queue), 4 seg (next block of the message, or of the
 *   free list), 8 mtype, 12 size of the message; 16 text
 *
 * The free list runs through `seg`, so taking and freeing a chain changes its last block only.
 * Guard: LOCK_MSG. Cells are 8 bytes: (next, seg) and (free, used) are logged together.
 * Crash: journalled, part of the caller's transaction; text is written before anybody can find it.
 */
import { LIMIT_MSGSEG } from "./abi/layout.ts";
import { MSGSSZ } from "./abi/limits.ts";
import { journal_commit, put32 } from "./journal.ts";
import {
  limit,
  REGION_POOL,
  region,
  WORD_POOL_FREE,
  WORD_POOL_FRESH,
  WORD_POOL_USED,
} from "./region.ts";

@unmanaged
export class Block {
  /** 0 */ next: u32;
  /** 4 */ seg: u32;
  /** 8 */ mtype: i32;
  /** 12 */ size: i32;
}

export const BLOCK_SIZE: usize = 128;
const TEXT: usize = 16;

/** Blocks of a message of `size` bytes: one at least. */
export function block_count(size: i32): i32 {
  return size <= MSGSSZ ? 1 : (size + MSGSSZ - 1) / MSGSSZ;
}

/** The last block of a chain of `count` from `block`, or null when the chain is shorter. */
export function block_last(block: u32, count: i32): Block | null {
  let at = block;
  for (let index = 1; index < count && at != 0; index++) at = changetype<Block>(<usize>at).seg;
  return at == 0 ? null : changetype<Block>(<usize>at);
}

/** The first free block. */
export function pool_head(): u32 {
  return load<u32>(WORD_POOL_FREE);
}

export function pool_used(): i32 {
  return load<i32>(WORD_POOL_USED);
}

/** (free, used) as one cell's value. */
export function pool_value(free: u32, used: i32): i64 {
  return ((<i64>used) << 32) | <i64>free;
}

/**
 * Sees to it that the free list has `count` blocks: blocks never used join it. Commits what it does.
 * @returns whether it has.
 */
export function pool_reserve(count: i32): bool {
  if (block_last(pool_head(), count) != null) return true;
  const fresh = load<i32>(WORD_POOL_FRESH);
  const added = min(count, limit(LIMIT_MSGSEG) - fresh);
  if (added <= 0) return false;
  const first = region(REGION_POOL) + <usize>fresh * BLOCK_SIZE;
  for (let index: i32 = 0; index < added; index++) {
    const block = first + <usize>index * BLOCK_SIZE;
    const next = index + 1 < added ? <u32>(block + BLOCK_SIZE) : pool_head();
    changetype<Block>(block).seg = next;
  }
  put32(WORD_POOL_FREE, <i32>first);
  put32(WORD_POOL_FRESH, fresh + added);
  journal_commit();
  return block_last(pool_head(), count) != null;
}

/** Copies `size` bytes from `from` into the chain at `block`; both ends are 8-aligned. */
export function block_fill(block: u32, from: usize, size: i32): void {
  if (size <= MSGSSZ) {
    copy_words(<usize>block + TEXT, from, size);
    return;
  }
  let at = <usize>block;
  for (let done = 0; done < size; done += MSGSSZ) {
    memory.copy(at + TEXT, from + <usize>done, <usize>min(size - done, MSGSSZ));
    at = <usize>changetype<Block>(at).seg;
  }
}

/** Copies `size` bytes of the chain at `block` to `to`. */
export function block_read(block: u32, to: usize, size: i32): void {
  if (size <= MSGSSZ) {
    copy_words(to, <usize>block + TEXT, size);
    return;
  }
  let at = <usize>block;
  for (let done = 0; done < size; done += MSGSSZ) {
    memory.copy(to + <usize>done, at + TEXT, <usize>min(size - done, MSGSSZ));
    at = <usize>changetype<Block>(at).seg;
  }
}

/** Whole words, so up to 7 bytes past the end: a block's text and a transfer area have the room. */
function copy_words(to: usize, from: usize, size: i32): void {
  for (let at: usize = 0; at < <usize>size; at += 8) {
    store<i64>(to + at, load<i64>(from + at));
  }
}
