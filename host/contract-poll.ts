/**
 * The part of `Syscalls` that waits for many descriptors at once: poll(2), select(2), epoll(7).
 * Interfaces only, as in contract.ts. All are level-triggered unless EPOLLET is asked for. A file is
 * ready when the call would not wait, be it with success or not: a pipe without a reader is writable.
 */
import type { CallOptions } from "./contract.ts";

/** struct pollfd. */
export interface Pollfd {
  /** A negative one is left out: its `revents` is 0. */
  fd: number;
  /** POLLIN, POLLOUT and their like, 0 when left out. POLLERR, POLLHUP and POLLNVAL always come. */
  events?: number;
  /** What poll() found. */
  revents?: number;
}

/** fd_set: the descriptors whose bit is set. */
export type FdSet = Set<number>;

/** struct timeval, relative. */
export interface Timeval {
  tv_sec: number;
  tv_usec: number;
}

/** struct epoll_event. */
export interface EpollEvent {
  /** EPOLLIN and its like, with EPOLLET, EPOLLONESHOT and EPOLLEXCLUSIVE. */
  events: number;
  /** Comes back with the event: any safe integer, 0 when left out. In C a union of 64 bits. */
  data?: number;
}

/** poll(2), select(2), epoll_create(2), epoll_ctl(2), epoll_wait(2). */
export interface PollCalls {
  /**
   * Waits until one of `fds` is ready, and sets every `revents`.
   * @param timeout milliseconds; 0 does not wait, a negative one waits without end
   * @returns how many have a `revents` other than 0; 0 when the time is over
   * @throws {SystemError} EINTR: a signal handler ran, also one installed with SA_RESTART
   * @throws {SystemError} EINVAL: more elements than OPEN_MAX
   * @see poll(2)
   * @example
   * const [r, w] = sys.pipe();
   * const fds = [{ fd: r, events: POLLIN }];
   * sys.poll(fds, 0); // 0
   * sys.write(w, Uint8Array.of(1));
   * sys.poll(fds, 0); // 1, and fds[0].revents is POLLIN
   */
  poll(fds: readonly Pollfd[], timeout: number): number;

  /**
   * Waits until a descriptor of the sets is ready to read, to write, or has an exception; leaves in
   * the sets those that are. Members that are not below `nfds` are dropped.
   * @param timeout undefined or null waits without end; is set to the time that was left, as Linux does
   * @returns how many are left in all sets together; 0 when the time is over
   * @throws {SystemError} EBADF: a member is not open
   * @throws {SystemError} EINTR: a signal handler ran, also one installed with SA_RESTART
   * @throws {SystemError} EINVAL: `nfds` or a field of the timeout is negative
   * @see select(2)
   */
  select(
    nfds: number,
    readfds: FdSet | null,
    writefds?: FdSet | null,
    exceptfds?: FdSet | null,
    timeout?: Timeval | null,
  ): number;

  /**
   * Makes an epoll instance: a list of interest and one of what is ready.
   * @param flags 0 or EPOLL_CLOEXEC
   * @returns its descriptor, the lowest free number
   * @throws {SystemError} EINVAL: other flags
   * @throws {SystemError} EMFILE, ENFILE: as pipe()
   * @see epoll_create1(2)
   */
  epoll_create1(flags?: number): number;

  /**
   * Adds a descriptor to the list of interest, changes or removes it. What is watched is the open
   * file description under that number; it leaves the list when its last descriptor is closed.
   * @param op EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL
   * @throws {SystemError} EBADF: `epfd` or `fd` is not open
   * @throws {SystemError} EEXIST: EPOLL_CTL_ADD, and it is in the list
   * @throws {SystemError} EFAULT: an `event` is needed and left out
   * @throws {SystemError} EINVAL: `epfd` is no epoll instance or is `fd`; no such `op`; EPOLLEXCLUSIVE
   *   with another flag, in EPOLL_CTL_MOD, or for an epoll instance
   * @throws {SystemError} ELOOP: instances would watch each other in a ring, or more than five deep
   * @throws {SystemError} ENOENT: EPOLL_CTL_MOD or EPOLL_CTL_DEL, and it is not in the list
   * @throws {SystemError} ENOMEM, ENOSPC: the machine's list is full
   * @throws {SystemError} EPERM: a regular file or a directory cannot be watched
   * @see epoll_ctl(2)
   */
  epoll_ctl(epfd: number, op: number, fd: number, event?: EpollEvent | null): 0;

  /**
   * Waits for what is in the list.
   * @param timeout milliseconds; 0 does not wait, -1 waits without end
   * @returns at most `maxevents` events, taken in turn; none when the time is over
   * @throws {SystemError} EBADF: `epfd` is not open
   * @throws {SystemError} EINTR: a signal handler ran, also one installed with SA_RESTART
   * @throws {SystemError} EINVAL: `epfd` is no epoll instance, or `maxevents` is not positive
   * @see epoll_wait(2)
   */
  epoll_wait(epfd: number, maxevents: number, timeout: number): Required<EpollEvent>[];
}

/** The asynchronous twins. */
export interface AsyncPollCalls {
  poll(fds: readonly Pollfd[], timeout: number, options?: CallOptions): Promise<number>;
  select(
    nfds: number,
    readfds: FdSet | null,
    writefds?: FdSet | null,
    exceptfds?: FdSet | null,
    timeout?: Timeval | null,
    options?: CallOptions,
  ): Promise<number>;
  epoll_wait(
    epfd: number,
    maxevents: number,
    timeout: number,
    options?: CallOptions,
  ): Promise<Required<EpollEvent>[]>;
}
