/** Everything that root sees of a quiet machine, as text to be compared. Times are not in it. */
import { IPC_NOWAIT } from "../../assembly/abi/ipc.ts";
import { MSG_COPY, MSG_STAT_ANY } from "../../assembly/abi/msg.ts";
import { GETNCNT, GETPID, GETVAL, GETZCNT, SEM_STAT } from "../../assembly/abi/sem.ts";
import { SHM_STAT_ANY } from "../../assembly/abi/shm.ts";
import type { TestMachine } from "../support/machine.ts";
import { readMsqid, readSemid, readShmid } from "../support/machine-structs.ts";

export function portrait({ root, limits, view }: TestMachine): string {
  const found: unknown[] = [];
  const ctl = (id: number, num: number, cmd: number) =>
    root.call((kernel) => kernel.sys_semctl(id, num, cmd, 0));
  for (let index = 0; index < limits.SEMMNI; index++) {
    const id = ctl(index, 0, SEM_STAT);
    if (id < 0) continue;
    const { nsems, perm } = readSemid(root);
    const nums = Array.from({ length: nsems }, (_, num) => num);
    const each = (cmd: number) => nums.map((num) => ctl(id, num, cmd));
    found.push(["set", id, perm, ...[GETVAL, GETPID, GETNCNT, GETZCNT].map(each)]);
  }
  for (let index = 0; index < limits.SHMMNI; index++) {
    const id = root.call((kernel) => kernel.sys_shmctl(index, SHM_STAT_ANY));
    if (id < 0) continue;
    const { perm, size, nattch, cpid, lpid } = readShmid(root);
    found.push(["segment", id, perm, size, nattch, cpid, lpid]);
  }
  for (let index = 0; index < limits.MSGMNI; index++) {
    const id = root.call((kernel) => kernel.sys_msgctl(index, MSG_STAT_ANY));
    if (id < 0) continue;
    const { perm, cbytes, qnum, qbytes, lspid, lrpid } = readMsqid(root);
    const messages: unknown[] = [];
    for (let at = 0; at < qnum; at++) {
      const flags = MSG_COPY | IPC_NOWAIT;
      const size = root.call((kernel) => kernel.sys_msgrcv(id, limits.MSGMAX, at, flags));
      messages.push([size, view.getInt32(root.transfer, true)]);
    }
    found.push(["queue", id, perm, cbytes, qbytes, lspid, lrpid, messages]);
  }
  return JSON.stringify(found);
}
