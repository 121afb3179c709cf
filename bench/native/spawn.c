/* The shortest life of a process: fork(2) and _exit(2), and posix_spawn(3) of true(1). */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

double fork_wait(long n) {
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    pid_t child = fork();
    MUST(child);
    if (child == 0) _exit(0);
    MUST(waitpid(child, NULL, 0));
  }
  return now_ns() - start;
}

double posix_spawn_wait(long n) {
  char *argv[] = {"true", NULL}, *envp[] = {NULL};
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    pid_t child;
    if (posix_spawn(&child, "/bin/true", NULL, NULL, argv, envp) != 0) exit(1);
    MUST(waitpid(child, NULL, 0));
  }
  return now_ns() - start;
}
