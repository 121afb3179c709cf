/**
 * What TypeScript may know of the machine's memory: the superblock. Everything else is reached by
 * an export. The superblock is the first SUPERBLOCK_SIZE bytes; all words are little endian.
 *
 *   0  magic        16  boot id (2 words)   64   limits, LIMIT_COUNT words
 *   4  ABI version  24  realtime second f64 256  region table, kernel only
 *   8  state        32  pool word           512  kernel words
 *  12  wasm pages   36  supervisor word
 *                   40  reap words (2)
 *                   48  deaths
 */
export const SUPERBLOCK_MAGIC = 0x43504957; // "WIPC"
export const ABI_VERSION = 1;
export const SUPERBLOCK_SIZE = 4096;

export const SB_MAGIC = 0;
export const SB_ABI_VERSION = 4;
/** 0 while the machine is being formatted, 1 once it may be attached, 2 after shutdown. */
export const SB_STATE = 8;
export const SB_WASM_PAGES = 12;
export const SB_BOOT_ID = 16;
/** Whole seconds since the Epoch as an f64; the supervisor publishes it. */
export const SB_TIME = 24;
/** Changes whenever a worker joins the pool: spawn waits on it while the pool is empty. */
export const SB_POOL = 32;
/** Changes whenever the supervisor has something to do: a process to terminate, a pool to fill. */
export const SB_SUPERVISOR = 36;
/** Questions who lives, counted: asked by anybody, and answered by the supervisor. */
export const SB_REAP_ASKED = 40;
export const SB_REAP_DONE = 44;
/** Threads that were found dead so far. */
export const SB_DEATHS = 48;
export const SB_LIMITS = 64;
export const SB_REGIONS = 256;
export const SB_KERNEL = 512;

export const STATE_FORMATTING = 0;
export const STATE_RUNNING = 1;
export const STATE_DOWN = 2;

/** Limits: words from SB_LIMITS, written by boot before machine_format() and constant after it. */
export const LIMIT_PROC_MAX = 0;
export const LIMIT_TASK_MAX = 1;
export const LIMIT_SHMMNI = 2;
export const LIMIT_SHMMAX = 3;
export const LIMIT_SHMALL = 4; // pages
export const LIMIT_SHMSEG = 5; // attachments in the machine
export const LIMIT_SEMMNI = 6;
export const LIMIT_SEMMSL = 7;
export const LIMIT_SEMMNS = 8;
export const LIMIT_SEMOPM = 9;
export const LIMIT_SEMVMX = 10;
export const LIMIT_SEMMNU = 11; // SEM_UNDO entries in the machine
export const LIMIT_MSGMNI = 12;
export const LIMIT_MSGMAX = 13;
export const LIMIT_MSGMNB = 14;
export const LIMIT_MSGSEG = 15; // blocks of MSGSSZ bytes in the message pool
export const LIMIT_OPEN_MAX = 16; // descriptors of one process
export const LIMIT_FILE_MAX = 17; // open file descriptions in the machine
export const LIMIT_PIPE_MAX = 18; // pipes in the machine
export const LIMIT_WATCH_MAX = 19; // descriptors that epoll instances watch
export const LIMIT_INODES = 20; // files, directories and further names of files in the machine
export const LIMIT_FILE_PAGES = 21; // page frames of all files
export const LIMIT_LOCK_MAX = 22; // locks on files in the machine
export const LIMIT_COUNT = 23;
