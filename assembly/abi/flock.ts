/** struct flock of fcntl.h, with a 64-bit off_t: offsets and size in bytes. */
export const FLOCK_TYPE = 0; // i16
export const FLOCK_WHENCE = 2; // i16
export const FLOCK_START = 8; // i64
export const FLOCK_LEN = 16; // i64
export const FLOCK_PID = 24; // i32
export const FLOCK_SIZE = 32;
