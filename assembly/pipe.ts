/**
 * Pipes: a ring of bytes between open file descriptions that write and others that read. Reading and
 * writing are in pipe-io.ts.
 *
 *   pipe   free slot -> live (pipe2) -> free slot, when no description is left
 *
 * Guard: the pipe's lock (object), then LOCK_PAGE for its frames; its life: LOCK_PROC, which comes
 * first. poll(2) looks at the indices and counts without a lock. Crash: the ends are journalled, part
 * of the caller's transaction; bytes are committed by the store of one index. See pipe(7).
 */
import { ERETRY } from "./abi/errno.ts";
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY } from "./abi/fcntl.ts";
import { LIMIT_PIPE_MAX } from "./abi/layout.ts";
import { FILE_PIPE, File } from "./file.ts";
import { put32 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_LEAF, RANK_OBJECT } from "./lock.ts";
import { page_address, page_free_locked, page_poison } from "./page.ts";
import { poll_wake } from "./poll-wake.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PAGE, limit, now, REGION_PIPE, region, WORD_INODE } from "./region.ts";
import { waitq_first, waitq_wake } from "./waitq.ts";

/** What reading and writing need is one cache line: whoever takes the lock has the rest with it. */
@unmanaged
export class Pipe {
  /** 0 */ lock: i32;
  /** 4 */ live: i32; // 0 for a free slot
  /** 8 */ base: usize; // address of the ring
  /** 12 */ size: u32; // its bytes, a power of two of pages
  /** 16 */ first: u32; // its first frame
  /** 20 */ readers: i32; // descriptions open for reading
  /** 24 */ writers: i32;
  /** 28 */ head: u32; // bytes read, wraps; atomic
  /** 32 */ tail: u32; // bytes written, wraps; atomic
  /** 36 */ read_head: usize; // who sleeps in read
  /** 40 */ read_tail: usize;
  /** 44 */ write_head: usize; // who sleeps in write
  /** 48 */ write_tail: usize;
  /** 52 */ inode: i32; // number of the pipe in the machine's life
  /** 56 */ uid: i32;
  /** 60 */ gid: i32;
  /** 64 */ ctime: f64;
  /** 72 */ roomy: u32; // how often it stopped being full; guard: lock
  /** 76 */ readers_seen: u32; // ends ever opened: fifo.ts; guard: lock
  /** 80 */ writers_seen: u32;
  /** 84 */ mode: i32; // of a pipe without a name
  /** 88 */ atime: f64; // of one without a name, as mode; guard: LOCK_NAME
  /** 96 */ mtime: f64;
}

export const PIPE_SLOT: usize = 128;

/** What pipe_close_begin() has locked. */
const CLOSE_END: i32 = 1;
const CLOSE_PIPE: i32 = 2;

export function pipe_at(index: i32): Pipe {
  return changetype<Pipe>(region(REGION_PIPE) + <usize>index * PIPE_SLOT);
}

export function pipe_readers(pipe: Pipe): usize {
  return changetype<usize>(pipe) + offsetof<Pipe>("read_head");
}

export function pipe_writers(pipe: Pipe): usize {
  return changetype<usize>(pipe) + offsetof<Pipe>("write_head");
}

/** The pipe that a description is an end of, or null. */
export function pipe_of(file: File): Pipe | null {
  return file.kind == FILE_PIPE ? changetype<Pipe>(file.object) : null;
}

/** Bytes in the pipe. Without the lock a moment's answer: the head is read first, so never below 0. */
export function pipe_filled(pipe: Pipe): u32 {
  const at = changetype<usize>(pipe);
  const head = atomic.load<u32>(at + offsetof<Pipe>("head"));
  return atomic.load<u32>(at + offsetof<Pipe>("tail")) - head;
}

/** A free slot, or null when the table is full. Guard: LOCK_PROC. */
export function pipe_free_slot(): Pipe | null {
  const count = limit(LIMIT_PIPE_MAX);
  for (let index = 0; index < count; index++) {
    const pipe = pipe_at(index);
    if (pipe.live == 0) return pipe;
  }
  return null;
}

