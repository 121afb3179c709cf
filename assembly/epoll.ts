/**
 * epoll_create1(2), epoll_ctl(2), epoll_wait(2). An instance is an open file description; its list of
 * interest is in watch.ts, and its list of what is ready is looked up when asked for. A sleeper is one
 * of poll(2).
 *
 * Guard: LOCK_PROC. Crash: journalled; each event that is told is a transaction of its own.
 */
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLWAKEUP,
} from "./abi/epoll.ts";
import { EBADF, EEXIST, EINVAL, ELOOP, ENFILE, ENOENT, ENOSPC, EPERM, EWAIT } from "./abi/errno.ts";
import { FD_CLOEXEC, O_RDWR } from "./abi/fcntl.ts";
import { LIMIT_WATCH_MAX } from "./abi/layout.ts";
import { current } from "./current.ts";
import { fd_file, fd_free, fd_set } from "./fd.ts";
import { FILE_EPOLL, FILE_INODE, File, file_free_slot, file_init } from "./file.ts";
import { journal_commit, put32, put64, putf64 } from "./journal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { poll_begin, poll_end } from "./poll.ts";
import { poll_stamp, poll_watch } from "./poll-events.ts";
import { poll_wake } from "./poll-wake.ts";
import { proc_current } from "./proc.ts";
import { LOCK_PROC, limit, REGION_TRANSFER_SIZE, region } from "./region.ts";
import { task_ops, task_transfer } from "./task.ts";
import {
  Watch,
  watch_at,
  watch_depth,
  watch_find,
  watch_free_slot,
  watch_height,
  watch_of,
  watch_reaches,
} from "./watch.ts";

/** Instances that may stand below each other, see epoll_ctl(2), ELOOP. */
const CHAIN_MOST: i32 = 5;
/** epoll_wait(2): no array of struct epoll_event is longer. */
const EVENTS_MOST: i32 = 178956970;
/** Flags that go together with EPOLLEXCLUSIVE. */
const EXCLUSIVE_OK: i32 =
  EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
/** One event in the transfer area: data as f64, events as i32. */
const EVENT_SIZE: usize = 16;

/** epoll_create1(2). */
export function sys_epoll_create1(flags: i32): i32 {
  // EINVAL: unknown flags.
  if ((flags & ~EPOLL_CLOEXEC) != 0) return -EINVAL;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const file = file_free_slot(null);
  const fd = fd_free(proc_current(), 0);
  // ENFILE: no description is free. EMFILE: no number is.
  const result = file == null ? -ENFILE : fd;
  if (file != null && fd >= 0) {
    file_init(file, FILE_EPOLL, O_RDWR, changetype<usize>(file));
    fd_set(proc_current(), fd, file, flags != 0 ? FD_CLOEXEC : 0);
  }
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

/** epoll_ctl(2); the caller has looked that there is an event. */
export function sys_epoll_ctl(epfd: i32, op: i32, fd: i32, events: i32, data: f64): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const epoll = fd_file(proc_current(), epfd);
  const file = fd_file(proc_current(), fd);
  // EBADF: either is not open.
  const result =
    epoll == null || file == null ? -EBADF : epoll_ctl_locked(epoll, op, file, fd, events, data);
  journal_commit();
  lock_leave(LOCK_PROC, RANK_TABLE);
  // Who sleeps on the instance looks at what is new.
  if (result == 0 && epoll != null) poll_wake(changetype<usize>(epoll));
  return result;
}

function epoll_ctl_locked(epoll: File, op: i32, file: File, fd: i32, events: i32, data: f64): i32 {
  // EPERM: a regular file, a directory or the like is always ready.
  if (file.kind == FILE_INODE) return -EPERM;
  // EINVAL: no epoll instance, or one that would watch itself.
  if (epoll.kind != FILE_EPOLL || epoll == file) return -EINVAL;
  const nested = file.kind == FILE_EPOLL;
  if ((events & EPOLLEXCLUSIVE) != 0 && op != EPOLL_CTL_DEL) {
    // EINVAL: EPOLLEXCLUSIVE is for EPOLL_CTL_ADD, of no instance, with few other flags.
    if (op == EPOLL_CTL_MOD || nested || (events & ~EXCLUSIVE_OK) != 0) return -EINVAL;
  }
  // ELOOP: a ring, or too long a chain.
  if (op == EPOLL_CTL_ADD && nested && epoll_loops(epoll, file)) return -ELOOP;
  const watch = watch_find(epoll, file, fd);
  if (op == EPOLL_CTL_ADD) {
    // EEXIST: it is watched already.
    return watch != null ? -EEXIST : epoll_add(epoll, file, fd, events, data);
  }
  // EINVAL: no such operation. ENOENT: it is not watched.
  if (op != EPOLL_CTL_MOD && op != EPOLL_CTL_DEL) return -EINVAL;
  if (watch == null) return -ENOENT;
  const at = changetype<usize>(watch);
  if (op == EPOLL_CTL_DEL) {
    put32(at, 0);
    return 0;
  }
  // EINVAL: it was added with EPOLLEXCLUSIVE.
  if ((watch.events & EPOLLEXCLUSIVE) != 0) return -EINVAL;
  put32(at + offsetof<Watch>("events"), events);
  put32(at + offsetof<Watch>("armed"), 1);
  put32(at + offsetof<Watch>("seen"), ~poll_stamp(file));
  putf64(at + offsetof<Watch>("data"), data);
  return 0;
}

