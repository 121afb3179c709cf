/** How each system call is printed: a format for each argument, in order, and one for the result. */
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETLK,
  F_OFD_GETLK,
  F_SETFD,
  F_SETFL,
} from "../../assembly/abi/fcntl.ts";
import { W_EXIT_SHIFT, W_SIGNAL_MASK } from "../../assembly/abi/wait.ts";
import { isLockCommand } from "../../host/arguments-files.ts";
import type { Syscalls } from "../../host/contract.ts";
import {
  anything,
  array,
  bytes,
  type Format,
  hex,
  int,
  list,
  octal,
  output,
  path,
  pointer,
  received,
  receivedVector,
  struct,
  vector,
} from "./format.ts";
import * as names from "./names.ts";

/** A call's arguments, and its result where that is no plain number. */
export interface Signature {
  readonly args: readonly Format[];
  readonly result?: Format;
}

const call = (...args: readonly Format[]): Signature => ({ args });
const calls = (result: Format, ...args: readonly Format[]): Signature => ({ args, result });

const timespec = struct({ tv_sec: int, tv_nsec: int });
const timeval = struct({ tv_sec: int, tv_usec: int });
const sembufs = array((value, whole) => {
  const {
    sem_num,
    sem_op,
    sem_flg = 0,
  } = value as { sem_num: number; sem_op: number; sem_flg?: number };
  return `{${sem_num}, ${sem_op}, ${names.semFlags(sem_flg, whole)}}`;
});
const message: Format = (value, whole) => {
  const { mtype, mtext } = Object(value) as { mtype?: unknown; mtext?: unknown };
  const size = whole.args[2];
  return `{${mtype}, ${bytes(mtext, { ...whole, args: [mtext, size] })}}`;
};
const receivedMessage = output((value, whole) => {
  const { mtype, mtext } = Object(value) as { mtype?: unknown; mtext?: unknown };
  return `{${mtype}, ${received(mtext, whole)}}`;
});
const mutex: Format = (value, whole) => {
  const { attachment, offset } = Object(value) as { attachment?: unknown; offset?: unknown };
  return `${pointer(attachment, whole)}+${offset}`;
};
const pollfds = array(struct({ fd: int, events: names.pollEvents }));
const pollResult: Format = (value, whole) => {
  if (value === 0) return "0 (Timeout)";
  const isReady = (fd: unknown) => (fd as { revents?: number }).revents !== 0;
  const ready = (whole.args[0] as readonly unknown[]).filter(isReady);
  return `${value} (${list(ready, (fd) => revents(fd, whole))})`;
};
const revents = struct({ fd: int, revents: names.pollEvents });
const set: Format = (value) => list(value instanceof Set ? [...value] : value, String);
const epollEvent = struct({ events: names.epollEvents, data: int });
const range = struct({
  l_type: names.lockType,
  l_whence: names.whence,
  l_start: int,
  l_len: int,
  l_pid: int,
});
/** The third argument of fcntl(2), which is what the second one says. */
const argument: Format = (value, whole) => {
  const command = whole.args[1];
  if (command === F_SETFD) return names.closeOnExec(value, whole);
  if (command === F_SETFL) return names.openFlags(value, whole);
  return isLockCommand(command as number) ? range(value, whole) : anything(value, whole);
};
const descriptorResult: Format = (value, whole) => {
  const command = whole.args[1];
  if (command === F_GETFD) return `${hex(value, whole)} (${names.closeOnExec(value, whole)})`;
  if (command === F_GETLK || command === F_OFD_GETLK) return range(value, whole);
  if (command === F_GETFL) return `${hex(value, whole)} (${names.openFlags(value, whole)})`;
  return command === F_DUPFD || command === F_DUPFD_CLOEXEC
    ? int(value, whole)
    : anything(value, whole);
};
const disposition: Format = (value, whole) => {
  if (value === 0) return "SIG_DFL";
  if (value === 1) return "SIG_IGN";
  if (typeof value === "function") return "{handler}";
  return typeof value === "object" && value !== null ? sigaction(value, whole) : String(value);
};
const signals: Format = (value, whole) =>
  Array.isArray(value) ? `[${value.map((one) => names.signalName(one, whole)).join(" ")}]` : "NULL";
