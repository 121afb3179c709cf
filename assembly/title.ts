/**
 * What a process is called, for ps(1): the program's name and its arguments, cut where they are too long, and when
 * it began. A child has its parent's until its program says otherwise, as between fork(2) and execve(2).
 * No locks: only its own process writes; who reads may see a part of an old and of a new one.
 * Crash: constant but for these bytes, which nothing depends on.
 */
import { EINTR } from "./abi/errno.ts";
import { TITLE_ARGS, TITLE_NAME } from "./abi/snapshot.ts";
import { current } from "./current.ts";
import { proc_current, proc_title_at } from "./proc.ts";
import { TASK_LIVE, task_transfer } from "./task.ts";

@unmanaged
export class Title {
  /** 0 */ started: f64; // seconds since the Epoch
  /** 8 */ args_size: u32;
  /** 12 */ pad: u32;
  // 16: TITLE_NAME bytes of the name, then TITLE_ARGS of the arguments
}

const NAME_AT: usize = 16;

export function title_name(title: Title): usize {
  return changetype<usize>(title) + NAME_AT;
}

/**
 * TITLE_NAME bytes of the transfer area are the name, with a NUL at least; behind them stand `args` bytes of
 * arguments, of which those past TITLE_ARGS are cut.
 */
export function proc_title(args: u32): i32 {
  // EINTR: the process has ended, and the slot may be another's.
  if (current.state != TASK_LIVE) return -EINTR;
  const title = changetype<Title>(proc_title_at(proc_current()));
  const from = task_transfer(current);
  const size = min<u32>(args, TITLE_ARGS);
  title.args_size = 0;
  // The arguments follow the name there as well.
  memory.copy(title_name(title), from, <usize>TITLE_NAME + size);
  title.args_size = size;
  return 0;
}
