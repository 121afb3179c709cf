/*
 * The native side of the benchmark: each party does `n` operations on the running kernel and
 * returns the nanoseconds that they took, objects made before and removed after the clock ran.
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef double party(long n);

party sem_pair, sem_undo, sem_nowait, sem_two;
party msg_64;
party shm_4k, shm_1m, shm_attach;
party file_stat, file_open, file_create, file_read, file_write, file_lock, poll_one;
party pipe_64, pipe_4k, pipe_64k, pipe_parked, pipe_running;
party handover_parked, handover_one_core, handover_running;
party fork_wait, posix_spawn_wait, posix_spawn_byte, popen_close;
party signal_self;

static inline double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

/* A benchmark whose calls fail measures nothing. */
#define MUST(call)                                                                                 \
  do {                                                                                             \
    if ((call) == -1) {                                                                            \
      perror(#call);                                                                               \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

#endif
