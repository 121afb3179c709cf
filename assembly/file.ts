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
import { limit, REGION_FILE, region, WORD_FILE_SERIAL } from "./region.ts";

/** What a description is of: File.kind. */
export const FILE_PIPE: i32 = 1;
export const FILE_EPOLL: i32 = 3;
/** A regular file, a directory or a device. */
export const FILE_INODE: i32 = 4;
/** A standard stream of the operating system's process, which the runtime reads and writes. */
export const FILE_HOST: i32 = 2;
/** Object of one that /dev/tty gives: input and output both. Others are numbered 0 to 2. */
export const FILE_TERMINAL: usize = 3;

@unmanaged
export class File {
  /** 0 */ refs: i32; // descriptors that name it, 0 for a free slot
  /** 4 */ kind: i32;
  /** 8 */ flags: i32; // O_ACCMODE and the status flags; atomic
  /** 12 */ object: usize; // slot of the pipe or inode; of an epoll instance its own
  /** 16 */ offset: i64; // bytes; guard: the inode's lock, of a directory LOCK_NAME; of a FIFO see fifo.ts
  /** 24 */ serial: i32; // of the description, so that what watches it knows a new one in its slot
  /** 28 */ inode: usize; // what open(2) has opened, 0 for what has no name
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
  file.inode = 0;
  file.serial = atomic.add<i32>(WORD_FILE_SERIAL, 1) + 1;
}

/** One descriptor more. Logged. */
export function file_hold(file: File): void {
  put32(changetype<usize>(file), file.refs + 1);
}
