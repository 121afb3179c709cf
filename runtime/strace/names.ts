/** The names of the numbers that system calls take, as C's headers have them. */
import * as epoll from "../../assembly/abi/epoll.ts";
import * as fcntl from "../../assembly/abi/fcntl.ts";
import * as ipc from "../../assembly/abi/ipc.ts";
import * as msg from "../../assembly/abi/msg.ts";
import * as poll from "../../assembly/abi/poll.ts";
import * as sem from "../../assembly/abi/sem.ts";
import * as shm from "../../assembly/abi/shm.ts";
import * as signal from "../../assembly/abi/signal.ts";
import * as unistd from "../../assembly/abi/unistd.ts";
import * as wait from "../../assembly/abi/wait.ts";
import { bits, type Format, int, octal, oneOf } from "./format.ts";

type Names = Readonly<Record<string, number>>;

/** The constants of a header whose names match. */
function named(header: Names, pattern: RegExp): Names {
  return Object.fromEntries(Object.entries(header).filter(([name]) => pattern.test(name)));
}

const { IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO } = ipc;
const COMMANDS = { IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO };
const ACCESS = named(fcntl, /^O_(RDONLY|WRONLY|RDWR)$/);

export const key: Format = (value, call) =>
  value === IPC_PRIVATE
    ? "IPC_PRIVATE"
    : typeof value === "number"
      ? `0x${(value >>> 0).toString(16)}`
      : int(value, call);

const CREATION = { IPC_CREAT, IPC_EXCL };
export const creation = bits(CREATION, { rest: octal });
export const shmCreation = bits(
  { ...CREATION, ...named(shm, /^SHM_(HUGETLB|NORESERVE)$/) },
  { rest: octal },
);
export const shmFlags = bits(named(shm, /^SHM_(RDONLY|RND|REMAP|EXEC)$/));
export const shmCommand = oneOf({
  ...COMMANDS,
  ...named(shm, /^SHM_(LOCK|UNLOCK|STAT|INFO|STAT_ANY)$/),
});
export const semFlags = bits({ IPC_NOWAIT, SEM_UNDO: sem.SEM_UNDO });
export const semCommand = oneOf({
  ...COMMANDS,
  ...named(sem, /^(GET|SET)(PID|VAL|ALL|NCNT|ZCNT)$|^SEM_(STAT|INFO|STAT_ANY)$/),
});
export const msgFlags = bits({ IPC_NOWAIT, ...named(msg, /^MSG_(NOERROR|EXCEPT|COPY)$/) });
export const msgCommand = oneOf({ ...COMMANDS, ...named(msg, /^MSG_(STAT|INFO|STAT_ANY)$/) });

export const openFlags = bits(
  {
    ...named(fcntl, /^O_(?!RDONLY|WRONLY|RDWR|ACCMODE)/),
  },
  { mask: fcntl.O_ACCMODE, choice: ACCESS },
);
/** Flags of a call that opens nothing, such as pipe2(2): without the access mode. */
export const descriptorFlags = bits(named(fcntl, /^O_(CLOEXEC|NONBLOCK|DIRECT)$/));
export const descriptorCommand = oneOf(named(fcntl, /^F_(DUPFD|GET|SET|OFD)/));
export const lockType = oneOf(named(fcntl, /^F_(RDLCK|WRLCK|UNLCK)$/));
export const lockOperation = bits(named(fcntl, /^LOCK_/));
export const closeOnExec = bits({ FD_CLOEXEC: fcntl.FD_CLOEXEC });
export const directory: Format = (value, call) =>
  value === fcntl.AT_FDCWD ? "AT_FDCWD" : int(value, call);
export const atFlags = bits(named(fcntl, /^AT_(?!FDCWD)/));

export const whence = oneOf(named(unistd, /^SEEK_/));
export const accessMode = bits(named(unistd, /^[RWX]_OK$/), { rest: oneOf({ F_OK: 0 }) });

export const pollEvents = bits(named(poll, /^POLL(?!FD)/));
export const epollEvents = bits(named(epoll, /^EPOLL(?!_)/));
export const epollFlags = bits({ EPOLL_CLOEXEC: epoll.EPOLL_CLOEXEC });
export const epollCommand = oneOf(named(epoll, /^EPOLL_CTL_/));

export const signalName = oneOf({ ...named(signal, /^SIG[A-Z]+\d?$/), 0: 0 });
export const actionFlags = bits(named(signal, /^SA_/));
export const maskChange = oneOf(named(signal, /^SIG_(BLOCK|UNBLOCK|SETMASK)$/));
export const timer = oneOf(named(signal, /^ITIMER_/));
export const waitFlags = bits(named(wait, /^W(NOHANG|UNTRACED|CONTINUED)$/));
