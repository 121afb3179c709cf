/** What every Syscalls implementation demands of the arguments of calls on descriptors; arguments.ts. */
import { EFAULT } from "../assembly/abi/errno.ts";
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_SETLK,
  F_SETLKW,
} from "../assembly/abi/fcntl.ts";
import { int, intOr0, long, path, refuse, short, timespec } from "./arguments.ts";
import type { FileTimes } from "./contract-fs.ts";
import type { Flock } from "./contract-locks.ts";
import type { EpollEvent, FdSet, Pollfd, Timeval } from "./contract-poll.ts";
import { SystemError } from "./errno.ts";

const LOCK_COMMANDS: ReadonlySet<number> = new Set([
  ...[F_GETLK, F_SETLK, F_SETLKW],
  ...[F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW],
]);

function bytes(value: unknown, call: string, name: string): Uint8Array {
  return value instanceof Uint8Array ? value : refuse(call, name, value, "a Uint8Array");
}

/**
 * A buffer and how many of its bytes are meant; `undefined` means all.
 * @throws {SystemError} EFAULT when it is shorter than `count`; a negative one is the kernel's to refuse
 */
export function span(
  buf: unknown,
  count: unknown,
  call: string,
): { buf: Uint8Array; count: number } {
  const buffer = bytes(buf, call, "buf");
  const size = count === undefined ? buffer.length : long(count, call, "count");
  if (size > buffer.length) {
    throw new SystemError(EFAULT, call, `buf has ${buffer.length} bytes, count is ${size}`);
  }
  return { buf: buffer, count: size };
}

/** readv()'s and writev()'s buffers. */
export function iovec(value: unknown, call: string): readonly Uint8Array[] {
  if (!Array.isArray(value)) return refuse(call, "iov", value, "an array of Uint8Arrays");
  return value.map((each) => bytes(each, call, "a buffer of iov"));
}

/** poll()'s array; the objects themselves, because their `revents` are set. */
export function pollfds(value: unknown, call: string): readonly Pollfd[] {
  if (!Array.isArray(value)) return refuse(call, "fds", value, "an array of pollfds");
  for (const each of value as unknown[]) {
    if (typeof each !== "object" || each === null) {
      refuse(call, "a pollfd", each, "an object with fd and events");
    }
    const { fd, events } = each as Pollfd;
    int(fd, call, "fd");
    intOr0(events, call, "events");
  }
  return value as readonly Pollfd[];
}

/** One of select()'s sets, or null. */
export function fdSet(value: unknown, call: string, name: string): FdSet | null {
  if (value === undefined || value === null) return null;
  if (!(value instanceof Set)) return refuse(call, name, value, "a Set of descriptors");
  for (const each of value) {
    if (int(each, call, `a member of ${name}`) < 0) {
      refuse(call, `a member of ${name}`, each, "a descriptor, which is not negative");
    }
  }
  return value as FdSet;
}

/** select()'s timeout, or null. */
export function timeval(value: unknown, call: string): Timeval | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") {
    return refuse(call, "timeout", value, "an object with tv_sec and tv_usec");
  }
  const { tv_sec, tv_usec } = value as Timeval;
  long(tv_sec, call, "tv_sec");
  long(tv_usec, call, "tv_usec");
  return value as Timeval;
}

/** epoll_ctl()'s event, or null. */
export function epollEvent(value: unknown, call: string): Required<EpollEvent> | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") {
    return refuse(call, "event", value, "an object with events and data");
  }
  const { events, data } = value as EpollEvent;
  return {
    events: int(events, call, "events"),
    data: data === undefined ? 0 : long(data, call, "data"),
  };
}

/** A path: to C a NUL would be its end. */
export function pathname(value: unknown, call: string, name = "path"): string {
  const text = path(value, call);
  return text.includes("\0") ? refuse(call, name, value, "a string without NUL") : text;
}

/** utimensat()'s times, or null. */
export function fileTimes(value: unknown, call: string): FileTimes | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.length !== 2) {
    return refuse(call, "times", value, "an array of two timespecs");
  }
  const [atime, mtime] = value.map((each) => timespec(each, call));
  return atime === undefined || mtime === undefined
    ? refuse(call, "times", value, "an array of two timespecs")
    : [atime, mtime];
}

/** fcntl()'s lock; what is left out is 0. */
export function flockOf(value: unknown, call: string): Required<Flock> {
  if (typeof value !== "object" || value === null) {
    return refuse(call, "lock", value, "an object with l_type, l_whence, l_start and l_len");
  }
  const { l_type, l_whence = 0, l_start = 0, l_len = 0, l_pid = 0 } = value as Flock;
  return {
    l_type: short(l_type, call, "l_type"),
    l_whence: short(l_whence, call, "l_whence"),
    l_start: long(l_start, call, "l_start"),
    l_len: long(l_len, call, "l_len"),
    l_pid: int(l_pid, call, "l_pid"),
  };
}

/** Whether a command of fcntl() takes a lock. */
export function isLockCommand(cmd: number): boolean {
  return LOCK_COMMANDS.has(cmd);
}

/** The command of fcntl()'s twin. */
export function lockCommand(value: unknown, call: string): 7 | 38 {
  const cmd = int(value, call, "cmd");
  if (cmd === F_SETLKW || cmd === F_OFD_SETLKW) return cmd;
  return refuse(call, "cmd", value, "F_SETLKW or F_OFD_SETLKW");
}
