/**
 * The check's part on descriptors, open file descriptions and pipes.
 * Crash: constant, nothing is stored.
 */
import { O_ACCMODE, O_RDONLY, O_RDWR } from "./abi/fcntl.ts";
import { LIMIT_FILE_MAX, LIMIT_PIPE_MAX } from "./abi/layout.ts";
import { fd_count, fd_counted } from "./check-fds.ts";
import { check_frames_own } from "./check-frames.ts";
import { CHECK_FILE_REFS, CHECK_LOCK_HELD, CHECK_PIPE, CHECK_PIPE_SLEEPER } from "./check-rules.ts";
import { FILE_STANDARD, file_at } from "./file.ts";
import { Pipe, pipe_at, pipe_filled, pipe_of } from "./pipe.ts";
import { limit } from "./region.ts";

/** Every description counts its descriptors, every pipe the descriptions of its ends. */
export function check_files(): i32 {
  // A free slot that a descriptor names is looked for from the descriptors: there are thousands of slots.
  if (!fd_counted()) return CHECK_FILE_REFS;
  const files = limit(LIMIT_FILE_MAX);
  for (let index = 0; index < files; index++) {
    const file = file_at(index);
    if (file.refs == 0) continue;
    const own = index < FILE_STANDARD ? 1 : 0;
    if (file.refs != fd_count(file) + own) return CHECK_FILE_REFS;
    const pipe = pipe_of(file);
    if (pipe != null && pipe.live == 0) return CHECK_PIPE;
  }
  const pipes = limit(LIMIT_PIPE_MAX);
  for (let index = 0; index < pipes; index++) {
    const broken = check_pipe(pipe_at(index));
    if (broken != 0) return broken;
  }
  return 0;
}

function check_pipe(pipe: Pipe): i32 {
  if (pipe.lock != 0) return CHECK_LOCK_HELD;
  if (pipe.live == 0) return 0;
  if (pipe.readers != check_ends(pipe, true) || pipe.writers != check_ends(pipe, false))
    return CHECK_PIPE;
  const filled = pipe_filled(pipe);
  if (pipe.readers + pipe.writers == 0 || filled > pipe.size) return CHECK_PIPE;
  // Invariant: nobody sleeps at an end whose other end is gone, and no writer for whom there is room.
  if (pipe.writers == 0 && pipe.read_head != 0) return CHECK_PIPE_SLEEPER;
  if (pipe.readers == 0 && pipe.write_head != 0) return CHECK_PIPE_SLEEPER;
  return 0;
}

function check_ends(pipe: Pipe, read: bool): i32 {
  const files = limit(LIMIT_FILE_MAX);
  let ends = 0;
  for (let index = 0; index < files; index++) {
    const file = file_at(index);
    if (file.refs == 0 || file.object != changetype<usize>(pipe)) continue;
    if (pipe_of(file) == null) continue;
    const access = file.flags & O_ACCMODE;
    if (access == O_RDWR || (access == O_RDONLY) == read) ends += 1;
  }
  return ends;
}

/** The rings' frames. */
export function check_pipe_frames(): bool {
  const pipes = limit(LIMIT_PIPE_MAX);
  for (let index = 0; index < pipes; index++) {
    const pipe = pipe_at(index);
    if (pipe.live != 0 && !check_frames_own(pipe.first, pipe.size >>> 12)) return false;
  }
  return true;
}
