/**
 * How a descriptor gives up its open file description, and the last one closes it: in three steps
 * around the caller's transaction, because what is closed has locks of its own. See close(2).
 * Crash: journalled.
 */
import { File } from "./file.ts";
import { put32 } from "./journal.ts";
import { Pipe, pipe_close_begin, pipe_close_end, pipe_close_locked, pipe_of } from "./pipe.ts";
import { pipe_pass_on } from "./pipe-io.ts";

/**
 * Takes the locks that giving up a descriptor of `file` needs. LOCK_PROC is held.
 * @returns what file_drop() and file_drop_end() are told; or -ELOCK, -EINTR: nothing is taken
 */
export function file_drop_begin(file: File): i32 {
  if (file.refs > 1) return 0;
  const pipe = pipe_of(file);
  return pipe == null ? 0 : pipe_close_begin(pipe);
}

/** The process that has it ends. LOCK_PROC is held. @returns 0, -ELOCK or -EINTR. */
export function file_pass_on(file: File): i32 {
  const pipe = pipe_of(file);
  return pipe == null ? 0 : pipe_pass_on(pipe);
}

/** One descriptor less; the last one closes. Logged. */
export function file_drop(file: File, locks: i32): void {
  put32(changetype<usize>(file), file.refs - 1);
  if (locks != 0) pipe_close_locked(changetype<Pipe>(file.object), file.flags, locks);
}

/** After the commit: releases what file_drop_begin() took. */
export function file_drop_end(file: File, locks: i32): void {
  if (locks != 0) pipe_close_end(changetype<Pipe>(file.object), locks);
}
