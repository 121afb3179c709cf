/**
 * Formats a machine: lays the tables out behind the superblock and publishes the magic last. The
 * memory is new, so it is zero: a slot of zeros is a free one in every table. No locks: nobody else
 * may attach before SB_STATE says so.
 *
 *   superblock | processes | tasks | descriptors | descriptions | pipes | watches | inodes | locks | undo |
 *   attachments | shm | sem | msg | pool | frame table | frames
 * Crash: a machine that is not formatted to its end never says that it runs, and nobody attaches.
 */
import { EINVAL, ENOMEM } from "./abi/errno.ts";
import {
  ABI_VERSION,
  LIMIT_FILE_MAX,
  LIMIT_FILE_PAGES,
  LIMIT_INODES,
  LIMIT_LOCK_MAX,
  LIMIT_MSGMAX,
  LIMIT_MSGMNB,
  LIMIT_MSGMNI,
  LIMIT_MSGSEG,
  LIMIT_OPEN_MAX,
  LIMIT_PIPE_MAX,
  LIMIT_PROC_MAX,
  LIMIT_SEMMNI,
  LIMIT_SEMMNS,
  LIMIT_SEMMNU,
  LIMIT_SEMMSL,
  LIMIT_SEMOPM,
  LIMIT_SEMVMX,
  LIMIT_SHMALL,
  LIMIT_SHMMAX,
  LIMIT_SHMMNI,
  LIMIT_SHMSEG,
  LIMIT_TASK_MAX,
  LIMIT_WATCH_MAX,
  SB_ABI_VERSION,
  SB_BOOT_ID,
  SB_MAGIC,
  SB_STATE,
  SB_TIME,
  SB_WASM_PAGES,
  STATE_RUNNING,
  SUPERBLOCK_MAGIC,
  SUPERBLOCK_SIZE,
} from "./abi/layout.ts";
import {
  IPCMNI,
  MEMORY_PAGES_MAX,
  MEMORY_PAGES_MIN,
  PAGE_SIZE,
  SEMVMX_LIMIT,
  TASK_MAX_LIMIT,
} from "./abi/limits.ts";
import { MSGBUF_MTEXT } from "./abi/msg.ts";
import { SEMBUF_SIZE } from "./abi/sem.ts";
import { ATTACHMENT_SIZE } from "./attach.ts";
import { FD_SIZE } from "./fd.ts";
import { FILE_SIZE, file_format } from "./file.ts";
import { FILE_PAGES_MIN, fs_format, INODES_MIN } from "./fs-format.ts";
import { INODE_SIZE } from "./inode.ts";
import { JOURNAL_BASE, JOURNAL_ENTRY, JOURNAL_SLEEPER } from "./journal.ts";
import { QUEUE_SIZE } from "./msg.ts";
import { BLOCK_SIZE } from "./msgpool.ts";
import { FRAME_SIZE } from "./page.ts";
import { PIPE_SLOT } from "./pipe.ts";
import { PROC_LIVE, PROC_SIZE, proc_slot, proc_title_at } from "./proc.ts";
import { RECORD_SIZE, REQUEST_SIZE } from "./record.ts";
import {
  LOCK_MSG,
  LOCK_SEM,
  LOCK_SHM,
  limit,
  REGION_ATTACH,
  REGION_FD,
  REGION_FILE,
  REGION_FRAME,
  REGION_INODE,
  REGION_JOURNAL_MAX,
  REGION_MSG,
  REGION_PAGE,
  REGION_PAGE_COUNT,
  REGION_PIPE,
  REGION_POOL,
  REGION_PROC,
  REGION_RECORD,
  REGION_SEM,
  REGION_SHM,
  REGION_TASK,
  REGION_TASK_JOURNAL,
  REGION_TASK_OPS,
  REGION_TASK_STRIDE,
  REGION_TASK_TRANSFER,
  REGION_TRANSFER_SIZE,
  REGION_UNDO,
  REGION_WATCH,
  region,
  region_set,
  TABLE_MSG,
  TABLE_SEM,
  TABLE_SHM,
  WORD_NEXT_PID,
} from "./region.ts";
import { SEMSET_SIZE } from "./sem.ts";
import { SEGMENT_SIZE } from "./shm.ts";
import { table_of } from "./table.ts";
import { TASK_HEADER, TASK_OP_SIZE } from "./task.ts";
import { Title, title_name } from "./title.ts";
import { UNDO_SIZE } from "./undo.ts";
import { WATCH_SIZE } from "./watch.ts";

