/** sys/shm.h: flags, commands and structures of shared memory, see shmget(2), shmat(2), shmctl(2). */
import { IPC_PERM_SIZE } from "./ipc.ts";

/** shmget(2) flags beside those of ipc.ts; huge pages do not exist here. */
export const SHM_HUGETLB = 0o4000;
export const SHM_NORESERVE = 0o10000;

/** shmat(2) flags. */
export const SHM_RDONLY = 0o10000;
export const SHM_RND = 0o20000;
export const SHM_REMAP = 0o40000;
export const SHM_EXEC = 0o100000;
/** Alignment of an attach address: one page. */
export const SHMLBA = 4096;

/** shmctl(2) commands. */
export const SHM_LOCK = 11;
export const SHM_UNLOCK = 12;
export const SHM_STAT = 13;
export const SHM_INFO = 14;
export const SHM_STAT_ANY = 15;

/** Mode bits that IPC_STAT shows beside the permissions. */
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;

/** struct shmid_ds, 80 bytes. */
export const SHMID_DS_PERM = 0;
export const SHMID_DS_SEGSZ = IPC_PERM_SIZE; // size_t
export const SHMID_DS_ATIME = IPC_PERM_SIZE + 8; // time_t
export const SHMID_DS_DTIME = IPC_PERM_SIZE + 16; // time_t
export const SHMID_DS_CTIME = IPC_PERM_SIZE + 24; // time_t
export const SHMID_DS_CPID = IPC_PERM_SIZE + 32; // pid_t
export const SHMID_DS_LPID = IPC_PERM_SIZE + 36; // pid_t
export const SHMID_DS_NATTCH = IPC_PERM_SIZE + 4; // unsigned long
export const SHMID_DS_SIZE = IPC_PERM_SIZE + 40;

/** struct shminfo (IPC_INFO): five unsigned longs. */
export const SHMINFO_SHMMAX = 0;
export const SHMINFO_SHMMIN = 4;
export const SHMINFO_SHMMNI = 8;
export const SHMINFO_SHMSEG = 12;
export const SHMINFO_SHMALL = 16;
export const SHMINFO_SIZE = 20;

/** struct shm_info (SHM_INFO). */
export const SHM_INFO_USED_IDS = 0;
export const SHM_INFO_SHM_TOT = 4;
export const SHM_INFO_SHM_RSS = 8;
export const SHM_INFO_SHM_SWP = 12;
export const SHM_INFO_SWAP_ATTEMPTS = 16;
export const SHM_INFO_SWAP_SUCCESSES = 20;
export const SHM_INFO_SIZE = 24;

/** What sys_shmat leaves in the transfer area: where the segment's bytes are, and how many. */
export const SHMAT_OFFSET = 0; // u32, byte offset in the machine's memory
export const SHMAT_SEGSZ = 4; // u32, bytes
