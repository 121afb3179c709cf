/**
 * What a sleeping task waits for, as a snapshot tells it. No locks, as in snapshot.ts: the record is taken again
 * when the task has gone on meanwhile.
 * Crash: constant, nothing is stored but the transfer area.
 */
import { LIMIT_TASK_MAX, LIMIT_WATCH_MAX } from "./abi/layout.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { POLLFD_EVENTS, POLLFD_FD, POLLFD_SIZE } from "./abi/poll.ts";
import {
  SNAPSHOT_CALL_EPOLL,
  SNAPSHOT_CALL_FCNTL,
  SNAPSHOT_CALL_FLOCK,
  SNAPSHOT_CALL_MSGRCV,
  SNAPSHOT_CALL_MSGSND,
  SNAPSHOT_CALL_MUTEX,
  SNAPSHOT_CALL_OPEN,
  SNAPSHOT_CALL_OTHER,
  SNAPSHOT_CALL_POLL,
  SNAPSHOT_CALL_READ,
  SNAPSHOT_CALL_SEMOP,
  SNAPSHOT_CALL_VOLUME,
  SNAPSHOT_CALL_WAITPID,
  SNAPSHOT_CALL_WRITE,
  SNAPSHOT_ENTRY_SIZE,
  SNAPSHOT_WAIT_A,
  SNAPSHOT_WAIT_B,
  SNAPSHOT_WAIT_BLOCKS,
  SNAPSHOT_WAIT_C,
  SNAPSHOT_WAIT_CALL,
  SNAPSHOT_WAIT_COUNT,
  SNAPSHOT_WAIT_D,
  SNAPSHOT_WAIT_END,
  SNAPSHOT_WAIT_ENTRIES,
  SNAPSHOT_WAIT_PID,
  SNAPSHOT_WAIT_START,
  SNAPSHOT_WAIT_TURN,
} from "./abi/snapshot.ts";
import { fd_file } from "./fd.ts";
import { File } from "./file.ts";
import { Inode } from "./inode.ts";
import { OWNER_MASK } from "./mutex-word.ts";
import { page_address } from "./page.ts";
import { Pipe } from "./pipe.ts";
import { Proc } from "./proc.ts";
import { RECORD_FLOCK, request_of } from "./record.ts";
import { limit, REGION_TRANSFER_SIZE, region, TABLE_MSG, TABLE_SEM, TABLE_SHM } from "./region.ts";
import { op_num, op_value } from "./sem-eval.ts";
import { Segment } from "./shm.ts";
import {
  fence,
  is_slot,
  SLOT_CHANGED,
  SLOT_FREE,
  SLOT_TAKEN,
  snapshot_file,
  snapshot_object,
  snapshot_owner,
  snapshot_pipe,
} from "./snapshot-id.ts";
import { IpcObject, object_id, table_of, table_slot } from "./table.ts";
import {
  TASK_LIVE,
  TASK_OP_SIZE,
  Task,
  task_at,
  task_ops,
  task_runs_on,
  task_transfer,
  WAIT_ASLEEP,
  WAIT_CHILD,
  WAIT_MSG_RECEIVE,
  WAIT_MSG_SEND,
  WAIT_MUTEX,
  WAIT_OPEN,
  WAIT_PIPE,
  WAIT_POLL,
  WAIT_RECORD,
  WAIT_SEM,
  WAIT_VOLUME,
} from "./task.ts";
import { watch_at, watch_of } from "./watch.ts";

function put(to: usize, a: i32, b: i32, c: i32, d: i32): void {
  store<i32>(to, a, SNAPSHOT_WAIT_A);
  store<i32>(to, b, SNAPSHOT_WAIT_B);
  store<i32>(to, c, SNAPSHOT_WAIT_C);
  store<i32>(to, d, SNAPSHOT_WAIT_D);
}

/** Whether the task sleeps, and nobody is about to wake it: a waker takes it off its queue first. */
function is_asleep(task: Task): bool {
  if (task.wait_state != WAIT_ASLEEP) return false;
  return task.wait_queue != 0 || task.wait_kind == WAIT_POLL;
}

/** The record of task `id`, if it sleeps in a call: SLOT_*. */
export function snapshot_wait(id: i32, to: usize): i32 {
  const task = task_at(id);
  const turn = task.wait_turn;
  const proc = changetype<Proc>(task.proc);
  if (task.state != TASK_LIVE || !is_asleep(task) || proc == null) return SLOT_FREE;
  const pid = proc.pid;
  // Between the two looks at the turn, on every processor.
  fence();
  store<i32>(to, pid, SNAPSHOT_WAIT_PID);
  store<i32>(to, turn, SNAPSHOT_WAIT_TURN);
  store<i32>(to, proc.main_task == id && pid != 1 ? 1 : 0, SNAPSHOT_WAIT_BLOCKS);
  store<i32>(to, 0, SNAPSHOT_WAIT_COUNT);
  put(to, 0, 0, 0, 0);
  store<i32>(to, wait_call(task, to), SNAPSHOT_WAIT_CALL);
  fence();
  const same = task.wait_turn == turn && is_asleep(task) && task.proc == changetype<usize>(proc);
  return same && proc.pid == pid ? SLOT_TAKEN : SLOT_CHANGED;
}

