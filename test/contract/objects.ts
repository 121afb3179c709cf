/** Shorthands for rows: the objects that most of them begin with. */
import { IPC_CREAT, IPC_PRIVATE, IPC_STAT } from "../../assembly/abi/ipc.ts";
import { GETALL, GETNCNT, GETVAL, GETZCNT, SETALL } from "../../assembly/abi/sem.ts";
import type { IpcPerm, MsqidDs, Sembuf, SemidDs, ShmidDs } from "../../host/contract.ts";
import type { Proc } from "./row.ts";

/** Keys of rows; the objects are removed after each. */
export const KEY = 0x5749_0001;
export const KEY2 = 0x5749_0002;

export function op(sem_num: number, sem_op: number, sem_flg = 0): Sembuf {
  return { sem_num, sem_op, sem_flg };
}

/** A new set with these values. */
export async function semSet(
  p: Proc,
  values: readonly number[],
  mode = 0o600,
  key = IPC_PRIVATE,
): Promise<number> {
  const id = await p.do("semget", key, values.length, IPC_CREAT | mode);
  if (values.some((value) => value !== 0)) await p.do("semctl", id, 0, SETALL, values);
  return id;
}

export function semStat(p: Proc, id: number): Promise<SemidDs> {
  return p.do("semctl", id, 0, IPC_STAT);
}

export async function semValues(p: Proc, id: number): Promise<number[]> {
  return [...(await p.do<Uint16Array>("semctl", id, 0, GETALL))];
}

export function semValue(p: Proc, id: number, num = 0): Promise<number> {
  return p.do("semctl", id, num, GETVAL);
}

/** How many wait for an increase, and for zero. */
export async function sleepers(p: Proc, id: number, num = 0): Promise<[number, number]> {
  return [await p.do("semctl", id, num, GETNCNT), await p.do("semctl", id, num, GETZCNT)];
}

export function segment(p: Proc, size = 4096, mode = 0o600, key = IPC_PRIVATE): Promise<number> {
  return p.do("shmget", key, size, IPC_CREAT | mode);
}

export function shmStat(p: Proc, id: number): Promise<ShmidDs> {
  return p.do("shmctl", id, IPC_STAT);
}

/** shmat(). @returns the address */
export async function attach(
  p: Proc,
  id: number,
  addr: number | null = null,
  flags = 0,
): Promise<number> {
  return (await p.do<{ addr: number }>("shmat", id, addr, flags)).addr;
}

export function queue(p: Proc, mode = 0o600, key = IPC_PRIVATE): Promise<number> {
  return p.do("msgget", key, IPC_CREAT | mode);
}

export function msgStat(p: Proc, id: number): Promise<MsqidDs> {
  return p.do("msgctl", id, IPC_STAT);
}

/** What the step "receive" returns. */
export interface Received {
  mtype: number;
  text: string;
  length: number;
}

/** The permission structure of an object of any kind. */
export function permOf(ds: Partial<ShmidDs & SemidDs & MsqidDs>): IpcPerm {
  return (ds.shm_perm ?? ds.sem_perm ?? ds.msg_perm)!;
}
