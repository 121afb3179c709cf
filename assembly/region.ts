/**
 * Where the kernel's tables are: words of the superblock written once by boot.ts, constant after it.
 * No locks: constant data. TypeScript does not know these words.
 * Crash: constant after boot.
 */
import { LIMIT_COUNT, SB_KERNEL, SB_LIMITS, SB_REGIONS, SB_TIME } from "./abi/layout.ts";

export const REGION_PROC: usize = 0;
export const REGION_TASK: usize = 1;
export const REGION_TASK_STRIDE: usize = 2;
/** Offsets within a task's slot, and the sizes that follow from the limits. */
export const REGION_TASK_OPS: usize = 3;
export const REGION_TASK_JOURNAL: usize = 4;
export const REGION_TASK_TRANSFER: usize = 5;
export const REGION_TRANSFER_SIZE: usize = 6;
export const REGION_JOURNAL_MAX: usize = 7; // entries
export const REGION_UNDO: usize = 8;
export const REGION_ATTACH: usize = 9;
export const REGION_SHM: usize = 10;
export const REGION_SEM: usize = 11;
export const REGION_MSG: usize = 12;
export const REGION_POOL: usize = 13;
export const REGION_FRAME: usize = 14; // frame table
export const REGION_PAGE: usize = 15; // first page frame
export const REGION_PAGE_COUNT: usize = 16;
export const REGION_FD: usize = 17;
export const REGION_FILE: usize = 18;
export const REGION_PIPE: usize = 19;
export const REGION_WATCH: usize = 20;
export const REGION_INODE: usize = 21;
export const REGION_RECORD: usize = 26;

/** The region word `index`. */
export function region(index: usize): usize {
  return load<u32>(<usize>SB_REGIONS + (index << 2));
}

export function region_set(index: usize, value: usize): void {
  store<u32>(<usize>SB_REGIONS + (index << 2), <u32>value);
}

/** The limit `index`, one of LIMIT_*. */
export function limit(index: i32): i32 {
  assert(index >= 0 && index < LIMIT_COUNT);
  return load<i32>(SB_LIMITS + (index << 2));
}

/** Seconds since the Epoch, as the supervisor last published them. */
export function now(): f64 {
  return load<f64>(SB_TIME);
}

/** Kernel words of the superblock, from SB_KERNEL. Each lock has a cache line of its own. */
export const WORD_NEXT_PID: usize = SB_KERNEL; // guard: LOCK_PROC
export const WORD_UNDO_HIGH: usize = SB_KERNEL + 4; // only grows: entries ever used; guard: LOCK_UNDO
export const WORD_POOL_FREE: usize = SB_KERNEL + 8; // guard: LOCK_MSG
export const WORD_POOL_USED: usize = SB_KERNEL + 12; // blocks in use; guard: LOCK_MSG
export const WORD_POOL_FRESH: usize = SB_KERNEL + 16; // blocks never used follow; guard: LOCK_MSG
export const WORD_SEMS_USED: usize = SB_KERNEL + 20; // semaphores in all sets; guard: LOCK_SEM
export const WORD_SHM_PAGES: usize = SB_KERNEL + 24; // pages in all segments; guard: LOCK_SHM
export const WORD_ATTACH_HIGH: usize = SB_KERNEL + 28; // attach slots in use are below; guard: LOCK_SHM
export const WORD_FREE_HEAD: usize = SB_KERNEL + 32; // free extents; guard: LOCK_PAGE
export const WORD_FREE_TAIL: usize = SB_KERNEL + 36;
export const WORD_FRAME_FRESH: usize = SB_KERNEL + 40; // frames never used follow; guard: LOCK_PAGE
export const WORD_MSG_BYTES: usize = SB_KERNEL + 48; // text bytes in all queues; guard: LOCK_MSG
export const WORD_MSG_COUNT: usize = SB_KERNEL + 52; // messages in all queues; guard: LOCK_MSG

export const WORD_THREAD_SERIAL: usize = SB_KERNEL + 60; // of the newest thread; atomic
export const WORD_ATTACH_SERIAL: usize = SB_KERNEL + 56; // of the last shmat; guard: LOCK_SHM

export const LOCK_SHM: usize = SB_KERNEL + 64;
export const LOCK_SEM: usize = SB_KERNEL + 128;
export const LOCK_MSG: usize = SB_KERNEL + 192;
export const LOCK_PAGE: usize = SB_KERNEL + 256;
export const LOCK_PROC: usize = SB_KERNEL + 320;

/** Slot tables of the three kinds: 64 bytes each, see table.ts. */
export const TABLE_SHM: usize = SB_KERNEL + 384;
export const TABLE_SEM: usize = SB_KERNEL + 448;
export const TABLE_MSG: usize = SB_KERNEL + 512;

export const WORD_INODE: usize = SB_KERNEL + 752; // number of the newest pipe; atomic
export const WORD_FILE_SERIAL: usize = SB_KERNEL + 756; // of the newest description; atomic
/** A bit a task: those that sleep in poll(2); atomic. */
export const WORD_POLL_BITS: usize = SB_KERNEL + 768;

/** The whole namespace: directories, what an inode says but for its data, current directories. */
export const LOCK_NAME: usize = SB_KERNEL + 896;
export const WORD_INODES_USED: usize = SB_KERNEL + 900; // inodes and further names; guard: LOCK_NAME
export const WORD_INODE_NEXT: usize = SB_KERNEL + 904; // where a free slot is looked for first, a hint
export const WORD_FILE_PAGES: usize = SB_KERNEL + 960; // page frames of all inodes; guard: LOCK_PAGE

/** After the tables, on cache lines of their own. */
export const LOCK_UNDO: usize = SB_KERNEL + 576;
/** Of who sleeps on a user's mutex: the queue's head and tail are on the line behind. */
export const LOCK_MUTEX: usize = SB_KERNEL + 640;
export const WORD_MUTEX_QUEUE: usize = SB_KERNEL + 704; // guard: LOCK_MUTEX
/** Of locks on files, and who waits for them. */
export const LOCK_RECORD: usize = SB_KERNEL + 1024;
export const WORD_RECORD_QUEUE: usize = SB_KERNEL + 1088; // head and tail; guard: LOCK_RECORD, as below
export const WORD_RECORD_HIGH: usize = SB_KERNEL + 1096; // entries in use are below
export const WORD_RECORD_SERIAL: usize = SB_KERNEL + 1100; // of the newest owner of locks on a file
/** Of the calls that wait for a volume's disk: head and tail; guard: LOCK_NAME, as the flags. */
export const WORD_VOLUME_QUEUE: usize = SB_KERNEL + 2048;
export const WORD_VOLUME_TICKET: usize = SB_KERNEL + 2056; // of the newest request; atomic
export const WORD_VOLUME_FLAGS: usize = SB_KERNEL + 2112; // VOLUME_MAX words
