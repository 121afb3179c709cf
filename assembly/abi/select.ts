/** sys/select.h: descriptors that an fd_set of C has bits for, see select(2). */
export const FD_SETSIZE = 1024;
