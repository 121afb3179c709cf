/** semget(2), semop(2), semtimedop(2), semctl(2) of the running kernel. */
import { IPC_INFO, IPC_SET, IPC_STAT } from "../../assembly/abi/ipc.ts";
import {
  GETALL,
  SEM_INFO,
  SEM_STAT,
  SEM_STAT_ANY,
  SETALL,
  SETVAL,
} from "../../assembly/abi/sem.ts";
import {
  int,
  requireValues,
  sembuf,
  sembufs,
  semValues,
  setUpdate,
  timespec,
} from "../arguments.ts";
import type { SemCalls } from "../contract.ts";
import { putPerm, Struct, sembufBytes, semidDs, seminfo, timespecBytes } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked, statAny } from "./table.ts";

/** A checked semop() or semtimedop(), as the C library takes it. */
export interface SemopRequest {
  semid: number;
  sops: Uint8Array<ArrayBuffer>;
  nsops: number;
  timeout: Uint8Array<ArrayBuffer> | null;
}

export function semopRequest(
  call: string,
  semid: unknown,
  sops: unknown,
  timeout?: unknown,
): SemopRequest {
  const id = int(semid, call, "semid");
  const list = sembufs(sops, call).map((each) => sembuf(each, call));
  const limit = timespec(timeout, call);
  return {
    semid: id,
    sops: sembufBytes(list),
    nsops: list.length,
    timeout: limit === undefined ? null : timespecBytes(limit),
  };
}

/** @returns 0 or a negated errno. */
export function makeSemop(libc: Libc, { semid, sops, nsops, timeout }: SemopRequest): number {
  if (timeout === null) return libc.semop(semid, sops, nsops);
  return libc.semtimedop(semid, sops, nsops, timeout);
}

export function semCalls(libc: Libc): SemCalls {
  const stat = (id: number, cmd: number, s: Struct) => libc.semctlAt(id, 0, cmd, s.bytes);

  function semctl(semid: number, semnum: number, cmd: number, arg?: unknown): unknown {
    const id = int(semid, "semctl", "semid");
    const num = int(semnum, "semctl", "semnum");
    const command = int(cmd, "semctl", "cmd");
    switch (command) {
      case SETVAL:
        return checked(libc.semctl(id, num, command, int(arg, "semctl", "val")), "semctl");
      case SETALL: {
        const values = semValues(arg);
        const { sem_nsems } = semidDs(statAny(id, "semctl", SEM_STAT_ANY, stat));
        requireValues(values.length, sem_nsems);
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        return checked(libc.semctlAt(id, num, command, bytes), "semctl");
      }
      case GETALL: {
        const s = new Struct();
        checked(stat(id, IPC_STAT, s), "semctl");
        const values = new Uint16Array(semidDs(s).sem_nsems);
        checked(libc.semctlAt(id, num, command, new Uint8Array(values.buffer)), "semctl");
        return values;
      }
      case IPC_SET: {
        const update = setUpdate(arg, "sem_perm", "semctl");
        const s = statAny(id, "semctl", SEM_STAT_ANY, stat);
        putPerm(s, update);
        return checked(libc.semctlAt(id, num, command, s.bytes), "semctl");
      }
    }
    const s = new Struct();
    const result = checked(libc.semctlAt(id, num, command, s.bytes), "semctl");
    if (command === IPC_STAT) return semidDs(s);
    if (command === SEM_STAT || command === SEM_STAT_ANY) return { ...semidDs(s), id: result };
    if (command === IPC_INFO || command === SEM_INFO) return { ...seminfo(s), index: result };
    return result; // GETVAL, GETPID, GETNCNT, GETZCNT, IPC_RMID
  }

  return {
    semget(key, nsems, semflg) {
      const args = [
        int(key, "semget", "key"),
        int(nsems, "semget", "nsems"),
        int(semflg, "semget", "semflg"),
      ] as const;
      return checked(libc.semget(...args), "semget");
    },
    semop(semid, sops) {
      return checked(makeSemop(libc, semopRequest("semop", semid, sops)), "semop") as 0;
    },
    semtimedop(semid, sops, timeout) {
      const request = semopRequest("semtimedop", semid, sops, timeout);
      return checked(makeSemop(libc, request), "semtimedop") as 0;
    },
    semctl: semctl as SemCalls["semctl"],
  };
}
