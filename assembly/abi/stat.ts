/** sys/stat.h: what `st_mode` says, see inode(7). */
export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFDIR = 0o040000;
export const S_IFBLK = 0o060000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;

export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;

export const S_IRWXU = 0o700;
export const S_IRUSR = 0o400;
export const S_IWUSR = 0o200;
export const S_IXUSR = 0o100;
export const S_IRWXG = 0o070;
export const S_IRGRP = 0o040;
export const S_IWGRP = 0o020;
export const S_IXGRP = 0o010;
export const S_IRWXO = 0o007;
export const S_IROTH = 0o004;
export const S_IWOTH = 0o002;
export const S_IXOTH = 0o001;

/** In place of tv_nsec in utimensat(2): the time is now; the time stays. */
export const UTIME_NOW = 0x3fffffff;
export const UTIME_OMIT = 0x3ffffffe;

/** What utimensat() tells the kernel of a time, the second one's bits TIMES_SHIFT up; WRONG: EINVAL. */
export const TIME_NOW = 1;
export const TIME_OMIT = 2;
export const TIMES_SHIFT = 2;
export const TIME_WRONG = 16;

/** struct stat as the kernel writes it: 32-bit words, then times in seconds as f64. */
export const STAT_DEV = 0;
export const STAT_INO = 4;
export const STAT_MODE = 8;
export const STAT_NLINK = 12;
export const STAT_UID = 16;
export const STAT_GID = 20;
export const STAT_RDEV = 24;
export const STAT_BLKSIZE = 28;
export const STAT_SIZE = 32; // f64
export const STAT_BLOCKS = 40; // f64
export const STAT_ATIME = 48; // f64
export const STAT_MTIME = 56;
export const STAT_CTIME = 64;
export const STAT_STRUCT_SIZE = 72;
