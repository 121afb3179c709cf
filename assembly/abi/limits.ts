/**
 * Every fixed maximum of the kernel, one a line. Those that a boot option can change are the
 * LIMIT_* slots of layout.ts; here are the values that are compiled in.
 */
export const PAGE_SIZE = 4096;
export const WASM_PAGE_SIZE = 65536;

/** Smallest and largest machine, in WebAssembly pages (1 MiB and 2 GiB). */
export const MEMORY_PAGES_MIN = 16;
export const MEMORY_PAGES_MAX = 32768;

/** Largest task table: bits in a task's wake list. */
export const TASK_MAX_LIMIT = 1024;
/** Supplementary groups of a process; NGROUPS_MAX is 65536 on Linux. */
export const NGROUPS_MAX = 32;
/** Process ids run from 1 to PID_MAX - 1 and wrap, as /proc/sys/kernel/pid_max does. */
export const PID_MAX = 32768;

/** SEMVMX: largest semaphore value. SEMAEM: largest adjustment that SEM_UNDO may gather. */
export const SEMVMX_LIMIT = 32767;
export const SEMAEM = 32767;
/** Smallest segment in bytes. */
export const SHMMIN = 1;
/** Bytes of message text that one block of the message pool holds. */
export const MSGSSZ = 112;
/** Largest slot table: a slot number must leave room for a generation in a positive i32. */
export const IPCMNI = 32768;

/** Writes of at most so many bytes to a pipe are atomic, see pipe(7). */
export const PIPE_BUF = 4096;
/** Capacity of a new pipe, and the most that F_SETPIPE_SZ gives without privilege, in bytes. */
export const PIPE_SIZE = 65536;
export const PIPE_SIZE_MAX = 1048576;
/** Buffers of one readv(2) or writev(2): UIO_MAXIOV. */
export const IOV_MAX = 1024;
/** Bytes of a file's name, and of a path with its final NUL. */
export const NAME_MAX = 255;
export const PATH_MAX = 4096;
/** Symbolic links that one path may follow, see path_resolution(7). */
export const SYMLOOP_MAX = 40;
