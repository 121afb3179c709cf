#define _GNU_SOURCE
#include "turns.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

static void pause_ns(double ns) {
  if (ns <= 0) return;
  double end = now_ns() + ns;
  while (now_ns() < end) continue;
}

static void bind_to(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  MUST(sched_setaffinity(0, sizeof set, &set));
}

double turns(long n, double pause, int there, const struct sides *sides) {
  cpu_set_t before;
  MUST(sched_getaffinity(0, sizeof before, &before));
  pid_t child = fork();
  MUST(child);
  bind_to(child == 0 ? there : 0);
  if (child == 0) {
    sides->there_gives();
    for (long i = 0; i < n; i++) {
      sides->there_takes();
      pause_ns(pause);
      sides->there_gives();
    }
    _exit(0);
  }
  sides->here_takes();
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    pause_ns(pause);
    sides->here_gives();
    sides->here_takes();
  }
  double ns = now_ns() - start - 2 * pause * n;
  MUST(waitpid(child, NULL, 0));
  MUST(sched_setaffinity(0, sizeof before, &before));
  return ns;
}
