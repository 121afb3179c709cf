/**
 * The part of `Syscalls` that is about descriptors and pipes: interfaces only, as in contract.ts.
 *
 * A file descriptor is a small number of one process: a reference to an open file description, with
 * the flag FD_CLOEXEC. The description has the access mode, the status flags and the offset, and is
 * shared by dup(), by fork and by spawn: a child begins with every descriptor of its parent that has
 * no FD_CLOEXEC, under the same number, as after posix_spawn(3) without file actions. A process that
 * ends, however it ends, closes its descriptors.
 *
 * A buffer is a Uint8Array over private or shared memory. What a call writes for its caller in C is
 * its result here, except for data: read() fills the buffer it is given. A buffer shorter than its
 * count is EFAULT, because in C the rest would not be accessible.
 */
import type { CallOptions } from "./contract.ts";
import type { AsyncLockCalls, Flock, FlockCalls } from "./contract-locks.ts";
import type { AsyncPollCalls, PollCalls } from "./contract-poll.ts";

/** struct stat; sizes in bytes, `st_blocks` in units of 512, times in seconds since the Epoch. */
export interface Stat {
  st_dev: number;
  st_ino: number;
  /** Type (S_IFMT) and permissions. */
  st_mode: number;
  st_nlink: number;
  st_uid: number;
  st_gid: number;
  st_rdev: number;
  st_size: number;
  st_blksize: number;
  st_blocks: number;
  st_atime: number;
  st_mtime: number;
  st_ctime: number;
}

/** read(2), write(2), readv(2), writev(2), pread(2), pwrite(2), lseek(2), close(2), fstat(2). */
export interface ReadWriteCalls {
  /**
   * Frees a descriptor; the last one closes its open file description.
   * @throws {SystemError} EBADF: `fd` is not open
   * @see close(2)
   */
  close(fd: number): 0;

  /**
   * Reads up to `count` bytes into the beginning of `buf`. An empty pipe is waited for while it has a
   * writer; a pipe without one is at its end.
   * @param count bytes, `buf.length` when left out
   * @returns bytes read; 0 at the end of the file, or when `count` is 0
   * @throws {SystemError} EAGAIN: O_NONBLOCK, and the pipe is empty but has a writer
   * @throws {SystemError} EBADF: `fd` is not open, or not for reading
   * @throws {SystemError} EFAULT: `buf` is shorter than `count`, or `count` is negative
   * @throws {SystemError} EINTR: a signal handler ran before anything was read
   * @throws {SystemError} EINVAL: `fd` is of a kind that has nothing to read, such as epoll's
   * @see read(2), pipe(7)
   * @example
   * const [r, w] = sys.pipe();
   * sys.write(w, new TextEncoder().encode("hello"));
   * const buffer = new Uint8Array(100);
   * const text = new TextDecoder().decode(buffer.subarray(0, sys.read(r, buffer)));
   */
  read(fd: number, buf: Uint8Array, count?: number): number;

  /**
   * Writes the first `count` bytes of `buf`. To a pipe, up to PIPE_BUF bytes are written at once or
   * not at all; more may be mixed with other writers' bytes. A full pipe is waited for.
   * @param count bytes, `buf.length` when left out
   * @returns bytes written: fewer than `count` when a pipe with O_NONBLOCK has no more room, or when
   *   a signal handler or a reader's end came in between
   * @throws {SystemError} EAGAIN: O_NONBLOCK, and the pipe has no room: for up to PIPE_BUF bytes no
   *   room for all, for more no room at all
   * @throws {SystemError} EBADF: `fd` is not open, or not for writing
   * @throws {SystemError} EFAULT: `buf` is shorter than `count`, or `count` is negative
   * @throws {SystemError} EINTR: a signal handler ran before anything was written
   * @throws {SystemError} EINVAL: `fd` is of a kind that cannot be written, such as epoll's
   * @throws {SystemError} EPIPE: nobody can read the pipe any more; SIGPIPE comes first, and ends a
   *   process that neither ignores nor handles it
   * @see write(2), pipe(7)
   */
  write(fd: number, buf: Uint8Array, count?: number): number;

  /**
   * Reads into several buffers, one after another, as one read().
   * @throws {SystemError} as read(), and EINVAL: more than IOV_MAX buffers
   * @see readv(2)
   */
  readv(fd: number, iov: readonly Uint8Array[]): number;

  /**
   * Writes several buffers as one write(): up to PIPE_BUF bytes together are atomic.
   * @throws {SystemError} as write(), and EINVAL: more than IOV_MAX buffers
   * @see writev(2)
   */
  writev(fd: number, iov: readonly Uint8Array[]): number;

  /**
   * read() at an offset of the file, without use of the description's own.
   * @throws {SystemError} as read(), EINVAL: `offset` is negative, ESPIPE: a pipe has no offsets
   * @see pread(2)
   */
  pread(fd: number, buf: Uint8Array, count: number, offset: number): number;

  /**
   * write() at an offset of the file, without use of the description's own.
   * @throws {SystemError} as write(), EINVAL: `offset` is negative, ESPIPE: a pipe has no offsets
   * @see pwrite(2)
   */
  pwrite(fd: number, buf: Uint8Array, count: number, offset: number): number;

  /**
   * Moves the offset of the open file description.
   * @param whence SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA or SEEK_HOLE
   * @returns the new offset in bytes
   * @throws {SystemError} EBADF: `fd` is not open
   * @throws {SystemError} EINVAL: no such `whence`, or the offset would be negative
   * @throws {SystemError} ENXIO: SEEK_DATA or SEEK_HOLE at or past the end
   * @throws {SystemError} ESPIPE: `fd` is a pipe, a FIFO or a socket
   * @see lseek(2)
   */
  lseek(fd: number, offset: number, whence: number): number;

