/**
 * What a child has of its parent's descriptors: every one without FD_CLOEXEC under its number, or what
 * the parent says for a number, as posix_spawn_file_actions_adddup2(3) and _addclose(3) do at once.
 *
 *   pair, 8 bytes: 0 the child's number; 4 the parent's, or -1: the child has none there
 *
 * Guard: LOCK_PROC. Crash: journalled, part of sys_spawn's transaction; the child's own table is filled
 * before anybody can see the child.
 */
import { FD_CLOEXEC } from "./abi/fcntl.ts";
import { LIMIT_OPEN_MAX } from "./abi/layout.ts";
import { fd_clear, fd_file, fd_flags, fd_give } from "./fd.ts";
import { Proc } from "./proc.ts";
import { limit } from "./region.ts";

const PAIR_SIZE: usize = 8;

/** No pair is about the number. */
const UNSAID: i32 = -2;

/** Whether the child's numbers are below OPEN_MAX, and the parent's open. Else EBADF. */
export function inherit_valid(parent: Proc, pairs: usize, count: i32): bool {
  for (let index = 0; index < count; index++) {
    const pair = pairs + <usize>index * PAIR_SIZE;
    const from = load<i32>(pair, 4);
    if (load<u32>(pair) >= <u32>limit(LIMIT_OPEN_MAX)) return false;
    if (from != -1 && fd_file(parent, from) == null) return false;
  }
  return true;
}

/** The parent's number for the child's `fd`; the last pair counts. */
function said(pairs: usize, count: i32, fd: i32): i32 {
  for (let index = count - 1; index >= 0; index--) {
    const pair = pairs + <usize>index * PAIR_SIZE;
    if (load<i32>(pair) == fd) return load<i32>(pair, 4);
  }
  return UNSAID;
}

/** The child, not yet live, gets its descriptors. Logged. */
export function inherit(child: Proc, parent: Proc, pairs: usize, count: i32): void {
  fd_clear(child);
  const numbers = limit(LIMIT_OPEN_MAX);
  for (let fd = 0; fd < numbers; fd++) {
    const from = said(pairs, count, fd);
    const file = fd_file(parent, from == UNSAID ? fd : from);
    if (file == null) continue;
    if (from == UNSAID && (fd_flags(parent, fd) & FD_CLOEXEC) != 0) continue;
    fd_give(child, fd, file);
  }
}
