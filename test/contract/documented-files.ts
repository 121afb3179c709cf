/**
 * documented.ts for calls on descriptors (man-pages 6.9: close(2), read(2), write(2), readv(2),
 * pread(2), lseek(2), stat(2), dup(2), fcntl(2), pipe(2), poll(2), select(2), epoll_create(2),
 * epoll_ctl(2), epoll_wait(2)).
 */
import type { DocumentedCall } from "./row.ts";

const RESULTS = "what the call writes in C is its result here";
const NO_DISK = "the bytes are in the machine, so nothing can go wrong below them";
const NO_QUOTA = "there are no quotas";
const HEAP = "there is nothing to allocate but a slot, whose shortage is ENFILE";
const ASYNC_ONLY = "no system below has calls that refuse O_DIRECT or atomic flags";
const SEALS = "there are no seals and no append-only files";

export const DOCUMENTED_FILES: readonly DocumentedCall[] = [
  {
    call: "close",
    errnos: ["EBADF"],
    unreachable: {
      EINTR: "nothing that closes a descriptor waits",
      EIO: NO_DISK,
      ENOSPC: NO_DISK,
      EDQUOT: NO_QUOTA,
    },
  },
  {
    call: "read",
    errnos: ["EAGAIN", "EBADF", "EFAULT", "EINTR", "EINVAL", "EISDIR"],
    unreachable: { EIO: NO_DISK },
  },
  {
    call: "write",
    errnos: ["EAGAIN", "EBADF", "EFAULT", "EINTR", "EINVAL", "ENOSPC", "EPIPE"],
    unreachable: {
      EDESTADDRREQ: "it is for datagram sockets without a peer",
      EDQUOT: NO_QUOTA,
      EFBIG: "a file of the largest size ends past the safe integers on tmpfs",
      EIO: NO_DISK,
      EPERM: SEALS,
    },
  },
  {
    call: "readv",
    errnos: ["EAGAIN", "EBADF", "EINTR", "EINVAL"],
    unreachable: { EOPNOTSUPP: ASYNC_ONLY },
  },
  {
    call: "writev",
    errnos: ["EAGAIN", "EBADF", "EINTR", "EINVAL", "EPIPE"],
    unreachable: { EOPNOTSUPP: ASYNC_ONLY },
  },
  { call: "pread", errnos: ["EBADF", "EFAULT", "EINVAL", "ESPIPE"] },
  { call: "pwrite", errnos: ["EBADF", "EFAULT", "EINVAL", "ESPIPE"] },
  {
    call: "lseek",
    errnos: ["EBADF", "EINVAL", "ENXIO", "ESPIPE"],
    unreachable: {
      EOVERFLOW: "offsets have 64 bits, and safe integers are smaller",
    },
  },
  {
    call: "fstat",
    errnos: ["EBADF"],
    unreachable: { EFAULT: RESULTS, ENOMEM: HEAP, EOVERFLOW: "sizes have 64 bits on both sides" },
  },
  { call: "dup", errnos: ["EBADF", "EMFILE"], unreachable: { ENOMEM: HEAP } },
  {
    call: "dup2",
    errnos: ["EBADF"],
    unreachable: {
      EBUSY: "it is a race inside the kernel with an open() that is under way",
      EINTR: "nothing that closes a descriptor waits",
      ENOMEM: HEAP,
    },
  },
  {
    call: "dup3",
    errnos: ["EBADF", "EINVAL"],
    unreachable: {
      EBUSY: "it is a race inside the kernel with an open() that is under way",
      EINTR: "nothing that closes a descriptor waits",
      ENOMEM: HEAP,
    },
  },
  {
    call: "fcntl",
    errnos: [
      ...["EAGAIN", "EBADF", "EBUSY", "EDEADLK", "EINTR", "EINVAL"],
      ...["EMFILE", "ENOLCK", "EPERM"],
    ],
    unreachable: {
      EACCES: "Linux answers a held lock with EAGAIN",
      EFAULT: "structures are objects here, and an object is always accessible",
      ENOTDIR: "it is for F_NOTIFY, which does not exist here",
      EOVERFLOW: "offsets have 64 bits, and safe integers are smaller",
    },
  },
  {
    call: "flock",
    errnos: ["EAGAIN", "EBADF", "EINTR", "EINVAL", "ENOLCK"],
    unreachable: { EWOULDBLOCK: "it is EAGAIN" },
  },
  { call: "pipe", errnos: ["EMFILE", "ENFILE"], unreachable: { EFAULT: RESULTS } },
  {
    call: "pipe2",
    errnos: ["EINVAL", "EMFILE", "ENFILE"],
    unreachable: { EFAULT: RESULTS, ENOPKG: "O_NOTIFICATION_PIPE does not exist here" },
  },
  {
    call: "poll",
    errnos: ["EINTR", "EINVAL"],
    unreachable: {
      EFAULT: "structures are objects here, and an object is always accessible",
      ENOMEM: "more than OPEN_MAX elements are EINVAL, and so many have room",
    },
  },
  {
    call: "select",
    errnos: ["EBADF", "EINTR", "EINVAL"],
    unreachable: { ENOMEM: "more than OPEN_MAX members cannot be open" },
  },
  {
    call: "epoll_create1",
    errnos: ["EINVAL", "EMFILE", "ENFILE"],
    unreachable: { ENOMEM: HEAP },
  },
  {
    call: "epoll_ctl",
    errnos: ["EBADF", "EEXIST", "EFAULT", "EINVAL", "ELOOP", "ENOENT", "EPERM"],
    unreachable: {
      ENOMEM: HEAP,
      ENOSPC: "Linux has one limit for a user's processes, and a row may not starve the others",
    },
  },
  {
    call: "epoll_wait",
    errnos: ["EBADF", "EINTR", "EINVAL"],
    unreachable: { EFAULT: RESULTS },
  },
];
