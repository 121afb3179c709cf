/**
 * What a lock is on: a file, whatever its name, known by an address that is its own as long as
 * anybody has it open. No locks: a description's kind and file do not change while it is open; offset
 * and size are read as they are, as Linux reads them.
 * Crash: constant, nothing is stored.
 */
import { FILE_EPOLL, FILE_HOST, FILE_INODE, File } from "./file.ts";
import { Inode } from "./inode.ts";
import { WORD_RECORD_QUEUE } from "./region.ts";

/** The address of the file that a description is of. */
export function lockable_of(file: File): usize {
  if (file.inode != 0) return file.inode;
  // A standard stream is a file of its own; epoll instances share one inode, as on Linux.
  if (file.kind == FILE_HOST) return changetype<usize>(file);
  return file.kind == FILE_EPOLL ? WORD_RECORD_QUEUE : file.object;
}

/** Where SEEK_CUR is: a pipe has no offset. */
export function lockable_offset(file: File): i64 {
  return file.kind == FILE_INODE ? file.offset : 0;
}

/** Where SEEK_END is. */
export function lockable_size(file: File): i64 {
  return file.kind == FILE_INODE ? changetype<Inode>(file.inode).size : 0;
}
