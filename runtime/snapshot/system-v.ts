/** The System V objects of a snapshot: what the *_STAT and GET* commands tell, and who sleeps on them. */
import { EACCES, EIDRM, EINVAL } from "../../assembly/abi/errno.ts";
import { MSG_INFO, MSG_STAT_ANY } from "../../assembly/abi/msg.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETZCNT,
  SEM_INFO,
  SEM_STAT_ANY,
} from "../../assembly/abi/sem.ts";
import { SHM_INFO, SHM_STAT_ANY } from "../../assembly/abi/shm.ts";
import type { Indexed, ShmidDs, Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { statAll } from "../ipcs/section.ts";
import type { AdjustmentRecord, WaitRecord } from "./records.ts";
import type {
  MessageQueueSnapshot,
  SemaphoreSetSnapshot,
  SemaphoreSnapshot,
  WaitReason,
} from "./types.ts";

/** What the caller may not read, and what was removed while it was looked at. */
const UNREADABLE: readonly number[] = [EACCES, EIDRM, EINVAL];

/** The processes of those waits that a test holds for, each once. */
export function sleepers(
  waits: readonly WaitRecord[],
  isOne: (reason: WaitReason) => boolean,
): number[] {
  return [...new Set(waits.filter(({ wait }) => isOne(wait)).map(({ pid }) => pid))];
}

export function segments(sys: Syscalls): Indexed<ShmidDs>[] {
  const { index } = sys.shmctl(0, SHM_INFO);
  return statAll(index, (at) => sys.shmctl(at, SHM_STAT_ANY));
}

export function messageQueues(sys: Syscalls, waits: readonly WaitRecord[]): MessageQueueSnapshot[] {
  const { index } = sys.msgctl(0, MSG_INFO);
  return statAll(index, (at) => sys.msgctl(at, MSG_STAT_ANY)).map((queue) => ({
    ...queue,
    senders: sleepers(waits, (wait) => wait.call === "msgsnd" && wait.msqid === queue.id),
    receivers: sleepers(waits, (wait) => wait.call === "msgrcv" && wait.msqid === queue.id),
  }));
}

export function semaphoreSets(
  sys: Syscalls,
  waits: readonly WaitRecord[],
  adjustments: readonly AdjustmentRecord[],
): SemaphoreSetSnapshot[] {
  const { index } = sys.semctl(0, 0, SEM_INFO);
  const sets = statAll(index, (at) => sys.semctl(at, 0, SEM_STAT_ANY));
  return sets.map((set) => {
    const of = adjustments.filter(({ semid }) => semid === set.id);
    return { ...set, semaphores: semaphores(sys, set.id, waits, of) };
  });
}

function semaphores(
  sys: Syscalls,
  semid: number,
  waits: readonly WaitRecord[],
  adjustments: readonly AdjustmentRecord[],
): SemaphoreSnapshot[] | null {
  try {
    return Array.from(sys.semctl(semid, 0, GETALL), (value, num) => ({
      value,
      pid: sys.semctl(semid, num, GETPID),
      ncnt: sys.semctl(semid, num, GETNCNT),
      zcnt: sys.semctl(semid, num, GETZCNT),
      waiters: sleepers(
        waits,
        (wait) => wait.call === "semop" && wait.semid === semid && wait.sem_num === num,
      ),
      adjustments: adjustments
        .filter((each) => each.num === num)
        .map(({ pid, value }) => ({ pid, value })),
    }));
  } catch (error) {
    if (error instanceof SystemError && UNREADABLE.includes(error.errno)) return null;
    throw error;
  }
}
