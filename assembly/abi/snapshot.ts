/**
 * What a snapshot of a machine is made of: the tables that snapshot_next() reads, and the records that it
 * writes to the transfer area. Offsets are bytes; a word has four, a double eight. Our own, of no header.
 */
export const SNAPSHOT_PROCESSES = 0;
export const SNAPSHOT_WAITS = 1;
export const SNAPSHOT_DESCRIPTORS = 2;
export const SNAPSHOT_PIPES = 3;
export const SNAPSHOT_LOCKS = 4;
export const SNAPSHOT_ADJUSTMENTS = 5;

/** Bytes of a process's name, with its final NUL, as TASK_COMM_LEN of Linux; and of its arguments. */
export const TITLE_NAME = 16;
export const TITLE_ARGS = 288;

/** A process: ids, then what it is called, see title.ts. */
export const SNAPSHOT_PROC_STATE = 0;
export const SNAPSHOT_PROC_PID = 4;
export const SNAPSHOT_PROC_PPID = 8;
export const SNAPSHOT_PROC_UID = 12;
export const SNAPSHOT_PROC_EUID = 16;
export const SNAPSHOT_PROC_GID = 24;
export const SNAPSHOT_PROC_EGID = 28;
export const SNAPSHOT_PROC_CWD = 36; // number of an inode
export const SNAPSHOT_PROC_PGID = 40;
export const SNAPSHOT_PROC_SID = 44;
export const SNAPSHOT_PROC_TITLE = 48;
export const SNAPSHOT_PROC_STARTED = 48; // double: seconds since the Epoch
export const SNAPSHOT_PROC_ARGS_SIZE = 56;
export const SNAPSHOT_PROC_ALARM = 60; // 1: SIGALRM is to come
export const SNAPSHOT_PROC_NAME = 64; // TITLE_NAME bytes
export const SNAPSHOT_PROC_ARGS = 80; // TITLE_ARGS bytes, a NUL between two arguments
/** Its states. */
export const SNAPSHOT_LIVE = 1;
export const SNAPSHOT_EXITING = 2;
export const SNAPSHOT_ZOMBIE = 3;

/** A call that sleeps. What its four words say depends on the call. */
export const SNAPSHOT_WAIT_PID = 0;
export const SNAPSHOT_WAIT_CALL = 4;
export const SNAPSHOT_WAIT_TURN = 8; // another word for each wait; odd: until it is woken, however long
export const SNAPSHOT_WAIT_BLOCKS = 12; // 1: the process's own thread sleeps in it
export const SNAPSHOT_WAIT_A = 16;
export const SNAPSHOT_WAIT_B = 20;
export const SNAPSHOT_WAIT_C = 24;
export const SNAPSHOT_WAIT_D = 28;
export const SNAPSHOT_WAIT_START = 32; // double, of a lock: first byte
export const SNAPSHOT_WAIT_END = 40; // double: last byte
export const SNAPSHOT_WAIT_COUNT = 48; // of what poll looks at
export const SNAPSHOT_WAIT_ENTRIES = 56; // three words each: descriptor, events, description
export const SNAPSHOT_ENTRY_SIZE = 12;

/** The calls. */
export const SNAPSHOT_CALL_OTHER = 0;
export const SNAPSHOT_CALL_SEMOP = 1; // semid, number, operation
export const SNAPSHOT_CALL_MSGSND = 2; // msqid
export const SNAPSHOT_CALL_MSGRCV = 3; // msqid, type
export const SNAPSHOT_CALL_WAITPID = 4; // the pid asked for
export const SNAPSHOT_CALL_MUTEX = 5; // address, owner's pid, shmid, offset
export const SNAPSHOT_CALL_READ = 6; // pipe
export const SNAPSHOT_CALL_WRITE = 7; // pipe
export const SNAPSHOT_CALL_POLL = 8;
export const SNAPSHOT_CALL_EPOLL = 9;
export const SNAPSHOT_CALL_OPEN = 10; // st_ino, 1: waits for a writer, 0: for a reader
export const SNAPSHOT_CALL_FCNTL = 11; // file, owner, F_WRLCK or F_RDLCK, kind of owner
export const SNAPSHOT_CALL_FLOCK = 12; // the same
export const SNAPSHOT_CALL_VOLUME = 13;

/** A descriptor. */
export const SNAPSHOT_FD_PID = 0;
export const SNAPSHOT_FD_NUMBER = 4;
export const SNAPSHOT_FD_FLAGS = 8; // FD_CLOEXEC
export const SNAPSHOT_FD_FILE = 12; // serial of the description
export const SNAPSHOT_FD_KIND = 16;
export const SNAPSHOT_FD_STATUS = 20; // O_ACCMODE and status flags
export const SNAPSHOT_FD_PIPE = 24; // 0: none
export const SNAPSHOT_FD_INO = 28; // 0: it has no name
export const SNAPSHOT_FD_DEV = 32;
export const SNAPSHOT_FD_MODE = 36;
export const SNAPSHOT_FD_RDEV = 40;
export const SNAPSHOT_FD_INODE = 44; // number of the inode, for snapshot_path()
export const SNAPSHOT_FD_OFFSET = 48; // double
export const SNAPSHOT_FD_STREAM = 56; // of the host
export const SNAPSHOT_FD_REFS = 60; // descriptors that name the description, and calls that hold it
/** Kinds of descriptions; every other has an inode. */
export const SNAPSHOT_FILE_PIPE = 1;
export const SNAPSHOT_FILE_HOST = 2;
export const SNAPSHOT_FILE_EPOLL = 3;

/** A pipe. */
export const SNAPSHOT_PIPE_ID = 0;
export const SNAPSHOT_PIPE_FILL = 4;
export const SNAPSHOT_PIPE_SIZE = 8;
export const SNAPSHOT_PIPE_READERS = 12; // descriptions
export const SNAPSHOT_PIPE_WRITERS = 16;

/** A lock on a file. */
export const SNAPSHOT_LOCK_FILE = 0; // st_ino, of a pipe its number; below 0 a stream of the host; 0: epoll
export const SNAPSHOT_LOCK_OWNER = 4; // pid, or serial of a description
export const SNAPSHOT_LOCK_TYPE = 8; // F_RDLCK or F_WRLCK
export const SNAPSHOT_LOCK_KIND = 12;
export const SNAPSHOT_LOCK_INODE = 16; // number of the inode, 0: none
export const SNAPSHOT_LOCK_START = 24; // double
export const SNAPSHOT_LOCK_END = 32;
/** Whose it is. */
export const SNAPSHOT_LOCK_PROC = 1; // fcntl(): a process's
export const SNAPSHOT_LOCK_OFD = 2; // fcntl() with F_OFD_SETLK: a description's
export const SNAPSHOT_LOCK_FLOCK = 3; // flock(): a description's

/** What SEM_UNDO will add to a semaphore. */
export const SNAPSHOT_ADJ_PID = 0;
export const SNAPSHOT_ADJ_SEMID = 4;
export const SNAPSHOT_ADJ_NUM = 8;
export const SNAPSHOT_ADJ_VALUE = 12;
