/** pthread.h: the robust mutex that lies in a shared segment, see pthread_mutex_lock(3p). */

/** Bytes of a mutex: a cache line, and no less than pthread_mutex_t of Linux's C libraries (40, 48). */
export const ROBUST_MUTEX_SIZE = 64;
/** What its offset in the segment must be a multiple of. */
export const ROBUST_MUTEX_ALIGN = 8;