  /**
   * What is known of an open file; a pipe is of the type S_IFIFO.
   * @throws {SystemError} EBADF: `fd` is not open
   * @see fstat(2)
   */
  fstat(fd: number): Stat;
}

/** dup(2), fcntl(2), pipe(2). */
export interface DescriptorCalls {
  /**
   * Another descriptor of the same open file description: the lowest free number, no FD_CLOEXEC.
   * @throws {SystemError} EBADF: `oldfd` is not open
   * @throws {SystemError} EMFILE: no number below OPEN_MAX is free
   * @see dup(2)
   */
  dup(oldfd: number): number;

  /**
   * Makes `newfd` refer to what `oldfd` refers to, closing it first when it is open, in one step.
   * Nothing happens when both are the same open descriptor.
   * @returns `newfd`
   * @throws {SystemError} EBADF: `oldfd` is not open, or `newfd` is negative or not below OPEN_MAX
   * @see dup2(2)
   */
  dup2(oldfd: number, newfd: number): number;

  /**
   * dup2() that can set FD_CLOEXEC.
   * @param flags 0 or O_CLOEXEC
   * @throws {SystemError} EBADF: as dup2()
   * @throws {SystemError} EINVAL: other flags, or `oldfd` equals `newfd`
   * @see dup3(2)
   */
  dup3(oldfd: number, newfd: number, flags: number): number;

  /** F_DUPFD, F_DUPFD_CLOEXEC: the lowest free number that is not below `arg`. */
  fcntl(fd: number, cmd: 0 | 1030, arg: number): number;
  /** F_GETFD: FD_CLOEXEC or 0. F_GETFL: access mode and status flags. */
  fcntl(fd: number, cmd: 1 | 3): number;
  /** F_SETFD; F_SETFL, which changes O_APPEND and O_NONBLOCK and takes no notice of other bits. */
  fcntl(fd: number, cmd: 2 | 4, arg: number): 0;
  /** F_SETPIPE_SZ: at least `arg` bytes. @returns the capacity, a power of two of pages */
  fcntl(fd: number, cmd: 1031, arg: number): number;
  /** F_GETPIPE_SZ. */
  fcntl(fd: number, cmd: 1032): number;
  /**
   * F_SETLK, F_OFD_SETLK: locks or unlocks a range of bytes at once or not at all. F_SETLKW,
   * F_OFD_SETLKW: waits until it can. See contract-locks.ts.
   */
  fcntl(fd: number, cmd: 6 | 7 | 37 | 38, lock: Flock): 0;
  /**
   * F_GETLK, F_OFD_GETLK: a lock that is in the way of `lock`, counted from SEEK_SET; or `lock` itself
   * with the type F_UNLCK. F_OFD_GETLK of F_UNLCK: a lock of the description itself in that range.
   */
  fcntl(fd: number, cmd: 5 | 36, lock: Flock): Required<Flock>;
  /**
   * @throws {SystemError} EAGAIN: F_SETLK, F_OFD_SETLK, and somebody else's lock is in the way
   * @throws {SystemError} EBADF: `fd` is not open; it is no pipe (F_SETPIPE_SZ, F_GETPIPE_SZ); it is
   *   not open for reading (F_RDLCK) or for writing (F_WRLCK)
   * @throws {SystemError} EBUSY: F_SETPIPE_SZ, and more than that is in the pipe
   * @throws {SystemError} EDEADLK: F_SETLKW, and who is in the way waits for a lock of the caller
   * @throws {SystemError} EINTR: F_SETLKW, F_OFD_SETLKW: a signal handler ran while it waited
   * @throws {SystemError} EINVAL: no such command; F_DUPFD with a negative `arg` or one that is not
   *   below OPEN_MAX; F_SETPIPE_SZ with one past 2^31; no such `l_type` or `l_whence`, or a range that
   *   begins before the file; `l_pid` is not 0 (F_OFD_*)
   * @throws {SystemError} EMFILE: F_DUPFD, and no number from `arg` on is free
   * @throws {SystemError} ENOLCK: the machine has no more locks
   * @throws {SystemError} EPERM: F_SETPIPE_SZ past PIPE_SIZE_MAX, for others than root
   * @see fcntl(2)
   */
  fcntl(fd: number, cmd: number, arg?: number): number;

  /**
   * Makes a pipe of PIPE_SIZE bytes.
   * @returns the lowest two free numbers: one to read from, one to write to
   * @throws {SystemError} EMFILE: two numbers below OPEN_MAX are not free
   * @throws {SystemError} ENFILE: the machine has no more open file descriptions or pipes
   * @see pipe(2), pipe(7)
   */
  pipe(): [number, number];

  /**
   * pipe() with flags for both ends: O_CLOEXEC sets FD_CLOEXEC, O_NONBLOCK is a status flag.
   * @throws {SystemError} EINVAL: other flags; EMFILE, ENFILE: as pipe()
   * @see pipe2(2)
   */
  pipe2(flags: number): [number, number];
}

/** Every call on descriptors. */
export interface FileCalls extends ReadWriteCalls, DescriptorCalls, FlockCalls, PollCalls {}

/** The asynchronous twins of those that can wait; read() fills its buffer before it resolves. */
export interface AsyncFileCalls extends AsyncLockCalls, AsyncPollCalls {
  read(fd: number, buf: Uint8Array, count?: number, options?: CallOptions): Promise<number>;
  write(fd: number, buf: Uint8Array, count?: number, options?: CallOptions): Promise<number>;
  readv(fd: number, iov: readonly Uint8Array[], options?: CallOptions): Promise<number>;
  writev(fd: number, iov: readonly Uint8Array[], options?: CallOptions): Promise<number>;
}
