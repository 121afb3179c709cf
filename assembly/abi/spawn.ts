/**
 * What sys_spawn() is told of a child beside its worker, in the first bytes of the transfer area: a field
 * counts when its flag is set, as with posix_spawnattr_setflags(3).
 */
export const SPAWN_SETUID = 0x1;
export const SPAWN_SETGID = 0x2;
/** Supplementary groups: their count; they stand behind the structure. */
export const SPAWN_SETGROUPS = 0x4;
/** Pairs of descriptors: their count; they stand behind the groups, see assembly/inherit.ts. */
export const SPAWN_SETFDS = 0x8;
export const SPAWN_SETUMASK = 0x10;
/** A current directory: the length of its path, which is the transfer area's second one. */
export const SPAWN_SETCWD = 0x20;
/** A process group, 0 for a new one. */
export const SPAWN_SETPGROUP = 0x40;
/** A new session, and in it a new process group; it has no field. */
export const SPAWN_SETSID = 0x80;
/** Blocked signals, a bit each: 1 << signal. */
export const SPAWN_SETSIGMASK = 0x100;
/** Signals that are not to be ignored. */
export const SPAWN_SETSIGDEF = 0x200;

/** Offsets of the fields, an i32 each. */
export const SPAWN_UID = 0;
export const SPAWN_GID = 4;
export const SPAWN_GROUPS = 8;
export const SPAWN_FDS = 12;
export const SPAWN_UMASK = 16;
export const SPAWN_CWD = 20;
export const SPAWN_PGROUP = 24;
export const SPAWN_SIGMASK = 28;
export const SPAWN_SIGDEF = 32;
/** Bytes of the structure. */
export const SPAWN_SIZE = 40;
