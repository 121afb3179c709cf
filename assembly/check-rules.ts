/**
 * The rules of machine_check(): the number that it returns names the one that is broken.
 * Crash: constant.
 */
export const CHECK_LOCK_HELD: i32 = 1;
export const CHECK_TABLE_COUNT: i32 = 2;
export const CHECK_TABLE_HIGH: i32 = 3;
export const CHECK_TABLE_HINT: i32 = 4;
export const CHECK_KEY_TWICE: i32 = 5;
export const CHECK_CLOSING: i32 = 6;
export const CHECK_NATTCH: i32 = 7;
export const CHECK_ATTACHMENT: i32 = 8;
export const CHECK_SHM_PAGES: i32 = 9;
export const CHECK_SEM_VALUE: i32 = 10;
export const CHECK_SEM_SLEEPER: i32 = 11;
export const CHECK_SEMS_USED: i32 = 12;
export const CHECK_QUEUE_TOTALS: i32 = 13;
export const CHECK_POOL: i32 = 14;
export const CHECK_WAIT_LINK: i32 = 15;
export const CHECK_WAIT_STATE: i32 = 16;
export const CHECK_UNDO: i32 = 17;
export const CHECK_FRAMES: i32 = 18;
export const CHECK_MUTEX_SLEEPER: i32 = 19;
export const CHECK_FILE_REFS: i32 = 20;
export const CHECK_PIPE: i32 = 21;
export const CHECK_PIPE_SLEEPER: i32 = 22;
export const CHECK_INODE_LINKS: i32 = 23;
export const CHECK_INODE_OPENS: i32 = 24;
export const CHECK_DIRECTORY: i32 = 25;
export const CHECK_INODES_USED: i32 = 26;
export const CHECK_FILE_PAGES: i32 = 27;
export const CHECK_RECORD: i32 = 30;
export const CHECK_RECORD_SLEEPER: i32 = 31;
export const CHECK_VOLUME: i32 = 32;
export const CHECK_VOLUME_SLEEPER: i32 = 33;
