/* semop(2) by one process that never has to wait. */
#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "agent.h"

union semun {
  int val;
};

static int make_set(int nsems, int value) {
  int set = semget(IPC_PRIVATE, nsems, 0600);
  MUST(set);
  for (int i = 0; i < nsems; i++) MUST(semctl(set, i, SETVAL, (union semun){.val = value}));
  return set;
}

static double pairs(long n, short flags) {
  int set = make_set(1, 1);
  struct sembuf p = {0, -1, flags}, v = {0, 1, flags};
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(semop(set, &p, 1));
    MUST(semop(set, &v, 1));
  }
  double ns = now_ns() - start;
  MUST(semctl(set, 0, IPC_RMID));
  return ns;
}

double sem_pair(long n) { return pairs(n, 0); }

double sem_undo(long n) { return pairs(n, SEM_UNDO); }

double sem_nowait(long n) {
  int set = make_set(1, 0);
  struct sembuf p = {0, -1, IPC_NOWAIT};
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    if (semop(set, &p, 1) != -1 || errno != EAGAIN) exit(1);
  }
  double ns = now_ns() - start;
  MUST(semctl(set, 0, IPC_RMID));
  return ns;
}

double sem_two(long n) {
  int set = make_set(2, 1);
  struct sembuf p[2] = {{0, -1, 0}, {1, -1, 0}}, v[2] = {{0, 1, 0}, {1, 1, 0}};
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(semop(set, p, 2));
    MUST(semop(set, v, 2));
  }
  double ns = now_ns() - start;
  MUST(semctl(set, 0, IPC_RMID));
  return ns;
}
