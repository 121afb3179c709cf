/** The functions of the C library that work on descriptors, for libc.ts. */

type Buffer8 = Uint8Array | null;

/** Each returns what C returns, or the negated errno. */
export interface LibcFiles {
  close(fd: number): number;
  read(fd: number, buf: Buffer8, count: number): number;
  write(fd: number, buf: Buffer8, count: number): number;
  readv(fd: number, iov: Buffer8, iovcnt: number): number;
  writev(fd: number, iov: Buffer8, iovcnt: number): number;
  pread(fd: number, buf: Buffer8, count: number, offset: number): number;
  pwrite(fd: number, buf: Buffer8, count: number, offset: number): number;
  lseek(fd: number, offset: number, whence: number): number;
  statx(dirfd: number, path: string, flags: number, mask: number, buf: Buffer8): number;
  dup(oldfd: number): number;
  dup2(oldfd: number, newfd: number): number;
  dup3(oldfd: number, newfd: number, flags: number): number;
  /** fcntl() with a number, or with a pointer, as its third argument. */
  fcntl(fd: number, cmd: number, arg: number): number;
  fcntlAt(fd: number, cmd: number, lock: Uint8Array): number;
  flock(fd: number, operation: number): number;
  pipe2(fds: Buffer8, flags: number): number;
  poll(fds: Buffer8, nfds: number, timeout: number): number;
  select(nfds: number, r: Buffer8, w: Buffer8, e: Buffer8, timeout: Buffer8): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epfd: number, op: number, fd: number, event: Buffer8): number;
  epoll_wait(epfd: number, events: Buffer8, maxevents: number, timeout: number): number;
}

/** fcntl() takes its last argument like any other on all architectures that this folder knows. */
export const FILE_PROTOTYPES: readonly string[] = [
  "int close(int fd)",
  "int64_t read(int fd, void *buf, int64_t count)",
  "int64_t write(int fd, void *buf, int64_t count)",
  "int64_t readv(int fd, void *iov, int iovcnt)",
  "int64_t writev(int fd, void *iov, int iovcnt)",
  "int64_t pread(int fd, void *buf, int64_t count, int64_t offset)",
  "int64_t pwrite(int fd, void *buf, int64_t count, int64_t offset)",
  "int64_t lseek(int fd, int64_t offset, int whence)",
  "int statx(int dirfd, const char *path, int flags, uint32_t mask, void *buf)",
  "int dup(int oldfd)",
  "int dup2(int oldfd, int newfd)",
  "int dup3(int oldfd, int newfd, int flags)",
  "int fcntl(int fd, int cmd, int64_t arg)",
  "int flock(int fd, int operation)",
  "int pipe2(void *fds, int flags)",
  "int poll(void *fds, int64_t nfds, int timeout)",
  "int select(int nfds, void *r, void *w, void *e, void *timeout)",
  "int epoll_create1(int flags)",
  "int epoll_ctl(int epfd, int op, int fd, void *event)",
  "int epoll_wait(int epfd, void *events, int maxevents, int timeout)",
];
