/**
 * The whole-machine invariant check ("fsck"), in the debug build only. Precondition: the machine is
 * quiet, no call is in the kernel. @returns 0, or the number of the first rule that is broken.
 * Crash: constant, nothing is stored.
 */
import { LIMIT_PROC_MAX, LIMIT_SEMMNU, LIMIT_SHMSEG, LIMIT_TASK_MAX } from "./abi/layout.ts";
import { attachment_at, attachment_high } from "./attach.ts";
import { check_files, check_pipe_frames } from "./check-files.ts";
import { check_frames_begin, check_frames_end, check_frames_own } from "./check-frames.ts";
import { check_inode_frames, check_inodes } from "./check-inodes.ts";
import { check_records } from "./check-records.ts";
import {
  CHECK_ATTACHMENT,
  CHECK_CLOSING,
  CHECK_FRAMES,
  CHECK_KEY_TWICE,
  CHECK_LOCK_HELD,
  CHECK_NATTCH,
  CHECK_SHM_PAGES,
  CHECK_TABLE_COUNT,
  CHECK_TABLE_HIGH,
  CHECK_TABLE_HINT,
  CHECK_UNDO,
  CHECK_WAIT_STATE,
} from "./check-rules.ts";
import { check_volumes } from "./check-volumes.ts";
import { check_mutexes, check_queues, check_sets } from "./check-waiters.ts";
import { PROC_FREE, proc_slot } from "./proc.ts";
import {
  LOCK_MSG,
  LOCK_MUTEX,
  LOCK_NAME,
  LOCK_PAGE,
  LOCK_PROC,
  LOCK_RECORD,
  LOCK_SEM,
  LOCK_SHM,
  LOCK_UNDO,
  limit,
  TABLE_MSG,
  TABLE_SEM,
  TABLE_SHM,
  WORD_SHM_PAGES,
} from "./region.ts";
import { SemSet } from "./sem.ts";
import { Segment } from "./shm.ts";
import { Table, table_of, table_slot } from "./table.ts";
import { TASK_FREE, task_at, WAIT_ASLEEP, WAIT_POLL } from "./task.ts";
import { undo_at, undo_high } from "./undo.ts";

/** Looks at everything. */
export function machine_check(): i32 {
  let broken = check_locks();
  if (broken == 0) broken = check_table(TABLE_SHM);
  if (broken == 0) broken = check_table(TABLE_SEM);
  if (broken == 0) broken = check_table(TABLE_MSG);
  if (broken == 0) broken = check_segments();
  if (broken == 0) broken = check_sets();
  if (broken == 0) broken = check_queues();
  if (broken == 0) broken = check_mutexes();
  if (broken == 0) broken = check_tasks();
  if (broken == 0) broken = check_undo();
  if (broken == 0) broken = check_files();
  if (broken == 0) broken = check_inodes();
  if (broken == 0) broken = check_records();
  if (broken == 0) broken = check_volumes();
  if (broken == 0) broken = check_extents();
  return broken;
}

function check_locks(): i32 {
  const held =
    load<i32>(LOCK_SHM) |
    load<i32>(LOCK_SEM) |
    load<i32>(LOCK_MSG) |
    load<i32>(LOCK_PAGE) |
    load<i32>(LOCK_PROC) |
    load<i32>(LOCK_UNDO) |
    load<i32>(LOCK_MUTEX) |
    load<i32>(LOCK_NAME) |
    load<i32>(LOCK_RECORD);
  return held == 0 ? 0 : CHECK_LOCK_HELD;
}

function check_table(at: usize): i32 {
  const table = table_of(at);
  let count = 0;
  let high = 0;
  for (let index = 0; index < table.size; index++) {
    const object = table_slot(table, index);
    if (object.lock != 0) return CHECK_LOCK_HELD;
    if (object.closing != 0) return CHECK_CLOSING;
    if (object.tag == 0) {
      if (index < table.hint) return CHECK_TABLE_HINT;
      continue;
    }
    count += 1;
    high = index + 1;
    if (object.key != 0 && key_count(table, object.key) != 1) return CHECK_KEY_TWICE;
  }
  if (count != table.count) return CHECK_TABLE_COUNT;
  return high == table.high ? 0 : CHECK_TABLE_HIGH;
}