const sigaction = struct({
  sa_handler: disposition,
  sa_mask: signals,
  sa_flags: names.actionFlags,
});
const itimerval = struct({ it_interval: timeval, it_value: timeval });
const waited: Format = (value, whole) => {
  const { pid, status } = value as { pid: number; status: number };
  if (pid === 0) return "0";
  const signal = status & W_SIGNAL_MASK;
  if (signal !== 0) return `${pid} (killed by ${names.signalName(signal, whole)})`;
  return `${pid} (exited with ${(status >> W_EXIT_SHIFT) & 0xff})`;
};
const times = array(timespec);

/** Every call of Syscalls but the twins, which are printed as these are. */
export const CALLS: Readonly<Record<Exclude<keyof Syscalls, "async">, Signature>> = {
  shmget: call(names.key, int, names.shmCreation),
  shmat: calls(anything, int, pointer, names.shmFlags),
  shmdt: call(pointer),
  shmctl: calls(anything, int, names.shmCommand, anything),
  semget: call(names.key, int, names.creation),
  semop: call(int, sembufs),
  semtimedop: call(int, sembufs, timespec),
  semctl: calls(anything, int, int, names.semCommand, anything),
  msgget: call(names.key, names.creation),
  msgsnd: call(int, message, int, names.msgFlags),
  msgrcv: call(int, receivedMessage, int, int, names.msgFlags),
  msgctl: calls(anything, int, names.msgCommand, anything),
  pthread_mutex_init: call(mutex),
  pthread_mutex_destroy: call(mutex),
  pthread_mutex_lock: call(mutex),
  pthread_mutex_trylock: call(mutex),
  pthread_mutex_timedlock: call(mutex, timespec),
  pthread_mutex_unlock: call(mutex),
  pthread_mutex_consistent: call(mutex),
  getpid: call(),
  getppid: call(),
  getuid: call(),
  geteuid: call(),
  getgid: call(),
  getegid: call(),
  getpgid: call(int),
  getpgrp: call(),
  getsid: call(int),
  setpgid: call(int, int),
  setsid: call(),
  getgroups: calls(anything),
  sigaction: calls(disposition, names.signalName, disposition),
  sigprocmask: calls(signals, names.maskChange, signals),
  sigpending: calls(signals),
  sigsuspend: call(signals),
  pause: call(),
  kill: call(int, names.signalName),
  alarm: call(int),
  setitimer: calls(itimerval, names.timer, itimerval),
  getitimer: calls(itimerval, names.timer),
  waitpid: calls(waited, int, names.waitFlags),
  ftok: calls(hex, path, int),
  close: call(int),
  read: call(int, received, int),
  write: call(int, bytes, int),
  readv: call(int, receivedVector),
  writev: call(int, vector),
  pread: call(int, received, int, int),
  pwrite: call(int, bytes, int, int),
  lseek: call(int, int, names.whence),
  fstat: calls(anything, int),
  dup: call(int),
  dup2: call(int, int),
  dup3: call(int, int, names.descriptorFlags),
  flock: call(int, names.lockOperation),
  fcntl: calls(descriptorResult, int, names.descriptorCommand, argument),
  pipe: calls(anything),
  pipe2: calls(anything, names.descriptorFlags),
  poll: calls(pollResult, pollfds, int),
  select: call(int, set, set, set, timeval),
  epoll_create1: call(names.epollFlags),
  epoll_ctl: call(int, names.epollCommand, int, epollEvent),
  epoll_wait: calls(array(epollEvent), int, int, int),
  open: call(path, names.openFlags, octal),
  openat: call(names.directory, path, names.openFlags, octal),
  mkfifo: call(path, octal),
  mkfifoat: call(names.directory, path, octal),
  truncate: call(path, int),
  ftruncate: call(int, int),
  fsync: call(int),
  fdatasync: call(int),
  syncfs: call(int),
  sync: call(),
  mkdir: call(path, octal),
  rmdir: call(path),
  link: call(path, path),
  symlink: call(path, path),
  unlink: call(path),
  rename: call(path, path),
  readlink: calls(path, path),
  getdents: calls(anything, int, int),
  stat: calls(anything, path),
  lstat: calls(anything, path),
  access: call(path, names.accessMode),
  chmod: call(path, octal),
  fchmod: call(int, octal),
  chown: call(path, int, int),
  lchown: call(path, int, int),
  fchown: call(int, int, int),
  utimensat: call(names.directory, path, times, names.atFlags),
  futimens: call(int, times),
  umask: calls(octal, octal),
  chdir: call(path),
  fchdir: call(int),
  getcwd: calls(path),
};
