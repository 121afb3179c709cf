/* A program until its first byte, a command line, and a signal to oneself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

double posix_spawn_byte(long n) {
  char *argv[] = {"echo", "x", NULL}, *envp[] = {NULL}, byte;
  double ns = 0;
  for (long i = 0; i < n; i++) {
    double start = now_ns();
    int fds[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    MUST(pipe2(fds, O_CLOEXEC));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    if (posix_spawn(&child, "/bin/echo", &actions, NULL, argv, envp) != 0) exit(1);
    MUST(close(fds[1]));
    if (read(fds[0], &byte, 1) != 1) exit(1);
    ns += now_ns() - start;
    posix_spawn_file_actions_destroy(&actions);
    MUST(close(fds[0]));
    MUST(waitpid(child, NULL, 0));
  }
  return ns;
}

double popen_close(long n) {
  char line[16];
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    FILE *list = popen("echo x", "r");
    if (list == NULL || fgets(line, sizeof line, list) == NULL) exit(1);
    MUST(pclose(list));
  }
  return now_ns() - start;
}

static volatile sig_atomic_t seen;

static void on_signal(int number) {
  (void)number;
  seen++;
}

double signal_self(long n) {
  struct sigaction action = {.sa_handler = on_signal}, before;
  MUST(sigaction(SIGUSR1, &action, &before));
  pid_t self = getpid();
  double start = now_ns();
  for (long i = 0; i < n; i++) MUST(kill(self, SIGUSR1));
  double ns = now_ns() - start;
  MUST(sigaction(SIGUSR1, &before, NULL));
  return ns;
}
