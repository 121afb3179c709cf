/**
 * Looking at a live machine: records of its tables, read while everybody goes on. No locks, and nothing but the
 * caller's transfer area is changed: a record is what a slot said at one moment or another, and is taken again
 * when the slot became another's meanwhile; an address is looked at only after it was found to be one of its
 * table. Who wants to know what lasted takes the waits twice, see abi/snapshot.ts.
 * Crash: constant, nothing is stored but the transfer area.
 */
import { LIMIT_OPEN_MAX, LIMIT_PIPE_MAX, LIMIT_PROC_MAX, LIMIT_TASK_MAX } from "./abi/layout.ts";
import {
  SNAPSHOT_ADJ_NUM,
  SNAPSHOT_ADJ_PID,
  SNAPSHOT_ADJ_SEMID,
  SNAPSHOT_ADJ_VALUE,
  SNAPSHOT_ADJUSTMENTS,
  SNAPSHOT_DESCRIPTORS,
  SNAPSHOT_EXITING,
  SNAPSHOT_FD_DEV,
  SNAPSHOT_FD_FILE,
  SNAPSHOT_FD_FLAGS,
  SNAPSHOT_FD_INO,
  SNAPSHOT_FD_INODE,
  SNAPSHOT_FD_KIND,
  SNAPSHOT_FD_MODE,
  SNAPSHOT_FD_NUMBER,
  SNAPSHOT_FD_OFFSET,
  SNAPSHOT_FD_PID,
  SNAPSHOT_FD_PIPE,
  SNAPSHOT_FD_RDEV,
  SNAPSHOT_FD_REFS,
  SNAPSHOT_FD_STATUS,
  SNAPSHOT_FD_STREAM,
  SNAPSHOT_FILE_EPOLL,
  SNAPSHOT_FILE_HOST,
  SNAPSHOT_FILE_PIPE,
  SNAPSHOT_LIVE,
  SNAPSHOT_LOCK_END,
  SNAPSHOT_LOCK_FILE,
  SNAPSHOT_LOCK_FLOCK,
  SNAPSHOT_LOCK_INODE,
  SNAPSHOT_LOCK_KIND,
  SNAPSHOT_LOCK_OFD,
  SNAPSHOT_LOCK_OWNER,
  SNAPSHOT_LOCK_PROC,
  SNAPSHOT_LOCK_START,
  SNAPSHOT_LOCK_TYPE,
  SNAPSHOT_LOCKS,
  SNAPSHOT_PIPE_FILL,
  SNAPSHOT_PIPE_ID,
  SNAPSHOT_PIPE_READERS,
  SNAPSHOT_PIPE_SIZE,
  SNAPSHOT_PIPE_WRITERS,
  SNAPSHOT_PIPES,
  SNAPSHOT_PROC_ALARM,
  SNAPSHOT_PROC_CWD,
  SNAPSHOT_PROC_PGID,
  SNAPSHOT_PROC_PID,
  SNAPSHOT_PROC_STATE,
  SNAPSHOT_PROC_TITLE,
  SNAPSHOT_PROCESSES,
  SNAPSHOT_WAITS,
  SNAPSHOT_ZOMBIE,
} from "./abi/snapshot.ts";
import { current } from "./current.ts";
import { fd_file, fd_flags } from "./fd.ts";
import { FILE_EPOLL, FILE_HOST, FILE_INODE, FILE_PIPE } from "./file.ts";
import { INODE_ROOT, Inode, inode_number } from "./inode.ts";
import { pipe_at, pipe_filled } from "./pipe.ts";
import {
  PROC_EXITING,
  PROC_FREE,
  PROC_LIVE,
  PROC_ZOMBIE,
  Proc,
  proc_slot,
  proc_title_at,
  TITLE_SIZE,
} from "./proc.ts";
import { RECORD_FILE, RECORD_FLOCK, RECORD_PROC, record_at, record_high } from "./record.ts";
import { limit } from "./region.ts";
import { semset_find } from "./sem.ts";
import {
  fence,
  is_inode,
  SLOT_CHANGED,
  SLOT_FREE,
  SLOT_TAKEN,
  snapshot_object,
  snapshot_owner,
  snapshot_pipe,
} from "./snapshot-id.ts";
import { snapshot_wait } from "./snapshot-wait.ts";
import { task_transfer } from "./task.ts";
import { undo_at, undo_high } from "./undo.ts";

