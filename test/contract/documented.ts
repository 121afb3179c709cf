/**
 * The errnos that the manual pages list for each call (man-pages 6.9: shmget(2), shmop(2), shmctl(2),
 * semget(2), semop(2), semctl(2), msgget(2), msgop(2), msgctl(2), ftok(3), kill(2), sigaction(2),
 * wait(2), and pthread_mutex_lock(3p) with its like), and those of them that no caller of `Syscalls` can meet, with the reason.
 */
import { DOCUMENTED_FILES } from "./documented-files.ts";
import { DOCUMENTED_FS } from "./documented-fs.ts";
import type { DocumentedCall } from "./row.ts";

const OBJECTS = "structures are objects here, and an object is always accessible";
const REMOVED_ID =
  "a removed id is EINVAL on Linux too, unless the removal falls between two steps inside the call";
const HEAP = "there is nothing to allocate but the slot, whose shortage is ENOSPC";

const PLACED = "a mutex takes nothing but the bytes of the segment that it is given";
const RECURSIVE = "a recursive mutex counts its locks, and these are not recursive";

export const DOCUMENTED: readonly DocumentedCall[] = [
  {
    call: "shmget",
    errnos: ["EACCES", "EEXIST", "EINVAL", "ENOENT", "ENOMEM", "ENOSPC", "EPERM"],
    unreachable: { ENFILE: "no file stands behind a segment; Linux's limit is that of all files" },
  },
  {
    call: "shmat",
    errnos: ["EACCES", "EINVAL", "ENOMEM"],
    unreachable: { EIDRM: REMOVED_ID },
  },
  { call: "shmdt", errnos: ["EINVAL"] },
  {
    call: "shmctl",
    errnos: ["EACCES", "EINVAL", "EPERM"],
    unreachable: {
      EFAULT: OBJECTS,
      EIDRM: REMOVED_ID,
      ENOMEM: "SHM_LOCK past RLIMIT_MEMLOCK: nothing is swapped here, so nothing is limited",
      EOVERFLOW: "ids of users and groups have 32 bits on both sides",
    },
  },
  {
    call: "semget",
    errnos: ["EACCES", "EEXIST", "EINVAL", "ENOENT", "ENOMEM", "ENOSPC"],
  },
  {
    call: "semop",
    errnos: ["E2BIG", "EACCES", "EAGAIN", "EFBIG", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"],
    unreachable: { EFAULT: OBJECTS },
  },
  {
    call: "semtimedop",
    errnos: ["E2BIG", "EACCES", "EAGAIN", "EFBIG", "EIDRM", "EINTR", "EINVAL", "ERANGE"],
    unreachable: {
      EFAULT: OBJECTS,
      ENOMEM: "it is semop() with a timeout, and semop() has the row",
    },
  },
  {
    call: "semctl",
    errnos: ["EACCES", "EFAULT", "EINVAL", "EPERM", "ERANGE"],
    unreachable: { EIDRM: REMOVED_ID },
  },
  {
    call: "msgget",
    errnos: ["EACCES", "EEXIST", "ENOENT", "ENOSPC"],
    unreachable: { ENOMEM: HEAP },
  },
  {
    call: "msgsnd",
    errnos: ["EACCES", "EAGAIN", "EFAULT", "EIDRM", "EINTR", "EINVAL", "ENOMEM"],
  },
  {
    call: "msgrcv",
    errnos: ["E2BIG", "EACCES", "EFAULT", "EIDRM", "EINTR", "EINVAL", "ENOMSG"],
    unreachable: { ENOSYS: "MSG_COPY exists here, and on Linux with CONFIG_CHECKPOINT_RESTORE" },
  },
  {
    call: "msgctl",
    errnos: ["EACCES", "EINVAL", "EPERM"],
    unreachable: { EFAULT: OBJECTS, EIDRM: REMOVED_ID },
  },
  {
    call: "ftok",
    errnos: ["ENAMETOOLONG", "ENOENT", "ENOTDIR"],
    unreachable: {
      EACCES: "users of a machine are not the host's, whose root passes every folder",
      ELOOP: "it takes a file made for the test, and a row has no files",
    },
  },
  {
    call: "pthread_mutex_init",
    errnos: ["EINVAL"],
    unreachable: { EAGAIN: PLACED, ENOMEM: PLACED, EPERM: "it needs no privilege on either side" },
  },
  {
    call: "pthread_mutex_lock",
    errnos: ["EDEADLK", "EINVAL", "ENOTRECOVERABLE", "EOWNERDEAD"],
    unreachable: { EAGAIN: RECURSIVE },
  },
  {
    call: "pthread_mutex_trylock",
    errnos: ["EBUSY", "EDEADLK", "EINVAL", "ENOTRECOVERABLE", "EOWNERDEAD"],
    unreachable: { EAGAIN: RECURSIVE },
  },
  {
    call: "pthread_mutex_timedlock",
    errnos: ["EDEADLK", "EINVAL", "ENOTRECOVERABLE", "EOWNERDEAD", "ETIMEDOUT"],
    unreachable: { EAGAIN: RECURSIVE },
  },
  {
    call: "pthread_mutex_unlock",
    errnos: ["EINVAL", "EPERM"],
  },
  { call: "pthread_mutex_consistent", errnos: ["EINVAL"] },
  { call: "pthread_mutex_destroy", errnos: ["EBUSY", "EINVAL"] },
  { call: "kill", errnos: ["EINVAL", "EPERM", "ESRCH"] },
  { call: "setpgid", errnos: ["EACCES", "EINVAL", "EPERM", "ESRCH"] },
  { call: "getpgid", errnos: ["ESRCH"] },
  { call: "getsid", errnos: ["ESRCH"] },
  { call: "setsid", errnos: ["EPERM"] },
  { call: "sigaction", errnos: ["EINVAL"], unreachable: { EFAULT: OBJECTS } },
  { call: "waitpid", errnos: ["ECHILD", "EINTR", "EINVAL"] },
  ...DOCUMENTED_FILES,
  ...DOCUMENTED_FS,
];
