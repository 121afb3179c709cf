/**
 * Watches: what epoll instances look at, a list of interest in one table. A watch names two open file
 * descriptions by slot and serial and counts only while both are open, so a close has nothing to take
 * out, and a slot whose watch does not count is a free one.
 *
 * Guard: LOCK_PROC; whoever wakes sleepers reads without it, and at worst wakes one for nothing.
 * Crash: journalled, part of the caller's transaction. See epoll(7).
 */
import { LIMIT_WATCH_MAX } from "./abi/layout.ts";
import { FILE_EPOLL, File } from "./file.ts";
import { limit, REGION_FILE, REGION_WATCH, region } from "./region.ts";

@unmanaged
export class Watch {
  /** 0 */ epoll: usize; // the instance's description, 0: none
  /** 4 */ epoll_serial: i32;
  /** 8 */ file: usize; // the watched description
  /** 12 */ file_serial: i32;
  /** 16 */ fd: i32; // the number under which it was added
  /** 20 */ events: i32; // asked for, with EPOLLET and its like
  /** 24 */ armed: i32; // 0 once EPOLLONESHOT has told
  /** 28 */ seen: u32; // EPOLLET: what watch_stamp() said when it was last told
  /** 32 */ data: f64; // comes back with the event
  /** 40 */ turn: i32; // when it was last told: the longest untold goes first
}

export const WATCH_SIZE: usize = 48;

export function watch_at(index: i32): Watch {
  return changetype<Watch>(region(REGION_WATCH) + <usize>index * WATCH_SIZE);
}

/** Whether the watch counts. */
function watch_valid(watch: Watch): bool {
  if (watch.epoll == 0) return false;
  const epoll = changetype<File>(watch.epoll);
  const file = changetype<File>(watch.file);
  if (epoll.refs == 0 || epoll.serial != watch.epoll_serial) return false;
  return file.refs != 0 && file.serial == watch.file_serial;
}

/** Whether the watch counts and is one of the instance's. */
export function watch_of(watch: Watch, epoll: File): bool {
  return watch.epoll == changetype<usize>(epoll) && watch_valid(watch);
}

/** The instance's watch of a description under a number, or null. */
export function watch_find(epoll: File, file: File, fd: i32): Watch | null {
  const count = limit(LIMIT_WATCH_MAX);
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (watch.file != changetype<usize>(file) || watch.fd != fd) continue;
    if (watch_of(watch, epoll)) return watch;
  }
  return null;
}

/** A slot whose watch does not count, or null. */
export function watch_free_slot(): Watch | null {
  const count = limit(LIMIT_WATCH_MAX);
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (!watch_valid(watch)) return watch;
  }
  return null;
}

/**
 * Whether who sleeps on `name`, the slot of an epoll instance's description, may be concerned by a
 * change of `object`. An instance that watches another one always may.
 */
export function watch_names(name: usize, object: usize): bool {
  if (name == object) return true;
  if (name < region(REGION_FILE) || name >= region(REGION_WATCH)) return false;
  const count = limit(LIMIT_WATCH_MAX);
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (watch.epoll != name || watch.file == 0) continue;
    const file = changetype<File>(watch.file);
    if (file.object == object || file.kind == FILE_EPOLL) return true;
  }
  return false;
}

/** How many epoll instances stand below each other from `epoll` down, itself counted; at most `most`. */
export function watch_depth(epoll: File, most: i32): i32 {
  let deepest = 0;
  const count = most > 1 ? limit(LIMIT_WATCH_MAX) : 0;
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (!watch_of(watch, epoll) || changetype<File>(watch.file).kind != FILE_EPOLL) continue;
    deepest = max(deepest, watch_depth(changetype<File>(watch.file), most - 1));
  }
  return deepest + 1;
}

/** The same upwards. */
export function watch_height(epoll: File, most: i32): i32 {
  let highest = 0;
  const count = most > 1 ? limit(LIMIT_WATCH_MAX) : 0;
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (watch.file != changetype<usize>(epoll) || !watch_valid(watch)) continue;
    highest = max(highest, watch_height(changetype<File>(watch.epoll), most - 1));
  }
  return highest + 1;
}

/** Whether `below` is watched by `epoll`, by way of others too; chains are no longer than `most`. */
export function watch_reaches(epoll: File, below: File, most: i32): bool {
  if (epoll == below) return true;
  const count = most > 1 ? limit(LIMIT_WATCH_MAX) : 0;
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (!watch_of(watch, epoll)) continue;
    const file = changetype<File>(watch.file);
    if (file.kind == FILE_EPOLL && watch_reaches(file, below, most - 1)) return true;
  }
  return false;
}
