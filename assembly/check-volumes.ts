/**
 * The check's part on volumes: who waits for a disk, and for what.
 * Crash: constant, nothing is stored.
 */
import { LIMIT_INODES } from "./abi/layout.ts";
import { VOLUME_LOAD, VOLUME_SYNC_ALL } from "./abi/volume.ts";
import { CHECK_VOLUME_SLEEPER } from "./check-rules.ts";
import { check_links } from "./check-waiters.ts";
import { limit, WORD_VOLUME_QUEUE } from "./region.ts";
import { WAIT_VOLUME } from "./task.ts";
import { waitq_first, waitq_next } from "./waitq.ts";

export function check_volumes(): i32 {
  const broken = check_links(WORD_VOLUME_QUEUE);
  if (broken != 0) return broken;
  for (let task = waitq_first(WORD_VOLUME_QUEUE); task != null; ) {
    if (task.wait_kind != WAIT_VOLUME) return CHECK_VOLUME_SLEEPER;
    const op = task.wait_arg0;
    if (op < VOLUME_LOAD || op > VOLUME_SYNC_ALL) return CHECK_VOLUME_SLEEPER;
    // Invariant: a file is named, but for all volumes at once.
    const least = op == VOLUME_SYNC_ALL ? 0 : 1;
    if (task.wait_arg1 < least || task.wait_arg1 > limit(LIMIT_INODES)) return CHECK_VOLUME_SLEEPER;
    task = waitq_next(task);
  }
  return 0;
}
