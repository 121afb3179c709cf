/*
 * Carries out a script of signal calls and prints what they return and which handlers run, a line each:
 * what a C program sees of signals on the running kernel. signal-script-program.ts does the same on ours.
 *
 *   signal-script MAIN [10:HANDLER | a:CHILD]...
 *
 * MAIN, the handler of a signal and the program of a child are operations with ; between them.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char **sections;
static int ends[2];

static void say(const char *name, const char *value) {
  char line[256];
  int length = snprintf(line, sizeof line, "%s %s\n", name, value);
  if (write(1, line, length) != length) _exit(99);
}

static const char *error(void) {
  if (errno == EINTR) return "EINTR";
  if (errno == EINVAL) return "EINVAL";
  if (errno == ECHILD) return "ECHILD";
  return errno == EPIPE ? "EPIPE" : strerror(errno);
}

static void say_result(const char *name, long result) {
  char text[32];
  snprintf(text, sizeof text, "%ld", result);
  say(name, result < 0 ? error() : text);
}

static void say_set(const char *name, const sigset_t *set) {
  char text[256] = "";
  for (int sig = 1; sig < 32; sig++) {
    if (sigismember(set, sig) == 1) sprintf(text + strlen(text), "%s%d", *text ? "," : "", sig);
  }
  say(name, *text ? text : "-");
}

static sigset_t parse_set(const char *text) {
  sigset_t set;
  sigemptyset(&set);
  char *end;
  for (long sig; *text && *text != '-'; text = *end ? end + 1 : end) {
    sig = strtol(text, &end, 10);
    sigaddset(&set, sig);
  }
  return set;
}

static void run(const char *text);

static const char *section(const char *name) {
  size_t length = strlen(name);
  for (char **at = sections; *at; at++) {
    if (strncmp(*at, name, length) == 0 && (*at)[length] == ':') return *at + length + 1;
  }
  return "";
}

static void handler(int sig) {
  int saved = errno;
  char name[8];
  snprintf(name, sizeof name, "%d", sig);
  say("handler", name);
  run(section(name));
  say("end", name);
  errno = saved;
}

static void set_action(int sig, const char *kind, unsigned flags, const char *mask) {
  struct sigaction act = {.sa_flags = (int)flags, .sa_mask = parse_set(mask)}, old;
  act.sa_handler = *kind == 'h' ? handler : *kind == 'i' ? SIG_IGN : SIG_DFL;
  if (sigaction(sig, *kind == '?' ? NULL : &act, &old) < 0) say("action", error());
  else say("action", old.sa_handler == handler ? "h" : old.sa_handler == SIG_IGN ? "i" : "d");
}

static void set_timer(long value, long interval) {
  struct itimerval next = {{interval / 1000, interval % 1000 * 1000}, {value / 1000, value % 1000 * 1000}}, old;
  if (setitimer(ITIMER_REAL, &next, &old) < 0) say("timer", error());
  else say("timer", old.it_value.tv_sec || old.it_value.tv_usec ? "set" : "unset");
}

static void start_child(const char *name) {
  if (fork() != 0) return;
  run(section(name));
  _exit(0);
}

static void wait_child(int options) {
  int status = 0;
  int pid = waitpid(-1, &status, options);
  if (pid > 0) say_result("wait", status);
  else say("wait", pid < 0 ? error() : "none");
}

static void operate(char *words) {
  char *word[5] = {0};
  for (int i = 0; i < 5 && (word[i] = strsep(&words, " ")); i++) continue;
  const char *name = word[0];
  sigset_t set;
  if (word[1]) set = parse_set(word[1]);
  long number = word[1] ? atol(word[1]) : 0, second = word[2] ? atol(word[2]) : 0;
  char byte = 'x';
  if (!strcmp(name, "action")) set_action(number, word[2], strtoul(word[3], NULL, 10), word[4]);
  else if (!strcmp(name, "mask")) {
    sigset_t next = parse_set(word[2]), old;
    if (sigprocmask(number, &next, &old) < 0) say("mask", error());
    else say_set("mask", &old);
  } else if (!strcmp(name, "pending")) {
    sigpending(&set);
    say_set("pending", &set);
  } else if (!strcmp(name, "kill")) say_result("kill", kill(getpid(), number));
  else if (!strcmp(name, "suspend")) say_result("suspend", sigsuspend(&set));
  else if (!strcmp(name, "pause")) say_result("pause", pause());
  else if (!strcmp(name, "alarm")) say_result("alarm", alarm(number));
  else if (!strcmp(name, "timer")) set_timer(number, second);
  else if (!strcmp(name, "read")) say_result("read", read(ends[0], &byte, 1));
  else if (!strcmp(name, "feed")) say_result("feed", write(ends[1], &byte, 1));
  else if (!strcmp(name, "unread")) close(ends[0]);
  else if (!strcmp(name, "poll")) say_result("poll", poll(NULL, 0, number));
  else if (!strcmp(name, "child")) start_child(word[1]);
  else if (!strcmp(name, "wait")) wait_child(number);
  else if (!strcmp(name, "exit")) _exit(number);
  else say("unknown", name);
}

static void run(const char *text) {
  char *copy = strdup(text), *rest = copy, *op;
  while ((op = strsep(&rest, ";"))) {
    while (*op == ' ') op++;
    if (*op) operate(op);
  }
  free(copy);
}

int main(int argc, char **argv) {
  if (argc < 2) return 99;
  sections = argv + 2;
  if (pipe(ends) < 0) return 99;
  run(argv[1]);
  return 0;
}