/** A machine with fewer frames than this is of no use. */
const FRAMES_MIN: u64 = 16;
/** Smallest transfer area: a path or a program record must fit. */
const TRANSFER_MIN: i32 = 8192;

/** "init", as process 1 is called. */
const INIT: u32 = 0x74696e69;

function within(index: i32, low: i32, high: i32): bool {
  const value = limit(index);
  return value >= low && value <= high;
}

function limits_valid(): bool {
  const pages = load<i32>(SB_WASM_PAGES);
  return (
    pages >= MEMORY_PAGES_MIN &&
    pages <= MEMORY_PAGES_MAX &&
    within(LIMIT_PROC_MAX, 2, TASK_MAX_LIMIT) &&
    within(LIMIT_TASK_MAX, 2, TASK_MAX_LIMIT) &&
    within(LIMIT_SHMMNI, 1, IPCMNI) &&
    within(LIMIT_SHMMAX, 1, i32.MAX_VALUE) &&
    within(LIMIT_SHMALL, 1, i32.MAX_VALUE) &&
    within(LIMIT_SHMSEG, 1, 1 << 20) &&
    within(LIMIT_SEMMNI, 1, IPCMNI) &&
    within(LIMIT_SEMMSL, 1, 65535) &&
    within(LIMIT_SEMMNS, 1, i32.MAX_VALUE) &&
    within(LIMIT_SEMOPM, 1, 65535) &&
    within(LIMIT_SEMVMX, 1, SEMVMX_LIMIT) &&
    within(LIMIT_SEMMNU, 1, 1 << 20) &&
    within(LIMIT_MSGMNI, 1, IPCMNI) &&
    within(LIMIT_MSGMAX, 1, 1 << 24) &&
    within(LIMIT_MSGMNB, 1, 1 << 30) &&
    within(LIMIT_MSGSEG, 1, 1 << 24) &&
    within(LIMIT_OPEN_MAX, 3, 1024) &&
    within(LIMIT_FILE_MAX, 3, 1 << 16) &&
    within(LIMIT_PIPE_MAX, 1, 1 << 16) &&
    within(LIMIT_WATCH_MAX, 1, 1 << 16) &&
    within(LIMIT_INODES, INODES_MIN, 1 << 16) &&
    within(LIMIT_FILE_PAGES, FILE_PAGES_MIN, 1 << 20) &&
    within(LIMIT_LOCK_MAX, 1, 1 << 16)
  );
}

/** The next free byte while the layout is made; 64 bits, so that a sum cannot wrap. */
function region_place(index: usize, at: u64, count: i32, size: usize): u64 {
  region_set(index, <usize>at);
  return (at + <u64>count * <u64>size + 63) & ~63;
}

/** Offsets within a task's slot. @returns the slot's size. */
function task_layout(): u64 {
  const semopm = limit(LIMIT_SEMOPM);
  const transfer = max(
    max(limit(LIMIT_MSGMAX) + MSGBUF_MTEXT, semopm * SEMBUF_SIZE),
    max(limit(LIMIT_SEMMSL) << 1, TRANSFER_MIN),
  );
  // Whole words are copied, so a little more than the largest structure.
  const transfer_size = (transfer + 8 + 63) & ~63;
  const sleepers = limit(LIMIT_TASK_MAX) * JOURNAL_SLEEPER;
  const descriptors = limit(LIMIT_PROC_MAX) + limit(LIMIT_OPEN_MAX);
  // One lock may replace all others of its owner, an entry each.
  const journal_max =
    JOURNAL_BASE + max(max(semopm * 2, limit(LIMIT_LOCK_MAX)), max(descriptors, sleepers));
  let at = <u64>TASK_HEADER;
  region_set(REGION_TASK_OPS, <usize>at);
  // poll(2) keeps its addresses where semop keeps its operations, and fcntl(2) the lock it asks for.
  const addresses = max((<u64>limit(LIMIT_OPEN_MAX)) << 2, <u64>REQUEST_SIZE);
  const ops = max(<u64>semopm * <u64>TASK_OP_SIZE, addresses);
  at = (at + ops + 63) & ~63;
  region_set(REGION_TASK_JOURNAL, <usize>at);
  at = (at + <u64>journal_max * <u64>JOURNAL_ENTRY + 63) & ~63;
  region_set(REGION_TASK_TRANSFER, <usize>at);
  region_set(REGION_TRANSFER_SIZE, <usize>transfer_size);
  region_set(REGION_JOURNAL_MAX, <usize>journal_max);
  at = at + <u64>transfer_size;
  region_set(REGION_TASK_STRIDE, <usize>at);
  return at;
}

