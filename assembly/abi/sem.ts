/** sys/sem.h: commands, flags and structures of semaphore sets, see semop(2) and semctl(2). */
import { IPC_PERM_SIZE } from "./ipc.ts";

export const SEM_UNDO = 0x1000;

export const GETPID = 11;
export const GETVAL = 12;
export const GETALL = 13;
export const GETNCNT = 14;
export const GETZCNT = 15;
export const SETVAL = 16;
export const SETALL = 17;
export const SEM_STAT = 18;
export const SEM_INFO = 19;
export const SEM_STAT_ANY = 20;

/** struct sembuf, 6 bytes. */
export const SEMBUF_NUM = 0; // unsigned short
export const SEMBUF_OP = 2; // short
export const SEMBUF_FLG = 4; // short
export const SEMBUF_SIZE = 6;

/** struct semid_ds, 64 bytes. */
export const SEMID_DS_PERM = 0;
export const SEMID_DS_OTIME = IPC_PERM_SIZE; // time_t
export const SEMID_DS_CTIME = IPC_PERM_SIZE + 8; // time_t
export const SEMID_DS_NSEMS = IPC_PERM_SIZE + 16; // unsigned long
export const SEMID_DS_SIZE = IPC_PERM_SIZE + 24;

/** struct seminfo: ten ints. */
export const SEMINFO_SEMMAP = 0;
export const SEMINFO_SEMMNI = 4;
export const SEMINFO_SEMMNS = 8;
export const SEMINFO_SEMMNU = 12;
export const SEMINFO_SEMMSL = 16;
export const SEMINFO_SEMOPM = 20;
export const SEMINFO_SEMUME = 24;
export const SEMINFO_SEMUSZ = 28;
export const SEMINFO_SEMVMX = 32;
export const SEMINFO_SEMAEM = 36;
export const SEMINFO_SIZE = 40;