/** The slots of a table; 0 when there is no such table. */
function slots(table: i32): i32 {
  if (table == SNAPSHOT_PROCESSES) return limit(LIMIT_PROC_MAX);
  if (table == SNAPSHOT_WAITS) return limit(LIMIT_TASK_MAX);
  if (table == SNAPSHOT_DESCRIPTORS) return limit(LIMIT_PROC_MAX) * limit(LIMIT_OPEN_MAX);
  if (table == SNAPSHOT_PIPES) return limit(LIMIT_PIPE_MAX);
  if (table == SNAPSHOT_LOCKS) return record_high();
  return table == SNAPSHOT_ADJUSTMENTS ? undo_high() : 0;
}

function slot(table: i32, index: i32, to: usize): i32 {
  if (table == SNAPSHOT_PROCESSES) return slot_process(index, to);
  if (table == SNAPSHOT_WAITS) return snapshot_wait(index + 1, to);
  if (table == SNAPSHOT_DESCRIPTORS) return slot_descriptor(index, to);
  if (table == SNAPSHOT_PIPES) return slot_pipe(index, to);
  return table == SNAPSHOT_LOCKS ? slot_lock(index, to) : slot_adjustment(index, to);
}

/**
 * Writes the record of the first used slot from `from` on to the transfer area.
 * @returns where to go on from, 0: there is none
 */
export function snapshot_next(table: i32, from: i32): i32 {
  // What was read before was read before.
  fence();
  const to = task_transfer(current);
  const count = slots(table);
  for (let index = from; index < count; index++) {
    let found = slot(table, index, to);
    while (found == SLOT_CHANGED) found = slot(table, index, to);
    if (found == SLOT_TAKEN) return index + 1;
  }
  return 0;
}

function state_of(proc: Proc): i32 {
  if (proc.state == PROC_LIVE) return SNAPSHOT_LIVE;
  if (proc.state == PROC_EXITING) return SNAPSHOT_EXITING;
  return proc.state == PROC_ZOMBIE ? SNAPSHOT_ZOMBIE : PROC_FREE;
}

/** From pid to sgid. */
const IDS_SIZE: usize = 32;

function slot_process(index: i32, to: usize): i32 {
  const proc = proc_slot(index);
  const state = state_of(proc);
  const pid = proc.pid;
  if (state == PROC_FREE) return SLOT_FREE;
  store<i32>(to, state, SNAPSHOT_PROC_STATE);
  // The ids as they stand in the slot, and the title as it does.
  const from = changetype<usize>(proc);
  memory.copy(to + SNAPSHOT_PROC_PID, from + offsetof<Proc>("pid"), IDS_SIZE);
  memory.copy(to + SNAPSHOT_PROC_PGID, from + offsetof<Proc>("pgid"), 8);
  memory.copy(to + SNAPSHOT_PROC_TITLE, proc_title_at(proc), TITLE_SIZE);
  store<i32>(to, proc.cwd == 0 ? INODE_ROOT : proc.cwd, SNAPSHOT_PROC_CWD);
  store<i32>(to, proc.alarm_at != 0 ? 1 : 0, SNAPSHOT_PROC_ALARM);
  return proc.pid == pid && state_of(proc) == state ? SLOT_TAKEN : SLOT_CHANGED;
}

