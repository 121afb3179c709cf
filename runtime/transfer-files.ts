/** The structures of calls on descriptors in the transfer area; see transfer.ts. */
import {
  DIRENT_INO,
  DIRENT_NAME,
  DIRENT_OFF,
  DIRENT_RECLEN,
  DIRENT_TYPE,
} from "../assembly/abi/dirent.ts";
import {
  FLOCK_LEN,
  FLOCK_PID,
  FLOCK_SIZE,
  FLOCK_START,
  FLOCK_TYPE,
  FLOCK_WHENCE,
} from "../assembly/abi/flock.ts";
import { POLLFD_EVENTS, POLLFD_REVENTS, POLLFD_SIZE } from "../assembly/abi/poll.ts";
import {
  STAT_ATIME,
  STAT_BLKSIZE,
  STAT_BLOCKS,
  STAT_CTIME,
  STAT_DEV,
  STAT_GID,
  STAT_INO,
  STAT_MODE,
  STAT_MTIME,
  STAT_NLINK,
  STAT_RDEV,
  STAT_SIZE,
  STAT_UID,
} from "../assembly/abi/stat.ts";
import type { Stat } from "../host/contract-files.ts";
import type { Dirent } from "../host/contract-fs.ts";
import type { Flock } from "../host/contract-locks.ts";
import type { EpollEvent, Pollfd } from "../host/contract-poll.ts";
import type { Thread } from "./thread.ts";

/** poll()'s structures; an event of 16 bits is as in C. */
export function writePollfds(thread: Thread, fds: readonly Pollfd[]): void {
  let at = thread.transfer;
  for (const { fd, events = 0 } of fds) {
    thread.i32[at >> 2] = fd;
    thread.u16[(at + POLLFD_EVENTS) >> 1] = events;
    at += POLLFD_SIZE;
  }
}

export function readRevents(thread: Thread, fds: readonly Pollfd[]): void {
  let at = thread.transfer + POLLFD_REVENTS;
  for (const pollfd of fds) {
    pollfd.revents = thread.u16[at >> 1]!;
    at += POLLFD_SIZE;
  }
}

/** epoll_wait()'s events, 16 bytes each: data as an f64, events as an i32. */
export function readEpollEvents(thread: Thread, count: number): Required<EpollEvent>[] {
  const data = new Float64Array(thread.buffer, thread.transfer, 2 * count);
  const words = new Int32Array(thread.buffer, thread.transfer, 4 * count);
  return Array.from({ length: count }, (_, index) => ({
    events: words[4 * index + 2]!,
    data: data[2 * index]!,
  }));
}

export function readStat(thread: Thread): Stat {
  const word = (offset: number) => thread.i32[(thread.transfer + offset) >> 2]!;
  const f64 = (offset: number) => new Float64Array(thread.buffer, thread.transfer + offset, 1)[0]!;
  return {
    st_dev: word(STAT_DEV),
    st_ino: word(STAT_INO) >>> 0,
    st_mode: word(STAT_MODE),
    st_nlink: word(STAT_NLINK),
    st_uid: word(STAT_UID),
    st_gid: word(STAT_GID),
    st_rdev: word(STAT_RDEV),
    st_size: f64(STAT_SIZE),
    st_blksize: word(STAT_BLKSIZE),
    st_blocks: f64(STAT_BLOCKS),
    st_atime: f64(STAT_ATIME),
    st_mtime: f64(STAT_MTIME),
    st_ctime: f64(STAT_CTIME),
  };
}

const decoder = new TextDecoder();

/** getdents()'s entries in so many bytes; numbers and offsets are below 2^53. */
export function readDirents(thread: Thread, length: number): Dirent[] {
  const bytes = thread.u8.slice(thread.transfer, thread.transfer + length);
  const view = new DataView(bytes.buffer);
  const list: Dirent[] = [];
  for (let at = 0; at < length; at += view.getUint16(at + DIRENT_RECLEN, true)) {
    const name = bytes.subarray(at + DIRENT_NAME, at + view.getUint16(at + DIRENT_RECLEN, true));
    list.push({
      d_ino: Number(view.getBigInt64(at + DIRENT_INO, true)),
      d_off: Number(view.getBigInt64(at + DIRENT_OFF, true)),
      d_type: bytes[at + DIRENT_TYPE]!,
      d_name: decoder.decode(name.subarray(0, name.indexOf(0))),
    });
  }
  return list;
}

function flockView(thread: Thread): DataView {
  return new DataView(thread.buffer, thread.transfer, FLOCK_SIZE);
}

/** fcntl()'s lock. */
export function writeFlock(thread: Thread, lock: Required<Flock>): void {
  const view = flockView(thread);
  view.setInt16(FLOCK_TYPE, lock.l_type, true);
  view.setInt16(FLOCK_WHENCE, lock.l_whence, true);
  view.setBigInt64(FLOCK_START, BigInt(lock.l_start), true);
  view.setBigInt64(FLOCK_LEN, BigInt(lock.l_len), true);
  view.setInt32(FLOCK_PID, lock.l_pid, true);
}

export function readFlock(thread: Thread): Required<Flock> {
  const view = flockView(thread);
  return {
    l_type: view.getInt16(FLOCK_TYPE, true),
    l_whence: view.getInt16(FLOCK_WHENCE, true),
    l_start: Number(view.getBigInt64(FLOCK_START, true)),
    l_len: Number(view.getBigInt64(FLOCK_LEN, true)),
    l_pid: view.getInt32(FLOCK_PID, true),
  };
}
