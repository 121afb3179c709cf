/*
 * Reads lines "PARTY N" and answers each with "NANOSECONDS CPU_MICROSECONDS", until end of file:
 * the same protocol as bench/agent.ts.
 */
#include <string.h>
#include <sys/resource.h>

#include "agent.h"

static const struct {
  const char *name;
  party *run;
} parties[] = {
    {"sem-pair", sem_pair},
    {"sem-undo", sem_undo},
    {"sem-nowait", sem_nowait},
    {"sem-two", sem_two},
    {"msg-64", msg_64},
    {"shm-4k", shm_4k},
    {"shm-1m", shm_1m},
    {"shm-attach", shm_attach},
    {"file-stat", file_stat},
    {"file-open", file_open},
    {"file-create", file_create},
    {"file-read", file_read},
    {"file-write", file_write},
    {"file-lock", file_lock},
    {"poll-one", poll_one},
    {"pipe-64", pipe_64},
    {"pipe-4k", pipe_4k},
    {"pipe-64k", pipe_64k},
    {"pipe-parked", pipe_parked},
    {"pipe-running", pipe_running},
    {"handover-parked", handover_parked},
    {"handover-one-core", handover_one_core},
    {"handover-running", handover_running},
    {"fork-wait", fork_wait},
    {"posix-spawn-wait", posix_spawn_wait},
    {"spawn-byte", posix_spawn_byte},
    {"popen", popen_close},
    {"signal-self", signal_self},
};
#define COUNT (sizeof parties / sizeof parties[0])

static double micros(struct timeval t) { return t.tv_sec * 1e6 + t.tv_usec; }

static double cpu_us(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

static double own_us(void) { return cpu_us(RUSAGE_SELF) + cpu_us(RUSAGE_CHILDREN); }

int main(void) {
  char name[64];
  long n;
  printf("ready");
  for (size_t i = 0; i < COUNT; i++) printf(" %s", parties[i].name);
  printf("\n");
  fflush(stdout);
  while (scanf("%63s %ld", name, &n) == 2) {
    size_t i = 0;
    while (i < COUNT && strcmp(name, parties[i].name) != 0) i++;
    if (i == COUNT) {
      fprintf(stderr, "no party %s\n", name);
      return 1;
    }
    double before = own_us();
    double ns = parties[i].run(n);
    printf("%.0f %.0f\n", ns, own_us() - before);
    fflush(stdout);
  }
  return 0;
}
