/** fstat(2) of the running kernel, by statx(2), whose structure is the same on every processor. */
import { AT_EMPTY_PATH } from "../../assembly/abi/fcntl.ts";
import type { Stat } from "../contract-files.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

const STATX_SIZE = 256;
const STATX_BASIC_STATS = 0x7ff;

/** dev_t as glibc's makedev() composes it; both parts are small here. */
function device(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor >>> 8) * 0x10_0000;
}

/** struct statx_timestamp in seconds. */
function time(s: Struct, at: number): number {
  return s.long(at) + s.u32(at + 8) / 1e9;
}

function stat(s: Struct): Stat {
  return {
    st_dev: device(s.u32(136), s.u32(140)),
    st_ino: s.ulong(32),
    st_mode: s.u16(28),
    st_nlink: s.u32(16),
    st_uid: s.u32(20),
    st_gid: s.u32(24),
    st_rdev: device(s.u32(128), s.u32(132)),
    st_size: s.ulong(40),
    st_blksize: s.u32(4),
    st_blocks: s.ulong(48),
    st_atime: time(s, 64),
    st_mtime: time(s, 112),
    st_ctime: time(s, 96),
  };
}

/**
 * @param flags AT_EMPTY_PATH: the descriptor itself; AT_SYMLINK_NOFOLLOW: not what a link names
 * @throws {SystemError} as `call` does
 */
export function statAt(libc: Libc, call: string, dirfd: number, path: string, flags: number): Stat {
  const s = new Struct(STATX_SIZE);
  checked(libc.statx(dirfd, path, flags, STATX_BASIC_STATS, s.bytes), call);
  return stat(s);
}

/** To statx() a negative number may be AT_FDCWD, which is no descriptor. */
export function fstat(libc: Libc, fd: number): Stat {
  return statAt(libc, "fstat", Math.max(fd, -1), "", AT_EMPTY_PATH);
}
