/**
 * The numbers by which a snapshot names what the kernel knows by address. No locks: an address that was read
 * while it changed may be of another table, so each is looked at only after it was found to be a slot of its own.
 * Crash: constant, nothing is stored but the transfer area.
 */
import { LIMIT_FILE_MAX, LIMIT_INODES, LIMIT_PIPE_MAX } from "./abi/layout.ts";
import { current } from "./current.ts";
import { FILE_SIZE, File } from "./file.ts";
import { INODE_ROOT, INODE_SIZE, Inode, inode_at } from "./inode.ts";
import { PIPE_SLOT, Pipe } from "./pipe.ts";
import { RECORD_PROC } from "./record.ts";
import { limit, REGION_FILE, REGION_PIPE, region } from "./region.ts";
import { task_transfer } from "./task.ts";

/** What became of one slot. CHANGED: it is another's by now. */
export const SLOT_FREE: i32 = 0;
export const SLOT_TAKEN: i32 = 1;
export const SLOT_CHANGED: i32 = 2;

/**
 * Orders what was read before what is read after it, on every processor: the addition of nothing to a word of
 * the caller's own. (asc 0.28 writes atomic.fence() so that no engine takes it.)
 */
export function fence(): void {
  atomic.add<i32>(task_transfer(current), 0);
}

/** Whether `at` is a slot of a table of `count` slots from `base` on. */
export function is_slot(at: usize, base: usize, count: i32, size: usize): bool {
  return at >= base && at < base + <usize>count * size;
}

/** The number of the pipe in a slot, 0 when the address is of none. */
export function snapshot_pipe(at: usize): i32 {
  const is = is_slot(at, region(REGION_PIPE), limit(LIMIT_PIPE_MAX), PIPE_SLOT);
  return is ? changetype<Pipe>(at).inode : 0;
}

/** The serial of the description in a slot, 0 when the address is of none. */
export function snapshot_file(at: usize): i32 {
  const is = is_slot(at, region(REGION_FILE), limit(LIMIT_FILE_MAX), FILE_SIZE);
  return is ? changetype<File>(at).serial : 0;
}

export function is_inode(at: usize): bool {
  const first = changetype<usize>(inode_at(INODE_ROOT));
  return is_slot(at, first, limit(LIMIT_INODES), INODE_SIZE);
}

/** A number for what locks are on: inodes and pipes are counted together; see SNAPSHOT_LOCK_FILE. */
export function snapshot_object(at: usize): i32 {
  if (is_inode(at)) return changetype<Inode>(at).serial;
  const pipe = snapshot_pipe(at);
  if (pipe != 0) return pipe;
  const is = is_slot(at, region(REGION_FILE), limit(LIMIT_FILE_MAX), FILE_SIZE);
  return is ? -1 - <i32>changetype<File>(at).object : 0;
}

/** The owner of a lock as a number that others have not: a pid, or the serial of a description. */
export function snapshot_owner(kind: i32, owner: i32): i32 {
  return kind == RECORD_PROC ? owner : snapshot_file(<usize>owner);
}