function epoll_loops(epoll: File, file: File): bool {
  if (watch_reaches(file, epoll, CHAIN_MOST)) return true;
  const most = CHAIN_MOST + 1;
  return watch_depth(file, most) + watch_height(epoll, most) > CHAIN_MOST;
}

function epoll_add(epoll: File, file: File, fd: i32, events: i32, data: f64): i32 {
  const watch = watch_free_slot();
  // ENOSPC: the machine's table of watches is full.
  if (watch == null) return -ENOSPC;
  const at = changetype<usize>(watch);
  // It counts for nobody: only the word that names the instance is logged, and stored last.
  put32(at, 0);
  watch.epoll_serial = epoll.serial;
  watch.file = changetype<usize>(file);
  watch.file_serial = file.serial;
  watch.fd = fd;
  watch.events = events;
  watch.armed = 1;
  watch.seen = ~poll_stamp(file);
  watch.data = data;
  watch.turn = 0;
  put32(at, <i32>changetype<usize>(epoll));
  return 0;
}

/**
 * epoll_wait(2): the events go to the transfer area. @returns their count; 0 for none, or when the
 * caller would wait -EWAIT (then -ERETRY).
 */
export function sys_epoll_wait(epfd: i32, maxevents: i32, wait: i32): i32 {
  const epoll = fd_file(proc_current(), epfd);
  // EBADF: not open.
  if (epoll == null) return -EBADF;
  // EINVAL: not positive, or more than there can be; or no epoll instance.
  if (maxevents <= 0 || maxevents > EVENTS_MOST || epoll.kind != FILE_EPOLL) return -EINVAL;
  const ready = epoll_take(epoll, maxevents);
  if (ready != 0 || wait == 0) return ready;
  store<u32>(task_ops(current), <u32>changetype<usize>(epoll));
  poll_begin(1);
  // When its time is up, nothing is left to be looked at: see poll_wait_end().
  current.wait_arg1 = 1;
  // Once more, now that whoever changes something sees the sleeper.
  const late = epoll_take(epoll, maxevents);
  if (late == 0) return -EWAIT;
  poll_end(current);
  return late;
}

/** Tells what is ready, the longest untold first. @returns how many, -ELOCK or -EINTR. */
function epoll_take(epoll: File, maxevents: i32): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const room = min(maxevents, <i32>(region(REGION_TRANSFER_SIZE) / EVENT_SIZE));
  const turn = <i32>(epoll.offset & 0x7fffffff) + 1;
  let count = 0;
  while (count < room) {
    const watch = epoll_next(epoll, turn);
    if (watch == null) break;
    // With the first event: a turn that were not over could not tell these watches again.
    if (count == 0) put64(changetype<usize>(epoll) + offsetof<File>("offset"), <i64>turn);
    epoll_tell(watch, task_transfer(current) + <usize>count * EVENT_SIZE, turn);
    count += 1;
  }
  lock_leave(LOCK_PROC, RANK_TABLE);
  return count;
}

/** The ready watch that was told longest ago, and not in this turn. */
function epoll_next(epoll: File, turn: i32): Watch | null {
  const count = limit(LIMIT_WATCH_MAX);
  let next: Watch | null = null;
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (!watch_of(watch, epoll) || watch.turn == turn || poll_watch(watch) == 0) continue;
    if (next == null || watch.turn < next.turn) next = watch;
  }
  return next;
}

/** Writes one event, and notes that it was told. Commits. */
function epoll_tell(watch: Watch, to: usize, turn: i32): void {
  const at = changetype<usize>(watch);
  store<f64>(to, watch.data);
  store<i32>(to, poll_watch(watch), 8);
  put32(at + offsetof<Watch>("turn"), turn);
  put32(at + offsetof<Watch>("seen"), poll_stamp(changetype<File>(watch.file)));
  if ((watch.events & EPOLLONESHOT) != 0) put32(at + offsetof<Watch>("armed"), 0);
  journal_commit();
}