/** Fills a free slot, which nobody reads before it is live: an empty pipe with `ends` ends of each kind. */
export function pipe_init(pipe: Pipe, first: u32, size: u32, ends: i32): void {
  pipe.base = page_address(first);
  pipe.size = size;
  pipe.first = first;
  pipe.readers = ends;
  pipe.writers = ends;
  pipe.readers_seen = 1;
  pipe.writers_seen = 1;
  pipe.mode = 0o600;
  pipe.head = 0;
  pipe.tail = 0;
  pipe.roomy = 0;
  const proc = proc_current();
  pipe.inode = atomic.add<i32>(WORD_INODE, 1) + 1;
  pipe.uid = proc.euid;
  pipe.gid = proc.egid;
  pipe.ctime = now();
  pipe.atime = pipe.ctime;
  pipe.mtime = pipe.ctime;
}

/** Locks what the close of an end changes; of the last end: the frames too. @returns 1, 3 or -ELOCK, -EINTR. */
export function pipe_close_begin(pipe: Pipe, flags: i32): i32 {
  const lock = changetype<usize>(pipe);
  const locked = lock_nest(lock, RANK_OBJECT);
  if (locked != 0) return locked;
  const own = (flags & O_ACCMODE) == O_RDWR ? 2 : 1;
  if (pipe.readers + pipe.writers > own) return CLOSE_END;
  const nested = lock_nest(LOCK_PAGE, RANK_LEAF);
  if (nested == 0) return CLOSE_END | CLOSE_PIPE;
  lock_leave(lock, RANK_OBJECT);
  return nested;
}

/** Counts the ends of a description with these flags. Logged. */
export function pipe_ends_add(pipe: Pipe, flags: i32, count: i32): void {
  const at = changetype<usize>(pipe);
  const access = flags & O_ACCMODE;
  if (access != O_WRONLY) put32(at + offsetof<Pipe>("readers"), pipe.readers + count);
  if (access != O_RDONLY) put32(at + offsetof<Pipe>("writers"), pipe.writers + count);
}

/** Whether a close with what pipe_close_begin() returned ends the pipe. */
export function pipe_close_ends(locks: i32): bool {
  return (locks & CLOSE_PIPE) != 0;
}

/** A description with these flags is open no more. Logged. */
export function pipe_close_locked(pipe: Pipe, flags: i32, locks: i32): void {
  const at = changetype<usize>(pipe);
  pipe_ends_add(pipe, flags, -1);
  // The other end learns of it; a call of the same end, on a descriptor closed under it, is EBADF.
  if (pipe.readers == 0 || pipe.writers == 0) {
    pipe_wake_all(pipe_readers(pipe));
    pipe_wake_all(pipe_writers(pipe));
  }
  if ((locks & CLOSE_PIPE) == 0) return;
  put32(at + offsetof<Pipe>("live"), 0);
  page_free_locked(pipe.first, pipe.size >>> 12);
}

/** After the commit. */
export function pipe_close_end(pipe: Pipe, locks: i32): void {
  if ((locks & CLOSE_PIPE) != 0) {
    page_poison(pipe.first, pipe.size >>> 12);
    lock_leave(LOCK_PAGE, RANK_LEAF);
  }
  lock_leave(changetype<usize>(pipe), RANK_OBJECT);
  poll_wake(changetype<usize>(pipe));
}

/** Every sleeper of a queue looks again. Logged. */
export function pipe_wake_all(queue: usize): void {
  let task = waitq_first(queue);
  while (task != null) {
    waitq_wake(task, -ERETRY);
    task = waitq_first(queue);
  }
}

/** Whether a writer has come since the reading end was opened: POLLHUP before would be news of nothing. */
export function pipe_met(file: File, pipe: Pipe): bool {
  return file.offset != <i64>pipe.writers_seen;
}
