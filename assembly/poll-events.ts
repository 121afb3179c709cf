/**
 * What an open file description is ready for, as poll(2) and epoll(7) ask. No locks, nothing is changed.
 * Crash: constant, nothing is stored.
 */
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "./abi/fcntl.ts";
import { LIMIT_WATCH_MAX } from "./abi/layout.ts";
import { PIPE_BUF } from "./abi/limits.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "./abi/poll.ts";
import { FILE_EPOLL, File } from "./file.ts";
import { pipe_filled, pipe_met, pipe_of } from "./pipe.ts";
import { limit } from "./region.ts";
import { Watch, watch_at, watch_of } from "./watch.ts";

/** POLLIN and its like. */
export function poll_events(file: File): i32 {
  if (file.kind == FILE_EPOLL) return poll_epoll(file) ? POLLIN | POLLRDNORM : 0;
  const pipe = pipe_of(file);
  if (pipe == null) return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
  const filled = pipe_filled(pipe);
  const access = file.flags & O_ACCMODE;
  let events = 0;
  if (access != O_WRONLY) {
    if (filled != 0) events |= POLLIN | POLLRDNORM;
    if (pipe.writers == 0 && pipe_met(file, pipe)) events |= POLLHUP;
  }
  if (access != O_RDONLY) {
    // A write of PIPE_BUF bytes would not wait.
    if (<i32>(pipe.size - filled) >= PIPE_BUF) events |= POLLOUT | POLLWRNORM;
    if (pipe.readers == 0) events |= POLLERR;
  }
  return events;
}

/** An instance is readable when it has something to tell. */
function poll_epoll(epoll: File): bool {
  const count = limit(LIMIT_WATCH_MAX);
  for (let index = 0; index < count; index++) {
    const watch = watch_at(index);
    if (watch_of(watch, epoll) && poll_watch(watch) != 0) return true;
  }
  return false;
}

/** What a watch has to tell now, 0 for nothing. */
export function poll_watch(watch: Watch): i32 {
  if (watch.armed == 0) return 0;
  const file = changetype<File>(watch.file);
  const found = poll_events(file) & (watch.events | POLLERR | POLLHUP);
  // EPOLLET, the sign bit: only what has come since.
  if (watch.events < 0 && poll_stamp(file) == watch.seen) return 0;
  return found;
}

/** Another number after each arrival: bytes, or room in a full pipe, or the end of the other side. */
export function poll_stamp(file: File): u32 {
  const pipe = pipe_of(file);
  if (pipe == null) return 0;
  const access = file.flags & O_ACCMODE;
  if (access == O_RDONLY) return (pipe.tail << 1) | (pipe.writers == 0 ? 1 : 0);
  const room = (pipe.roomy << 1) | (pipe.readers == 0 ? 1 : 0);
  return access == O_WRONLY ? room : room + (pipe.tail << 1);
}