function table_format(at: usize, base: usize, stride: usize, size: i32, lock: usize): void {
  const table = table_of(at);
  table.base = base;
  table.stride = stride;
  table.size = size;
  table.lock = lock;
}

/**
 * Formats the memory, whose limits and SB_WASM_PAGES boot has written. @returns 0, -EINVAL (a limit
 * is out of range) or -ENOMEM (the tables leave no room for page frames).
 */
export function machine_format(now_seconds: f64, boot_low: i32, boot_high: i32): i32 {
  if (!limits_valid()) return -EINVAL;
  const memory_end = (<u64>load<i32>(SB_WASM_PAGES)) << 16;
  let at: u64 = SUPERBLOCK_SIZE;
  at = region_place(REGION_PROC, at, limit(LIMIT_PROC_MAX), PROC_SIZE);
  at = region_place(REGION_TASK, at, limit(LIMIT_TASK_MAX), <usize>task_layout());
  at = region_place(REGION_FD, at, limit(LIMIT_PROC_MAX) * limit(LIMIT_OPEN_MAX), FD_SIZE);
  at = region_place(REGION_FILE, at, limit(LIMIT_FILE_MAX), FILE_SIZE);
  at = region_place(REGION_PIPE, at, limit(LIMIT_PIPE_MAX), PIPE_SLOT);
  at = region_place(REGION_WATCH, at, limit(LIMIT_WATCH_MAX), WATCH_SIZE);
  at = region_place(REGION_INODE, at, limit(LIMIT_INODES), INODE_SIZE);
  at = region_place(REGION_RECORD, at, limit(LIMIT_LOCK_MAX), RECORD_SIZE);
  at = region_place(REGION_UNDO, at, limit(LIMIT_SEMMNU), UNDO_SIZE);
  at = region_place(REGION_ATTACH, at, limit(LIMIT_SHMSEG), ATTACHMENT_SIZE);
  at = region_place(REGION_SHM, at, limit(LIMIT_SHMMNI), SEGMENT_SIZE);
  at = region_place(REGION_SEM, at, limit(LIMIT_SEMMNI), SEMSET_SIZE);
  at = region_place(REGION_MSG, at, limit(LIMIT_MSGMNI), QUEUE_SIZE);
  // A message's address must be a multiple of its block's size, see msgop.ts.
  at = (at + 127) & ~127;
  at = region_place(REGION_POOL, at, limit(LIMIT_MSGSEG), BLOCK_SIZE);
  if (at + FRAMES_MIN * (<u64>PAGE_SIZE + <u64>FRAME_SIZE) + PAGE_SIZE > memory_end) return -ENOMEM;
  const frames = <i32>((memory_end - at - PAGE_SIZE) / (<u64>PAGE_SIZE + <u64>FRAME_SIZE));
  at = region_place(REGION_FRAME, at, frames, FRAME_SIZE);
  region_set(REGION_PAGE, <usize>((at + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)));
  region_set(REGION_PAGE_COUNT, frames);
  table_format(TABLE_SHM, region(REGION_SHM), SEGMENT_SIZE, limit(LIMIT_SHMMNI), LOCK_SHM);
  table_format(TABLE_SEM, region(REGION_SEM), SEMSET_SIZE, limit(LIMIT_SEMMNI), LOCK_SEM);
  table_format(TABLE_MSG, region(REGION_MSG), QUEUE_SIZE, limit(LIMIT_MSGMNI), LOCK_MSG);
  const init = proc_slot(0);
  init.state = PROC_LIVE;
  init.pid = 1;
  init.umask = 0o022;
  init.pgid = init.pid;
  init.sid = init.pid;
  const title = changetype<Title>(proc_title_at(init));
  title.started = now_seconds;
  store<u32>(title_name(title), INIT);
  file_format();
  store<i32>(WORD_NEXT_PID, 2);
  store<f64>(SB_TIME, now_seconds);
  fs_format();
  store<i32>(SB_BOOT_ID, boot_low);
  store<i32>(SB_BOOT_ID + 4, boot_high);
  store<i32>(SB_ABI_VERSION, ABI_VERSION);
  store<i32>(SB_MAGIC, SUPERBLOCK_MAGIC);
  atomic.store<i32>(SB_STATE, STATE_RUNNING);
  return 0;
}

/** Publishes the time of day in whole seconds. */
export function machine_set_time(now_seconds: f64): void {
  store<f64>(SB_TIME, now_seconds);
}
