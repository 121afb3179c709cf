/**
 * The check's part on locks on files: whose they are, that none conflict, and who waits for them.
 * Crash: constant, nothing is stored.
 */
import { F_RDLCK, F_WRLCK } from "./abi/fcntl.ts";
import { LIMIT_FILE_MAX, LIMIT_LOCK_MAX, LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { CHECK_RECORD, CHECK_RECORD_SLEEPER } from "./check-rules.ts";
import { check_links } from "./check-waiters.ts";
import { fd_file } from "./fd.ts";
import { File, file_at } from "./file.ts";
import { lockable_of } from "./lockable.ts";
import { proc_find } from "./proc.ts";
import {
  RECORD_FLOCK,
  RECORD_PROC,
  Record,
  record_at,
  record_high,
  record_overlaps,
} from "./record.ts";
import { record_sleeper_holds } from "./record-wait.ts";
import { limit, WORD_RECORD_QUEUE } from "./region.ts";
import { waitq_first, waitq_next } from "./waitq.ts";

export function check_records(): i32 {
  const high = record_high();
  const count = limit(LIMIT_LOCK_MAX);
  for (let index = 0; index < count; index++) {
    const entry = record_at(index);
    if (entry.object == 0) continue;
    if (index >= high || !check_owner(entry)) return CHECK_RECORD;
    if (entry.type != F_RDLCK && entry.type != F_WRLCK) return CHECK_RECORD;
    if (entry.start < 0 || entry.start > entry.end) return CHECK_RECORD;
    for (let other = 0; other < index; other++) {
      if (check_pair(record_at(other), entry)) return CHECK_RECORD;
    }
  }
  // Invariant: the highest entry is in use.
  if (high > 0 && record_at(high - 1).object == 0) return CHECK_RECORD;
  return check_sleepers();
}

/** Whether the owner exists and has the file open. */
function check_owner(entry: Record): bool {
  if (entry.kind == RECORD_PROC) return check_proc(entry.owner, entry.object);
  const files = limit(LIMIT_FILE_MAX);
  for (let index = 0; index < files; index++) {
    const file = file_at(index);
    if (<i32>changetype<usize>(file) == entry.owner) return check_file(file, entry.object);
  }
  return false;
}

function check_proc(pid: i32, object: usize): bool {
  const proc = proc_find(pid);
  if (proc == null) return false;
  for (let fd = 0; fd < limit(LIMIT_OPEN_MAX); fd++) {
    const file = fd_file(proc, fd);
    if (file != null && lockable_of(file) == object) return true;
  }
  return false;
}

function check_file(file: File, object: usize): bool {
  return file.refs > 0 && lockable_of(file) == object;
}

/** Whether two entries cannot be at once: they conflict, or one owner's overlap or should be one. */
function check_pair(a: Record, b: Record): bool {
  if (a.object != b.object || (a.kind == RECORD_FLOCK) != (b.kind == RECORD_FLOCK)) return false;
  if (a.owner == b.owner && a.kind == b.kind) {
    if (a.order != b.order || record_overlaps(a, b.start, b.end)) return true;
    const next = <u64>a.end + 1 == <u64>b.start || <u64>b.end + 1 == <u64>a.start;
    return a.type == b.type && next;
  }
  return (a.type == F_WRLCK || b.type == F_WRLCK) && record_overlaps(a, b.start, b.end);
}

function check_sleepers(): i32 {
  const broken = check_links(WORD_RECORD_QUEUE);
  if (broken != 0) return broken;
  for (let task = waitq_first(WORD_RECORD_QUEUE); task != null; ) {
    if (!record_sleeper_holds(task)) return CHECK_RECORD_SLEEPER;
    task = waitq_next(task);
  }
  return 0;
}
