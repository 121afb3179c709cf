/**
 * The one-party work over `Syscalls`, the same lines on our kernel and on Linux. Each party makes
 * its objects before the clock runs and removes them after it; what is measured keeps nothing, so
 * a failed run leaves no object behind but the one of its party.
 */
import { EAGAIN, IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID } from "../assembly/abi/index.ts";
import { PAGE_SIZE } from "../assembly/abi/limits.ts";
import { SEM_UNDO, SETVAL } from "../assembly/abi/sem.ts";
import type { Sembuf, Syscalls } from "../host/contract.ts";
import { nowNs, type Parties, type Party } from "./party.ts";

const MODE = IPC_CREAT | 0o600;

/** A set of semaphores that all have the same value, for as long as `use` runs. */
function withSet(sys: Syscalls, nsems: number, value: number, use: (semid: number) => number) {
  const semid = sys.semget(IPC_PRIVATE, nsems, MODE);
  try {
    for (let i = 0; i < nsems; i++) sys.semctl(semid, i, SETVAL, value);
    return use(semid);
  } finally {
    sys.semctl(semid, 0, IPC_RMID);
  }
}

/** P and V of `nsems` semaphores at once, never waiting. */
function pairs(sys: Syscalls, nsems: number, sem_flg: number): Party {
  const numbers = Array.from({ length: nsems }, (_, index) => index);
  const p: Sembuf[] = numbers.map((sem_num) => ({ sem_num, sem_op: -1, sem_flg }));
  const v: Sembuf[] = numbers.map((sem_num) => ({ sem_num, sem_op: 1, sem_flg }));
  return (n) =>
    withSet(sys, nsems, 1, (semid) => {
      const start = nowNs();
      for (let i = 0; i < n; i++) {
        sys.semop(semid, p);
        sys.semop(semid, v);
      }
      return nowNs() - start;
    });
}

/** A P that cannot be done, so the price of the SystemError is part of it. */
function failing(sys: Syscalls): Party {
  const p: Sembuf[] = [{ sem_num: 0, sem_op: -1, sem_flg: IPC_NOWAIT }];
  return (n) =>
    withSet(sys, 1, 0, (semid) => {
      let failures = 0;
      const start = nowNs();
      for (let i = 0; i < n; i++) {
        try {
          sys.semop(semid, p);
        } catch (error) {
          if ((error as { errno?: number }).errno !== EAGAIN) throw error;
          failures++;
        }
      }
      const ns = nowNs() - start;
      if (failures !== n) throw new Error(`${n - failures} of ${n} calls did not fail`);
      return ns;
    });
}

function messages(sys: Syscalls, size: number): Party {
  const out = { mtype: 1, mtext: new Uint8Array(size).fill(0x78) };
  const into = { mtype: 0, mtext: new Uint8Array(size) };
  return (n) => {
    const msqid = sys.msgget(IPC_PRIVATE, MODE);
    try {
      const start = nowNs();
      for (let i = 0; i < n; i++) {
        sys.msgsnd(msqid, out, size, 0);
        sys.msgrcv(msqid, into, size, 0, 0);
      }
      const ns = nowNs() - start;
      if (into.mtext[size - 1] !== 0x78) throw new Error("the message did not arrive");
      return ns;
    } finally {
      sys.msgctl(msqid, IPC_RMID);
    }
  };
}

/** shmget, shmat, a store in each page, shmdt, IPC_RMID. */
function segmentLives(sys: Syscalls, size: number): Party {
  return (n) => {
    const start = nowNs();
    for (let i = 0; i < n; i++) {
      const shmid = sys.shmget(IPC_PRIVATE, size, MODE);
      const attachment = sys.shmat(shmid);
      const bytes = attachment.bytes;
      for (let at = 0; at < size; at += PAGE_SIZE) bytes[at] = 1;
      sys.shmdt(attachment);
      sys.shmctl(shmid, IPC_RMID);
    }
    return nowNs() - start;
  };
}

/** shmat and shmdt of an existing segment, with the typed array that a program wants of it. */
function attaching(sys: Syscalls): Party {
  return (n) => {
    const shmid = sys.shmget(IPC_PRIVATE, PAGE_SIZE, MODE);
    try {
      let bytes = 0;
      const start = nowNs();
      for (let i = 0; i < n; i++) {
        const attachment = sys.shmat(shmid);
        bytes += attachment.bytes.length;
        sys.shmdt(attachment);
      }
      const ns = nowNs() - start;
      if (bytes !== n * PAGE_SIZE) throw new Error("an attachment had another size");
      return ns;
    } finally {
      sys.shmctl(shmid, IPC_RMID);
    }
  };
}

/** Named as the rows of rows.ts and the parties of bench/native. */
export function systemVParties(sys: Syscalls): Parties {
  return {
    "sem-pair": pairs(sys, 1, 0),
    "sem-undo": pairs(sys, 1, SEM_UNDO),
    "sem-nowait": failing(sys),
    "sem-two": pairs(sys, 2, 0),
    "msg-64": messages(sys, 64),
    "shm-4k": segmentLives(sys, PAGE_SIZE),
    "shm-1m": segmentLives(sys, 1 << 20),
    "shm-attach": attaching(sys),
  };
}