/** Writes what the call is about. @returns the call */
function wait_call(task: Task, to: usize): i32 {
  const kind = task.wait_kind;
  const object = task.wait_object;
  if (kind == WAIT_SEM) return wait_sem(task, object, to);
  if (kind == WAIT_MSG_SEND || kind == WAIT_MSG_RECEIVE) {
    put(to, id_of(TABLE_MSG, object), task.wait_arg1, 0, 0);
    return kind == WAIT_MSG_SEND ? SNAPSHOT_CALL_MSGSND : SNAPSHOT_CALL_MSGRCV;
  }
  if (kind == WAIT_CHILD) {
    put(to, task.wait_arg0, 0, 0, 0);
    return SNAPSHOT_CALL_WAITPID;
  }
  if (kind == WAIT_MUTEX) return wait_mutex(object, to);
  if (kind == WAIT_PIPE) {
    put(to, snapshot_pipe(object), 0, 0, 0);
    const reads = task.wait_queue == object + offsetof<Pipe>("read_head");
    return reads ? SNAPSHOT_CALL_READ : SNAPSHOT_CALL_WRITE;
  }
  if (kind == WAIT_POLL) return task.wait_arg1 != 0 ? wait_epoll(task, to) : wait_poll(task, to);
  if (kind == WAIT_OPEN) {
    const writer = task.wait_queue == object + offsetof<Inode>("writers_head");
    put(to, snapshot_object(object), writer ? 1 : 0, 0, 0);
    return SNAPSHOT_CALL_OPEN;
  }
  if (kind == WAIT_RECORD) return wait_lock(task, to);
  return kind == WAIT_VOLUME ? SNAPSHOT_CALL_VOLUME : SNAPSHOT_CALL_OTHER;
}

/** The id of the System V object in a slot, -1 when the address is of none. */
function id_of(table: usize, at: usize): i32 {
  const slots = table_of(table);
  const is = is_slot(at, slots.base, slots.size, slots.stride);
  return is ? object_id(changetype<IpcObject>(at)) : -1;
}

function wait_sem(task: Task, object: usize, to: usize): i32 {
  // Of several operations the one that the evaluation has stopped at.
  const index = max(0, min(task.wait_arg1, task.wait_arg0 - 1));
  const op = task_ops(task) + <usize>index * TASK_OP_SIZE;
  put(to, id_of(TABLE_SEM, object), op_num(op), op_value(op), 0);
  return SNAPSHOT_CALL_SEMOP;
}

function wait_mutex(at: usize, to: usize): i32 {
  const owner = atomic.load<i32>(at) & OWNER_MASK;
  let pid = 0;
  for (let id = 1; id <= limit(LIMIT_TASK_MAX) && pid == 0; id++) {
    const task = task_at(id);
    if (owner == 0 || !task_runs_on(task, owner) || task.proc == 0) continue;
    pid = changetype<Proc>(task.proc).pid;
  }
  let shmid = -1;
  let offset: usize = 0;
  const table = table_of(TABLE_SHM);
  for (let index = 0; index < table.high && shmid < 0; index++) {
    const segment = changetype<Segment>(changetype<usize>(table_slot(table, index)));
    const base = page_address(segment.first);
    if (segment.tag == 0 || !is_slot(at, base, segment.frames, PAGE_SIZE)) continue;
    shmid = object_id(segment);
    offset = at - base;
  }
  put(to, <i32>at, pid, shmid, <i32>offset);
  return SNAPSHOT_CALL_MUTEX;
}

function wait_lock(task: Task, to: usize): i32 {
  const request = request_of(task);
  const owner = snapshot_owner(request.kind, request.owner);
  put(to, snapshot_object(request.object), owner, request.type, request.kind);
  store<f64>(to, <f64>request.start, SNAPSHOT_WAIT_START);
  store<f64>(to, <f64>request.end, SNAPSHOT_WAIT_END);
  return request.kind == RECORD_FLOCK ? SNAPSHOT_CALL_FLOCK : SNAPSHOT_CALL_FCNTL;
}

/** One more of what poll looks at, if there is room. @returns how many there are */
function entry(to: usize, count: i32, fd: i32, events: i32, file: i32): i32 {
  const at: usize = <usize>SNAPSHOT_WAIT_ENTRIES + <usize>count * <usize>SNAPSHOT_ENTRY_SIZE;
  if (at + <usize>SNAPSHOT_ENTRY_SIZE > region(REGION_TRANSFER_SIZE)) return count;
  store<i32>(to + at, fd);
  store<i32>(to + at, events, 4);
  store<i32>(to + at, file, 8);
  store<i32>(to, count + 1, SNAPSHOT_WAIT_COUNT);
  return count + 1;
}

/** The structures still stand in the sleeper's transfer area. */
function wait_poll(task: Task, to: usize): i32 {
  const most = <i32>(region(REGION_TRANSFER_SIZE) / POLLFD_SIZE);
  const asked = min(task.wait_arg0, most);
  let count = 0;
  for (let index = 0; index < asked; index++) {
    const at = task_transfer(task) + <usize>index * POLLFD_SIZE;
    const fd = load<i32>(at, POLLFD_FD);
    const file = fd_file(changetype<Proc>(task.proc), fd);
    const serial = file == null ? 0 : file.serial;
    if (fd >= 0) count = entry(to, count, fd, load<i16>(at, POLLFD_EVENTS), serial);
  }
  return SNAPSHOT_CALL_POLL;
}

function wait_epoll(task: Task, to: usize): i32 {
  const epoll = <usize>load<u32>(task_ops(task));
  let count = 0;
  for (let index = 0; index < limit(LIMIT_WATCH_MAX) && snapshot_file(epoll) != 0; index++) {
    const watch = watch_at(index);
    if (!watch_of(watch, changetype<File>(epoll)) || watch.armed == 0) continue;
    count = entry(to, count, watch.fd, watch.events, watch.file_serial);
  }
  return SNAPSHOT_CALL_EPOLL;
}
