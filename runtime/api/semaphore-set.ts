/**
 * How a Semaphore's set of one is made and found, and what its numbers may be.
 *
 * A set made by semget(2) has the value 0, and its maker adds the wanted value to it, where others
 * store it with SETVAL. Additions commute: whoever opens the set between the two calls may already
 * acquire (and waits until the value is there) or release (which is not overwritten).
 */
import { EEXIST, ENOENT } from "../../assembly/abi/errno.ts";
import { IPC_CREAT, IPC_EXCL, IPC_RMID } from "../../assembly/abi/ipc.ts";
import { SEMVMX_LIMIT } from "../../assembly/abi/limits.ts";
import type { Syscalls } from "../../host/contract.ts";
import { hasErrno } from "./wait-options.ts";

/** How much is acquired or released at once. @throws {RangeError} unless it is 1 to SEMVMX. */
export function checkCount(count: number): number {
  return checkNumber("count", count, 1);
}

/** What a semaphore begins with. @throws {RangeError} unless it is 0 to SEMVMX. */
export function checkValue(value = 1): number {
  return checkNumber("value", value, 0);
}

function checkNumber(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= SEMVMX_LIMIT) return value;
  throw new RangeError(`${name} is ${value}, wanted: an integer from ${least} to ${SEMVMX_LIMIT}`);
}

/** A new set of one with a value; removed again when the value is past a smaller SEMVMX. */
export function makeSet(sys: Syscalls, key: number, semflg: number, value: number): number {
  const semid = sys.semget(key, 1, semflg);
  if (value === 0) return semid;
  try {
    sys.semop(semid, [{ sem_num: 0, sem_op: value }]);
    return semid;
  } catch (error) {
    sys.semctl(semid, 0, IPC_RMID);
    throw error;
  }
}

/** The set of a key, made if it is missing, however often others remove it meanwhile. */
export function findOrMakeSet(sys: Syscalls, key: number, mode: number, value: number): number {
  for (;;) {
    try {
      return makeSet(sys, key, IPC_CREAT | IPC_EXCL | mode, value);
    } catch (error) {
      if (!hasErrno(error, EEXIST)) throw error;
    }
    try {
      return sys.semget(key, 1, mode);
    } catch (error) {
      if (!hasErrno(error, ENOENT)) throw error;
    }
  }
}
