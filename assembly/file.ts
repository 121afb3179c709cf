/**
 * Open file descriptions: what a descriptor names. dup(2) and spawn share them; the last descriptor
 * that is closed ends them, and with the last one of both ends a pipe.
 *
 *   description   free (refs 0) -> open: filled, then published by the store of refs -> free
 *
 * Guard: LOCK_PROC, for refs; the flags are an atomic word. Crash: journalled, part of the caller's
 * transaction, which the release of LOCK_PROC commits. See open(2), "Open file descriptions".
 */
import { O_RDONLY, O_WRONLY } from "./abi/fcntl.ts";
import { LIMIT_FILE_MAX } from "./abi/layout.ts";
import { put32 } from "./journal.ts";
import { Pipe, pipe_close_begin, pipe_close_end, pipe_close_locked } from "./pipe.ts";
import { limit, REGION_FILE, region } from "./region.ts";

/** What a description is of: File.kind. */
export const FILE_PIPE: i32 = 1;
/** A standard stream of the operating system's process, which the runtime reads and writes. */
export const FILE_HOST: i32 = 2;

@unmanaged
export class File {
  /** 0 */ refs: i32; // descriptors that name it, 0 for a free slot
  /** 4 */ kind: i32;
  /** 8 */ flags: i32; // O_ACCMODE and the status flags; atomic
  /** 12 */ object: usize; // slot of the pipe
  /** 16 */ offset: i64; // bytes; unused by a pipe
}

export const FILE_SIZE: usize = 32;

/** The first slots are the host's standard streams, which the machine itself refers to once. */
export const FILE_STANDARD: i32 = 3;

export function file_format(): void {
  for (let index = 0; index < FILE_STANDARD; index++) {
    const file = file_at(index);
    file_init(file, FILE_HOST, index == 0 ? O_RDONLY : O_WRONLY, <usize>index);
    file.refs = 1;
  }
}

export function file_at(index: i32): File {
  return changetype<File>(region(REGION_FILE) + <usize>index * FILE_SIZE);
}

/** The pipe that it is an end of, or null. */
export function file_pipe(file: File): Pipe | null {
  return file.kind == FILE_PIPE ? changetype<Pipe>(file.object) : null;
}

/** A free slot other than `spare`, or null when the table is full. Guard: LOCK_PROC. */
export function file_free_slot(spare: File | null): File | null {
  const count = limit(LIMIT_FILE_MAX);
  for (let index = 0; index < count; index++) {
    const file = file_at(index);
    if (file.refs == 0 && file != spare) return file;
  }
  return null;
}

/** Fills a free slot, which nobody reads before it has a descriptor. */
export function file_init(file: File, kind: i32, flags: i32, object: usize): void {
  file.kind = kind;
  file.flags = flags;
  file.object = object;
  file.offset = 0;
}

/** One descriptor more. Logged. */
export function file_hold(file: File): void {
  put32(changetype<usize>(file), file.refs + 1);
}

/**
 * Takes the locks that giving up a descriptor of `file` needs. LOCK_PROC is held.
 * @returns what file_drop() and file_drop_end() are told; or -ELOCK, -EINTR: nothing is taken
 */
export function file_drop_begin(file: File): i32 {
  if (file.refs > 1) return 0;
  const pipe = file_pipe(file);
  return pipe == null ? 0 : pipe_close_begin(pipe);
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