function slot_descriptor(index: i32, to: usize): i32 {
  const proc = proc_slot(index / limit(LIMIT_OPEN_MAX));
  const fd = index % limit(LIMIT_OPEN_MAX);
  const pid = proc.pid;
  const state = proc.state;
  if (state != PROC_LIVE && state != PROC_EXITING) return SLOT_FREE;
  const file = fd_file(proc, fd);
  if (file == null) return SLOT_FREE;
  assert(FILE_PIPE == SNAPSHOT_FILE_PIPE && FILE_HOST == SNAPSHOT_FILE_HOST);
  assert(FILE_EPOLL == SNAPSHOT_FILE_EPOLL);
  const serial = file.serial;
  store<i32>(to, pid, SNAPSHOT_FD_PID);
  store<i32>(to, fd, SNAPSHOT_FD_NUMBER);
  store<i32>(to, fd_flags(proc, fd), SNAPSHOT_FD_FLAGS);
  store<i32>(to, serial, SNAPSHOT_FD_FILE);
  store<i32>(to, file.refs, SNAPSHOT_FD_REFS);
  store<i32>(to, file.kind, SNAPSHOT_FD_KIND);
  store<i32>(to, file.flags, SNAPSHOT_FD_STATUS);
  store<i32>(to, file.kind == FILE_PIPE ? snapshot_pipe(file.object) : 0, SNAPSHOT_FD_PIPE);
  store<i32>(to, file.kind == FILE_HOST ? <i32>file.object : -1, SNAPSHOT_FD_STREAM);
  store<f64>(to, file.kind == FILE_INODE ? <f64>file.offset : 0, SNAPSHOT_FD_OFFSET);
  slot_inode(file.inode, to);
  return proc.pid == pid && file.serial == serial && fd_file(proc, fd) == file
    ? SLOT_TAKEN
    : SLOT_CHANGED;
}

function slot_inode(at: usize, to: usize): void {
  const inode = changetype<Inode>(at);
  const is = is_inode(at);
  store<i32>(to, is ? inode.serial : 0, SNAPSHOT_FD_INO);
  store<i32>(to, is ? inode.dev : 0, SNAPSHOT_FD_DEV);
  store<i32>(to, is ? inode.mode : 0, SNAPSHOT_FD_MODE);
  store<i32>(to, is ? inode.rdev : 0, SNAPSHOT_FD_RDEV);
  store<i32>(to, is ? inode_number(inode) : 0, SNAPSHOT_FD_INODE);
}

function slot_pipe(index: i32, to: usize): i32 {
  const pipe = pipe_at(index);
  const id = pipe.inode;
  if (pipe.live == 0) return SLOT_FREE;
  store<i32>(to, id, SNAPSHOT_PIPE_ID);
  store<i32>(to, pipe_filled(pipe), SNAPSHOT_PIPE_FILL);
  store<i32>(to, pipe.size, SNAPSHOT_PIPE_SIZE);
  store<i32>(to, pipe.readers, SNAPSHOT_PIPE_READERS);
  store<i32>(to, pipe.writers, SNAPSHOT_PIPE_WRITERS);
  return pipe.inode == id && pipe.live != 0 ? SLOT_TAKEN : SLOT_CHANGED;
}

function slot_lock(index: i32, to: usize): i32 {
  const entry = record_at(index);
  const object = entry.object;
  const owner = entry.owner;
  if (object == 0) return SLOT_FREE;
  assert(RECORD_PROC == SNAPSHOT_LOCK_PROC && RECORD_FILE == SNAPSHOT_LOCK_OFD);
  assert(RECORD_FLOCK == SNAPSHOT_LOCK_FLOCK);
  store<i32>(to, snapshot_object(object), SNAPSHOT_LOCK_FILE);
  store<i32>(to, snapshot_owner(entry.kind, owner), SNAPSHOT_LOCK_OWNER);
  store<i32>(to, entry.type, SNAPSHOT_LOCK_TYPE);
  store<i32>(to, entry.kind, SNAPSHOT_LOCK_KIND);
  const inode = is_inode(object) ? inode_number(changetype<Inode>(object)) : 0;
  store<i32>(to, inode, SNAPSHOT_LOCK_INODE);
  store<f64>(to, <f64>entry.start, SNAPSHOT_LOCK_START);
  store<f64>(to, <f64>entry.end, SNAPSHOT_LOCK_END);
  return entry.object == object && entry.owner == owner ? SLOT_TAKEN : SLOT_CHANGED;
}

function slot_adjustment(index: i32, to: usize): i32 {
  const entry = undo_at(index);
  const pid = entry.pid;
  const set = semset_find(entry.semid);
  if (pid == 0 || set == null || entry.epoch != set.epoch || entry.adj == 0) return SLOT_FREE;
  store<i32>(to, pid, SNAPSHOT_ADJ_PID);
  store<i32>(to, entry.semid, SNAPSHOT_ADJ_SEMID);
  store<i32>(to, entry.num, SNAPSHOT_ADJ_NUM);
  store<i32>(to, entry.adj, SNAPSHOT_ADJ_VALUE);
  return entry.pid == pid ? SLOT_TAKEN : SLOT_CHANGED;
}
