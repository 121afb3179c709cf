/** dirent.h: types of directory entries, and struct linux_dirent64 as getdents64(2) fills it. */
export const DT_UNKNOWN = 0;
export const DT_FIFO = 1;
export const DT_CHR = 2;
export const DT_DIR = 4;
export const DT_BLK = 6;
export const DT_REG = 8;
export const DT_LNK = 10;
export const DT_SOCK = 12;

/** d_ino and d_off are i64, d_reclen u16, d_type u8, d_name ends with NUL; a multiple of 8 bytes. */
export const DIRENT_INO = 0;
export const DIRENT_OFF = 8;
export const DIRENT_RECLEN = 16;
export const DIRENT_TYPE = 18;
export const DIRENT_NAME = 19;
export const DIRENT_ALIGN = 8;
