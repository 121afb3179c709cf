/*
 * Round trips between two processes over two semaphores: V(0) P(1) here, P(0) V(1) there. In the
 * parked ones each side works for PAUSE_NS before its V, so that the other sleeps by then; the
 * pauses are taken off the time. The two sides are bound to two processors or to one, because a
 * scheduler that chooses gives two answers.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

#define PAUSE_NS 20000.0 /* bench/handover.ts has the same */

static void pause_ns(double ns) {
  double end = now_ns() + ns;
  while (now_ns() < end) continue;
}

static void bind_to(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  MUST(sched_setaffinity(0, sizeof set, &set));
}

static double turns(long n, double pause, int there) {
  cpu_set_t before;
  MUST(sched_getaffinity(0, sizeof before, &before));
  int set = semget(IPC_PRIVATE, 2, 0600);
  MUST(set);
  struct sembuf p0 = {0, -1, 0}, v0 = {0, 1, 0}, p1 = {1, -1, 0}, v1 = {1, 1, 0};
  pid_t child = fork();
  MUST(child);
  bind_to(child == 0 ? there : 0);
  if (child == 0) {
    MUST(semop(set, &v1, 1));
    for (long i = 0; i < n; i++) {
      MUST(semop(set, &p0, 1));
      if (pause > 0) pause_ns(pause);
      MUST(semop(set, &v1, 1));
    }
    _exit(0);
  }
  MUST(semop(set, &p1, 1));
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    if (pause > 0) pause_ns(pause);
    MUST(semop(set, &v0, 1));
    MUST(semop(set, &p1, 1));
  }
  double ns = now_ns() - start - 2 * pause * n;
  MUST(waitpid(child, NULL, 0));
  MUST(semctl(set, 0, IPC_RMID));
  MUST(sched_setaffinity(0, sizeof before, &before));
  return ns;
}

double handover_parked(long n) { return turns(n, PAUSE_NS, 1); }

double handover_one_core(long n) { return turns(n, PAUSE_NS, 0); }

double handover_running(long n) { return turns(n, 0, 1); }
