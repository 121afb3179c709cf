/**
 * Where a caller's bytes lie: its transfer area, or memory of the machine that it names by address,
 * which is one copy less. No locks: the bytes are the caller's own matter while a call copies them.
 * Crash: constant, nothing is stored.
 */
import { PAGE_SIZE } from "./abi/limits.ts";
import { current } from "./current.ts";
import { REGION_PAGE, REGION_PAGE_COUNT, REGION_TRANSFER_SIZE, region } from "./region.ts";
import { task_transfer } from "./task.ts";

/** The address `at`, if `count` bytes there are in the transfer area or the page frames; else 0. */
export function user_at(at: usize, count: u32): usize {
  const own = task_transfer(current);
  if (user_holds(own, own + region(REGION_TRANSFER_SIZE), at, count)) return at;
  const first = region(REGION_PAGE);
  return user_holds(first, first + region(REGION_PAGE_COUNT) * PAGE_SIZE, at, count) ? at : 0;
}

function user_holds(first: usize, end: usize, at: usize, count: u32): bool {
  return at >= first && at <= end && count <= <u32>(end - at);
}
