/** semctl(2) over the kernel; the other semaphore calls are in sem.ts. */
import { EINVAL } from "../../assembly/abi/errno.ts";
import { IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { IPCMNI } from "../../assembly/abi/limits.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  SEM_INFO,
  SEM_STAT,
  SEM_STAT_ANY,
  SETALL,
  SETVAL,
} from "../../assembly/abi/sem.ts";
import { int, requireValues, semValues, setUpdate } from "../../host/arguments.ts";
import { SystemError } from "../../host/errno.ts";
import { finish } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { readSemidDs, readSeminfo, readShorts, writeSet, writeShorts } from "../transfer.ts";
import { same, zero } from "./result.ts";

/**
 * Reads a set or a semaphore, changes it, or removes the set.
 *
 * @param semid the id; for SEM_STAT and SEM_STAT_ANY an index in the kernel's table
 * @param semnum the semaphore, for GETVAL, GETPID, GETNCNT, GETZCNT and SETVAL
 * @param cmd those, GETALL, SETALL, IPC_STAT, IPC_SET, IPC_RMID, IPC_INFO, SEM_INFO, SEM_STAT,
 *   SEM_STAT_ANY
 * @param arg SETVAL: the value; SETALL: an array of one value a semaphore; IPC_SET:
 *   `{ sem_perm: { uid, gid, mode } }`, what is left out stays
 * @returns what the command asks for: a number, a Uint16Array or a structure; otherwise 0
 * @throws {SystemError} EACCES no permission; EFAULT SETALL's array is too short; EIDRM the set was
 *   removed; EINVAL no such set, semaphore, index or command; EPERM IPC_SET or IPC_RMID by another
 *   than owner, creator or root; ERANGE a value is not 0 to SEMVMX
 * @see semctl(2)
 * @example
 * sys.semctl(semid, 0, SETVAL, 1);
 */
export function semctl(
  thread: Thread,
  semid: number,
  semnum: number,
  cmd: number,
  arg?: unknown,
): unknown {
  const id = int(semid, "semctl", "semid");
  const num = int(semnum, "semctl", "semnum");
  switch (int(cmd, "semctl", "cmd")) {
    case GETALL: {
      const nsems = nsemsOf(thread, id);
      return control(thread, id, num, GETALL, 0, () => readShorts(thread, nsems));
    }
    case SETALL: {
      const values = semValues(arg);
      const nsems = nsemsOf(thread, id);
      requireValues(values.length, nsems);
      return control(thread, id, num, SETALL, 0, zero, () => writeShorts(thread, values, nsems));
    }
    case SETVAL:
      return control(thread, id, num, SETVAL, int(arg, "semctl", "val"), zero);
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
      return control(thread, id, num, cmd, 0, same);
    case IPC_STAT:
      return control(thread, id, num, cmd, 0, () => readSemidDs(thread));
    case SEM_STAT:
    case SEM_STAT_ANY:
      return control(thread, id, num, cmd, 0, (found) => ({ ...readSemidDs(thread), id: found }));
    case IPC_INFO:
    case SEM_INFO:
      return control(thread, id, num, cmd, 0, (index) => ({ ...readSeminfo(thread), index }));
    case IPC_SET: {
      const update = setUpdate(arg, "sem_perm", "semctl");
      return control(thread, id, num, IPC_SET, 0, zero, () => writeSet(thread, update));
    }
    case IPC_RMID:
      return control(thread, id, num, IPC_RMID, 0, zero);
    default:
      return control(thread, id, num, cmd, 0, zero);
  }
}

/** How many semaphores the set has, which is constant, and no permission hides it. */
function nsemsOf(thread: Thread, semid: number): number {
  const index = semid < 0 ? semid : semid % IPCMNI;
  return control(thread, index, 0, SEM_STAT_ANY, 0, (found) => {
    if (found !== semid) throw new SystemError(EINVAL, "semctl");
    return readSemidDs(thread).sem_nsems;
  });
}

function control<T>(
  thread: Thread,
  semid: number,
  semnum: number,
  cmd: number,
  arg: number,
  take: (result: number) => T,
  write?: () => void,
): T {
  const attempt = () => {
    write?.();
    return thread.kernel.sys_semctl(semid, semnum, cmd, arg);
  };
  return finish(thread, "semctl", attempt(), attempt, take);
}
