/**
 * How a descriptor gives up its open file description, and the last one closes it: in three steps
 * around the caller's transaction, because what is closed has locks of its own. A pipe goes with its
 * last end, an inode without a name with its last description. See close(2).
 * Crash: journalled.
 */
import { File } from "./file.ts";
import {
  Inode,
  inode_leave,
  inode_leave_begin,
  inode_leave_end,
  inode_opens_add,
} from "./inode.ts";
import { put32 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_NAME } from "./lock.ts";
import {
  Pipe,
  pipe_close_begin,
  pipe_close_end,
  pipe_close_ends,
  pipe_close_locked,
  pipe_of,
} from "./pipe.ts";
import { pipe_pass_on } from "./pipe-io.ts";
import { record_holds } from "./record.ts";
import { LOCK_NAME } from "./region.ts";

/** What file_drop_begin() returns: of the pipe in the low bits, LOCK_NAME is held, of the inode above. */
const PIPE_MASK: i32 = 3;
const NAMED: i32 = 4;
const INODE_SHIFT: i32 = 4;
/** The description holds locks on its file, which record-close.ts releases without LOCK_PROC. */
export const FILE_LOCKED: i32 = -0x10000;

/**
 * Takes the locks that giving up a descriptor of `file` needs. LOCK_PROC is held.
 * @returns what file_drop() and file_drop_end() are told; or -ELOCK, -EINTR: nothing is taken;
 *   FILE_LOCKED: its locks must be released first
 */
export function file_drop_begin(file: File): i32 {
  if (file.refs > 1) return 0;
  if (record_holds(file)) return FILE_LOCKED;
  if (file.inode == 0) return drop_pipe_begin(file);
  const nested = lock_nest(LOCK_NAME, RANK_NAME);
  if (nested != 0) return nested;
  const ends = drop_pipe_begin(file);
  // A FIFO has no frames, so that nothing is to be locked for both.
  const goes = ends < 0 ? ends : inode_leave_begin(changetype<Inode>(file.inode), 0, 1);
  if (goes >= 0) return ends | NAMED | (goes << INODE_SHIFT);
  lock_leave(LOCK_NAME, RANK_NAME);
  return goes;
}

function drop_pipe_begin(file: File): i32 {
  const pipe = pipe_of(file);
  return pipe == null ? 0 : pipe_close_begin(pipe, file.flags);
}

/** The process that has it ends. LOCK_PROC is held. @returns 0, -ELOCK or -EINTR. */
export function file_pass_on(file: File): i32 {
  const pipe = pipe_of(file);
  return pipe == null ? 0 : pipe_pass_on(pipe);
}

/** One descriptor less; the last one closes. Logged. */
export function file_drop(file: File, locks: i32): void {
  put32(changetype<usize>(file), file.refs - 1);
  const ends = locks & PIPE_MASK;
  if (ends != 0) pipe_close_locked(changetype<Pipe>(file.object), file.flags, ends);
  if ((locks & NAMED) == 0) return;
  const inode = changetype<Inode>(file.inode);
  if (pipe_close_ends(ends)) put32(file.inode + offsetof<Inode>("pipe"), 0);
  inode_opens_add(inode, -1);
  inode_leave(inode, locks >> INODE_SHIFT);
}

/** After the commit: releases what file_drop_begin() took. */
export function file_drop_end(file: File, locks: i32): void {
  const ends = locks & PIPE_MASK;
  if (ends != 0) pipe_close_end(changetype<Pipe>(file.object), ends);
  if ((locks & NAMED) == 0) return;
  inode_leave_end(changetype<Inode>(file.inode), locks >> INODE_SHIFT);
  lock_leave(LOCK_NAME, RANK_NAME);
}