function key_count(table: Table, key: i32): i32 {
  let count = 0;
  for (let index = 0; index < table.high; index++) {
    const object = table_slot(table, index);
    if (object.tag != 0 && object.key == key) count += 1;
  }
  return count;
}

function check_segments(): i32 {
  const table = table_of(TABLE_SHM);
  let pages = 0;
  for (let index = 0; index < table.size; index++) {
    const segment = changetype<Segment>(changetype<usize>(table_slot(table, index)));
    if (segment.tag == 0) continue;
    pages += segment.frames;
    let attached = 0;
    for (let at = 0; at < attachment_high(); at++) {
      const entry = attachment_at(at);
      if (entry.proc != 0 && entry.segment == changetype<usize>(segment)) attached += 1;
    }
    if (attached != segment.nattch) return CHECK_NATTCH;
  }
  if (<i32>pages != load<i32>(WORD_SHM_PAGES)) return CHECK_SHM_PAGES;
  return check_attachments();
}

function check_attachments(): i32 {
  const count = limit(LIMIT_SHMSEG);
  for (let index = 0; index < count; index++) {
    const entry = attachment_at(index);
    if (entry.proc == 0) continue;
    if (index >= attachment_high()) return CHECK_ATTACHMENT;
    if (changetype<Segment>(entry.segment).tag == 0 || entry.size == 0) return CHECK_ATTACHMENT;
    if (load<i32>(entry.proc) == PROC_FREE) return CHECK_ATTACHMENT;
    for (let other = index + 1; other < attachment_high(); other++) {
      const next = attachment_at(other);
      const apart = next.addr >= entry.addr + entry.size || entry.addr >= next.addr + next.size;
      if (next.proc == entry.proc && !apart) return CHECK_ATTACHMENT;
    }
  }
  return 0;
}

function check_tasks(): i32 {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.state != TASK_FREE && task.held_ranks != 0) return CHECK_LOCK_HELD;
    if (task.state == TASK_FREE && task.wait_queue != 0) return CHECK_WAIT_STATE;
    if (task.wait_queue != 0 && task.wait_state != WAIT_ASLEEP) return CHECK_WAIT_STATE;
    const polls = task.wait_kind == WAIT_POLL;
    if (task.wait_queue == 0 && task.wait_state == WAIT_ASLEEP && !polls) return CHECK_WAIT_STATE;
  }
  return 0;
}

/** An entry in use belongs to a process that has not ended. */
function check_undo(): i32 {
  const count = limit(LIMIT_SEMMNU);
  for (let index = 0; index < count; index++) {
    const entry = undo_at(index);
    if (entry.pid == 0) continue;
    if (index >= undo_high() || !pid_lives(entry.pid)) return CHECK_UNDO;
  }
  return 0;
}

function pid_lives(pid: i32): bool {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state != PROC_FREE && proc.pid == pid) return true;
  }
  return false;
}

/** Every frame has one owner: a segment, a set, a task's hold, the free list, or it is fresh. */
function check_extents(): i32 {
  check_frames_begin();
  const owned =
    check_segment_frames() &&
    check_set_frames() &&
    check_held_frames() &&
    check_pipe_frames() &&
    check_inode_frames();
  return owned && check_frames_end() ? 0 : CHECK_FRAMES;
}

function check_segment_frames(): bool {
  const table = table_of(TABLE_SHM);
  for (let index = 0; index < table.size; index++) {
    const segment = changetype<Segment>(changetype<usize>(table_slot(table, index)));
    if (segment.tag != 0 && !check_frames_own(segment.first, segment.frames)) return false;
  }
  return true;
}

function check_set_frames(): bool {
  const table = table_of(TABLE_SEM);
  for (let index = 0; index < table.size; index++) {
    const set = changetype<SemSet>(changetype<usize>(table_slot(table, index)));
    if (set.tag != 0 && !check_frames_own(set.first, set.frames)) return false;
  }
  return true;
}

function check_held_frames(): bool {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.hold_count != 0 && !check_frames_own(task.hold_first, task.hold_count)) return false;
  }
  return true;
}
