/**
 * Volumes: the disks behind mount points. An inode's st_dev says which one it belongs to; contents may
 * be absent until somebody opens the file, and a call that needs the disk sleeps on one queue, from
 * which the supervisor takes it (volume-serve.ts). Who asks: open.ts, truncate.ts, sync.ts.
 *
 *   request   none -> asleep (volume_ask) -> done (volume_done) or cancelled; a ticket names it
 *
 * Guard: LOCK_NAME, for the queue and the flags of volumes. No lost wakeup: the task is queued before
 * the supervisor's word changes, and that looks at the queue after it. Crash: journalled; a request goes
 * with the task that made it.
 */
import { EWAIT } from "./abi/errno.ts";
import { O_ACCMODE, O_RDONLY } from "./abi/fcntl.ts";
import { SB_SUPERVISOR } from "./abi/layout.ts";
import { DEV_VOLUME, VOLUME_SERVED } from "./abi/volume.ts";
import { current } from "./current.ts";
import { FILE_INODE, File } from "./file.ts";
import { Inode, volume_flags } from "./inode.ts";
import { WORD_VOLUME_QUEUE, WORD_VOLUME_TICKET } from "./region.ts";
import { WAIT_VOLUME } from "./task.ts";
import { waitq_sleep } from "./waitq.ts";
import { wake_word } from "./wake.ts";

/** Queues the current call for the supervisor. LOCK_NAME is held. Logged. @returns -EWAIT */
export function volume_ask(op: i32, number: i32): i32 {
  current.wait_arg0 = op;
  current.wait_arg1 = number;
  current.wait_arg2 = atomic.add<i32>(WORD_VOLUME_TICKET, 1) + 1;
  wake_word(SB_SUPERVISOR);
  waitq_sleep(WORD_VOLUME_QUEUE, WAIT_VOLUME, WORD_VOLUME_QUEUE);
  return -EWAIT;
}

/** Whether the supervisor carries what is in the inode to a disk. */
export function volume_serves(inode: Inode): bool {
  return (volume_flags(inode.dev) & VOLUME_SERVED) != 0;
}

/** close(2): whether the last description that could write has something that the disk has not. */
export function volume_unsynced(file: File): bool {
  if (file.refs != 1 || file.kind != FILE_INODE) return false;
  const inode = changetype<Inode>(file.inode);
  if (inode.dev < DEV_VOLUME || (file.flags & O_ACCMODE) == O_RDONLY) return false;
  return volume_serves(inode) && inode.nlink != 0 && (inode.dirty | inode.meta) != 0;
}
