/** Every row of the contract, in the order of the manual's sections. */
import type { Row } from "./row.ts";
import { argumentRows } from "./tables/arguments.ts";
import { argumentFileRows } from "./tables/arguments-files.ts";
import { argumentFsRows } from "./tables/arguments-fs.ts";
import { asyncRows } from "./tables/async.ts";
import { access, chmod, chown, directories, statRows, utimens } from "./tables/attributes.ts";
import { close } from "./tables/close.ts";
import { device } from "./tables/device.ts";
import { fullMachine, getdents, link, mkdir, rmdir, symlink, unlink } from "./tables/directory.ts";
import { dup, dup2, dup3 } from "./tables/dup.ts";
import { epollCreate, epollCtl, epollWait } from "./tables/epoll.ts";
import { fcntlFd } from "./tables/fcntl-fd.ts";
import { fifoData, fifoOpen } from "./tables/fifo.ts";
import { fileIo, fileSeek, truncate } from "./tables/file.ts";
import { flock } from "./tables/flock.ts";
import { ftok } from "./tables/ftok.ts";
import { inherit } from "./tables/inherit.ts";
import { locks } from "./tables/locks.ts";
import { locksFile, locksOfd } from "./tables/locks-ofd.ts";
import { locksWait } from "./tables/locks-wait.ts";
import { fifoNames, mkfifo } from "./tables/mkfifo.ts";
import { msgctl } from "./tables/msgctl.ts";
import { msgctlStat } from "./tables/msgctl-stat.ts";
import { msgget } from "./tables/msgget.ts";
import { msgrcv } from "./tables/msgrcv.ts";
import { msgrcvWait } from "./tables/msgrcv-wait.ts";
import { msgsnd } from "./tables/msgsnd.ts";
import { open, openErrors } from "./tables/open.ts";
import { paths } from "./tables/paths.ts";
import { permission } from "./tables/permission.ts";
import { pipe } from "./tables/pipe.ts";
import { poll } from "./tables/poll.ts";
import { processRows } from "./tables/process.ts";
import { processGroupRows } from "./tables/process-group.ts";
import { pthreadMutex } from "./tables/pthread-mutex.ts";
import { read } from "./tables/read.ts";
import { readv, seek, writev } from "./tables/readv.ts";
import { rename } from "./tables/rename.ts";
import { select } from "./tables/select.ts";
import { semctl } from "./tables/semctl.ts";
import { semctlStat } from "./tables/semctl-stat.ts";
import { semget } from "./tables/semget.ts";
import { semop } from "./tables/semop.ts";
import { semopOrder } from "./tables/semop-order.ts";
import { semopUndo } from "./tables/semop-undo.ts";
import { semopWait } from "./tables/semop-wait.ts";
import { shmat } from "./tables/shmat.ts";
import { shmctl } from "./tables/shmctl.ts";
import { shmctlStat } from "./tables/shmctl-stat.ts";
import { shmdt } from "./tables/shmdt.ts";
import { shmget } from "./tables/shmget.ts";
import { signalRows } from "./tables/signal.ts";
import { sync } from "./tables/sync.ts";
import { sysvipc } from "./tables/sysvipc.ts";
import { write } from "./tables/write.ts";
import { writeAtomic } from "./tables/write-atomic.ts";

export const TABLES: readonly Row[] = [
  ...shmget,
  ...shmat,
  ...shmdt,
  ...shmctl,
  ...shmctlStat,
  ...semget,
  ...semop,
  ...semopOrder,
  ...semopUndo,
  ...semopWait,
  ...semctl,
  ...semctlStat,
  ...msgget,
  ...msgsnd,
  ...msgrcv,
  ...msgrcvWait,
  ...msgctl,
  ...msgctlStat,
  ...pthreadMutex,
  ...permission,
  ...ftok,
  ...processRows,
  ...signalRows,
  ...processGroupRows,
  ...asyncRows,
  ...argumentRows,
  ...pipe,
  ...read,
  ...write,
  ...writeAtomic,
  ...readv,
  ...writev,
  ...seek,
  ...close,
  ...sync,
  ...dup,
  ...dup2,
  ...dup3,
  ...fcntlFd,
  ...locks,
  ...locksWait,
  ...locksOfd,
  ...locksFile,
  ...flock,
  ...inherit,
  ...poll,
  ...select,
  ...argumentFileRows,
  ...epollCreate,
  ...epollCtl,
  ...epollWait,
  ...argumentFsRows,
  ...mkfifo,
  ...fifoNames,
  ...fifoOpen,
  ...fifoData,
  ...paths,
  ...openErrors,
  ...open,
  ...fileIo,
  ...fileSeek,
  ...truncate,
  ...sysvipc,
  ...device,
  ...mkdir,
  ...rmdir,
  ...unlink,
  ...link,
  ...symlink,
  ...rename,
  ...getdents,
  ...fullMachine,
  ...statRows,
  ...access,
  ...chmod,
  ...chown,
  ...utimens,
  ...directories,
];
