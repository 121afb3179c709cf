/** Everything that semctl(2) shows to root of every set, against the model. */
import { IPC_STAT } from "../../assembly/abi/ipc.ts";
import {
  GETALL,
  GETNCNT,
  GETPID,
  GETZCNT,
  SEM_INFO,
  SEM_STAT,
  SEMINFO_SEMAEM,
  SEMINFO_SEMUSZ,
} from "../../assembly/abi/sem.ts";
import type { TestTask } from "../support/machine.ts";
import { readSemid, readValues } from "../support/machine-structs.ts";
import { same } from "./replay.ts";
import type { ModelSet, SemModel } from "./sem-model.ts";

export function compareSets(root: TestTask, model: SemModel): void {
  for (const set of model.sets.values()) compareSet(root, model, set);
  const high = Math.max(0, ...[...model.sets.keys()].map((id) => id & 0x7fff));
  same(
    "SEM_INFO",
    root.call((kernel) => kernel.sys_semctl(0, 0, SEM_INFO, 0)),
    high,
  );
  const word = (offset: number) => root.machine.view.getInt32(root.transfer + offset, true);
  same("sets in SEM_INFO", word(SEMINFO_SEMUSZ), model.sets.size);
  same("semaphores in SEM_INFO", word(SEMINFO_SEMAEM), model.semaphores);
}

function compareSet(root: TestTask, model: SemModel, set: ModelSet): void {
  const { id, perm, values, pids, otime, ctime } = set;
  const call = (cmd: number, num = 0) => root.call((kernel) => kernel.sys_semctl(id, num, cmd, 0));
  same("GETALL", call(GETALL), 0);
  same("values", readValues(root, values.length), values);
  same(
    "pids",
    values.map((_, num) => call(GETPID, num)),
    pids,
  );
  const counts = values.map((_, num) => [call(GETNCNT, num), call(GETZCNT, num)]);
  const wanted = values.map((_, num) => [
    model.count(set, num, false),
    model.count(set, num, true),
  ]);
  same("GETNCNT and GETZCNT", counts, wanted);
  same("IPC_STAT", call(IPC_STAT), 0);
  same("semid_ds", readSemid(root), { perm, otime, ctime, nsems: values.length });
  same(
    "SEM_STAT",
    root.call((kernel) => kernel.sys_semctl(id & 0x7fff, 0, SEM_STAT, 0)),
    id,
  );
}
