/**
 * Ranges of locks: what an owner has is split, cut, merged or replaced by what it asks for, in the
 * caller's one transaction. See fcntl(2), "Advisory record locking".
 * Guard: LOCK_RECORD. Crash: journalled; at most one logged store for each of the owner's entries,
 * and a few more.
 */
import { ENOLCK } from "./abi/errno.ts";
import { F_UNLCK } from "./abi/fcntl.ts";
import { put32, put64 } from "./journal.ts";
import {
  Record,
  Request,
  record_add,
  record_at,
  record_drop,
  record_has_room,
  record_high,
  record_is_own,
  record_overlaps,
} from "./record.ts";

/** Whether an entry and a range overlap or are neighbours. Sums are below 2^64. */
function touches(entry: Record, start: i64, end: i64): bool {
  return <u64>entry.start <= <u64>end + 1 && <u64>start <= <u64>entry.end + 1;
}

function covers(entry: Record, request: Request): bool {
  return entry.start <= request.start && entry.end >= request.end;
}

function is_covered(entry: Record, request: Request): bool {
  return entry.start >= request.start && entry.end <= request.end;
}

/**
 * Gives the requester what it asks for; nobody may be in the way. @returns 0, or -ENOLCK: the table is
 * full, and nothing has changed.
 */
export function record_set(request: Request): i32 {
  const high = record_high();
  let target: Record | null = null;
  for (let index = 0; index < high; index++) {
    const entry = record_at(index);
    if (!record_is_own(entry, request)) continue;
    if (entry.type == request.type) {
      if (covers(entry, request)) return 0;
      if (touches(entry, request.start, request.end)) target = entry;
    } else if (record_overlaps(entry, request.start, request.end)) {
      // All the owner's other entries lie outside of it.
      if (entry.start < request.start && entry.end > request.end) return split(entry, request);
      if (target == null && is_covered(entry, request)) target = entry;
    }
  }
  if (request.type == F_UNLCK) {
    give_up(request, null);
    return 0;
  }
  if (target != null) {
    merge(target, request);
    return 0;
  }
  // ENOLCK: no free entry.
  if (!record_has_room(1)) return -ENOLCK;
  record_add(request, request.type, request.start, request.end);
  give_up(request, null);
  return 0;
}

/** The entry loses its middle. Unlocking needs an entry more, a lock of another type two. */
function split(entry: Record, request: Request): i32 {
  const locks = request.type != F_UNLCK;
  // ENOLCK: no free entry, also for an unlock, fcntl(2).
  if (!record_has_room(locks ? 2 : 1)) return -ENOLCK;
  record_add(request, entry.type, request.end + 1, entry.end);
  if (locks) record_add(request, request.type, request.start, request.end);
  put64(changetype<usize>(entry) + offsetof<Record>("end"), request.start - 1);
  return 0;
}

/** One of the owner's entries becomes what is asked for, together with what it touches. */
function merge(target: Record, request: Request): void {
  const high = record_high();
  let start = request.start;
  let end = request.end;
  for (let index = 0; index < high; index++) {
    const entry = record_at(index);
    if (!record_is_own(entry, request) || entry.type != request.type) continue;
    if (!touches(entry, request.start, request.end)) continue;
    start = min(start, entry.start);
    end = max(end, entry.end);
  }
  give_up(request, target);
  const at = changetype<usize>(target);
  put64(at + offsetof<Record>("start"), start);
  put64(at + offsetof<Record>("end"), end);
  put32(at + offsetof<Record>("type"), request.type);
}

/** The owner's other entries lose what the request covers; those of its type that it touches go. */
function give_up(request: Request, target: Record | null): void {
  const high = record_high();
  for (let index = 0; index < high; index++) {
    const entry = record_at(index);
    if (entry == target || !record_is_own(entry, request)) continue;
    const at = changetype<usize>(entry);
    if (entry.type == request.type) {
      // The new entry itself is what is asked for.
      if (target != null && touches(entry, request.start, request.end)) record_drop(entry);
    } else if (record_overlaps(entry, request.start, request.end)) {
      if (entry.start < request.start) {
        put64(at + offsetof<Record>("end"), request.start - 1);
      } else if (entry.end > request.end) {
        put64(at + offsetof<Record>("start"), request.end + 1);
      } else {
        record_drop(entry);
      }
    }
  }
}
