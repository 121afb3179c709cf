/*
 * The other side of linux-mutex.test.ts: one robust mutex in a System V segment, made, held and found
 * by C. Commands come as lines: init, lock, unlock, consistent, exit. Answers are the errno, a line each.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>

static int make(pthread_mutex_t *mutex) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  return pthread_mutex_init(mutex, &attr);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  char *segment = shmat(atoi(argv[1]), NULL, 0);
  if (segment == (void *)-1) return 3;
  pthread_mutex_t *mutex = (pthread_mutex_t *)(segment + atoi(argv[2]));
  char line[32];
  while (fgets(line, sizeof line, stdin) != NULL) {
    int result = -1;
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "init") == 0) result = make(mutex);
    if (strcmp(line, "lock") == 0) result = pthread_mutex_lock(mutex);
    if (strcmp(line, "unlock") == 0) result = pthread_mutex_unlock(mutex);
    if (strcmp(line, "consistent") == 0) result = pthread_mutex_consistent(mutex);
    if (strcmp(line, "exit") == 0) return 0;
    printf("%d\n", result);
    fflush(stdout);
  }
  return 0;
}
