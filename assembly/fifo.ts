/**
 * FIFOs: a pipe under a name. The pipe is made by the first open(2) and goes with the last end. An open
 * that waits for the other end counts as its own end meanwhile: its description is there already, held by
 * the task as fd_hold() holds one, so whatever ends the task or its wait gives the end back. It waits for
 * an arrival, which it counts: who comes and goes at once lets it return too.
 *
 *   File.offset   of one that waits: the arrivals at the other end that it had seen; of one that reads
 *                 and has not met a writer: the same, for POLLHUP; else MET
 *
 * Guard: LOCK_PROC for the waiting, then LOCK_NAME, then the pipe's lock. Crash: one transaction an open,
 * with the wakes of those who waited for it. See fifo(7).
 */
import { EBADF, EMFILE, ENFILE, ENXIO, ERETRY, EWAIT } from "./abi/errno.ts";
import { FD_CLOEXEC, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY } from "./abi/fcntl.ts";
import { PIPE_SIZE } from "./abi/limits.ts";
import { current } from "./current.ts";
import { NEEDS } from "./directory.ts";
import { fd_free, fd_release_locked, fd_set, fd_take_held } from "./fd.ts";
import { FILE_PIPE, File, file_hold, file_init } from "./file.ts";
import { Inode, inode_opens_add } from "./inode.ts";
import { journal_commit, put32 } from "./journal.ts";
import { lock_leave, lock_nest, RANK_OBJECT } from "./lock.ts";
import { page_hand_over } from "./page.ts";
import { Pipe, pipe_ends_add, pipe_free_slot, pipe_init, pipe_of } from "./pipe.ts";
import { poll_wake } from "./poll-wake.ts";
import { proc_current } from "./proc.ts";
import { task_held_file, WAIT_OPEN } from "./task.ts";
import { waitq_first, waitq_sleep, waitq_wake } from "./waitq.ts";

/** File.offset of one that has met its other end. */
const MET: i64 = -1;

/** Where the opens wait that want a reader, or a writer. */
function fifo_queue(inode: Inode, for_writer: bool): usize {
  const at = changetype<usize>(inode);
  return at + (for_writer ? offsetof<Inode>("writers_head") : offsetof<Inode>("readers_head"));
}

/**
 * open(2) of a FIFO, as far as it is open to the caller; LOCK_PROC and LOCK_NAME are held, nothing is logged.
 * @returns the number; -EWAIT, -ENXIO, -ENFILE, -ELOCK, -EINTR or what NEEDS says
 */
export function fifo_open(inode: Inode, file: File, fd: i32, flags: i32): i32 {
  const access = flags & O_ACCMODE;
  const nonblock = (flags & O_NONBLOCK) != 0;
  const readers = inode.pipe == 0 ? 0 : changetype<Pipe>(inode.pipe).readers;
  // ENXIO: to write without waiting, and nobody reads.
  if (access == O_WRONLY && nonblock && readers == 0) return -ENXIO;
  const found = inode.pipe == 0 ? pipe_free_slot() : changetype<Pipe>(inode.pipe);
  // ENFILE: no pipe more in the machine.
  if (found == null) return -ENFILE;
  const pipe = found as Pipe;
  if (inode.pipe == 0 && current.hold_count != PIPE_SIZE >>> 12)
    return -(NEEDS + (PIPE_SIZE >>> 12));
  const lock = changetype<usize>(pipe);
  const nested = lock_nest(lock, RANK_OBJECT);
  if (nested != 0) return nested;
  if (inode.pipe == 0) {
    pipe_init(pipe, page_hand_over(), PIPE_SIZE, 0);
    put32(lock + offsetof<Pipe>("live"), 1);
    put32(changetype<usize>(inode) + offsetof<Inode>("pipe"), <i32>lock);
  }
  const result = fifo_open_end(inode, pipe, file, fd, flags);
  journal_commit();
  lock_leave(lock, RANK_OBJECT);
  poll_wake(lock);
  return result;
}

/** Makes the end, and lets those go on who wait for it. Logged. */
function fifo_open_end(inode: Inode, pipe: Pipe, file: File, fd: i32, flags: i32): i32 {
  const access = flags & O_ACCMODE;
  file_init(file, FILE_PIPE, flags & (O_ACCMODE | O_NONBLOCK), changetype<usize>(pipe));
  file.inode = changetype<usize>(inode);
  inode_opens_add(inode, 1);
  const alone =
    (access == O_RDONLY && pipe.writers == 0) || (access == O_WRONLY && pipe.readers == 0);
  file.offset = !alone ? MET : access == O_RDONLY ? pipe.writers_seen : pipe.readers_seen;
  pipe_ends_add(pipe, flags, 1);
  if (access != O_WRONLY) fifo_arrived(inode, pipe, false);
  if (access != O_RDONLY) fifo_arrived(inode, pipe, true);
  if (!alone || (flags & O_NONBLOCK) != 0) {
    fd_set(proc_current(), fd, file, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
    return fd;
  }
  file_hold(file);
  put32(task_held_file(current), <i32>changetype<usize>(file));
  return fifo_sleep(inode, access);
}

function fifo_sleep(inode: Inode, access: i32): i32 {
  // No lost wakeup: who arrives holds LOCK_PROC too, and looks at this queue.
  waitq_sleep(fifo_queue(inode, access == O_RDONLY), WAIT_OPEN, changetype<usize>(inode));
  return -EWAIT;
}

/** Counts an arrival, and wakes who waits for one. Logged. */
function fifo_arrived(inode: Inode, pipe: Pipe, writer: bool): void {
  const at = changetype<usize>(pipe);
  if (writer) put32(at + offsetof<Pipe>("writers_seen"), <i32>(pipe.writers_seen + 1));
  else put32(at + offsetof<Pipe>("readers_seen"), <i32>(pipe.readers_seen + 1));
  const queue = fifo_queue(inode, writer);
  let task = waitq_first(queue);
  while (task != null) {
    waitq_wake(task, -ERETRY);
    task = waitq_first(queue);
  }
}

/** The current task's open has waited: goes on when its other end has come. LOCK_PROC is held. */
export function fifo_opened(flags: i32): i32 {
  const file = changetype<File>(<usize>load<u32>(task_held_file(current)));
  const pipe = pipe_of(file);
  if (pipe == null) return -EBADF;
  const access = file.flags & O_ACCMODE;
  const seen = access == O_RDONLY ? pipe.writers_seen : pipe.readers_seen;
  if (file.offset == <i64>seen) return fifo_sleep(changetype<Inode>(file.inode), access);
  const proc = proc_current();
  const fd = fd_free(proc, 0);
  if (fd < 0) {
    // EMFILE: others have taken the last number meanwhile.
    const released = fd_release_locked(current);
    return released != 0 ? released : -EMFILE;
  }
  file.offset = MET;
  fd_take_held(proc, fd, (flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0);
  return fd;
}
