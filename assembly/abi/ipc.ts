/** sys/ipc.h: flags, commands and struct ipc_perm (ILP32), see sysvipc(7). */
export const IPC_PRIVATE = 0;

export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;

export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;

/** Permission bits as semget(2), shmget(2) and msgget(2) take them in the low nine bits. */
export const S_IRUGO = 0o444;
export const S_IWUGO = 0o222;
export const S_IRWXUGO = 0o777;

/** struct ipc_perm, 40 bytes with the padding that keeps a following time_t aligned. */
export const IPC_PERM_KEY = 0;
export const IPC_PERM_UID = 4;
export const IPC_PERM_GID = 8;
export const IPC_PERM_CUID = 12;
export const IPC_PERM_CGID = 16;
export const IPC_PERM_MODE = 20;
export const IPC_PERM_SEQ = 24;
/** IPC_SET only, in what C pads: which fields keep their value, IPC_KEEP_* (C programs leave 0). */
export const IPC_PERM_KEEP = 28;
export const IPC_PERM_SIZE = 40;

export const IPC_KEEP_UID = 1;
export const IPC_KEEP_GID = 2;
export const IPC_KEEP_MODE = 4;
export const IPC_KEEP_QBYTES = 8; // msgctl(2) only
