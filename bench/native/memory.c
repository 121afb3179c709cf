/* The life of a segment: shmget(2), shmat(2), a store in each page, shmdt(2), IPC_RMID. */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "agent.h"

static void *attach(int id) {
  void *at = shmat(id, NULL, 0);
  if (at == (void *)-1) {
    perror("shmat");
    exit(1);
  }
  return at;
}

static double lives(long n, size_t size) {
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    int id = shmget(IPC_PRIVATE, size, 0600);
    MUST(id);
    volatile char *bytes = attach(id);
    for (size_t at = 0; at < size; at += 4096) bytes[at] = 1;
    MUST(shmdt((void *)bytes));
    MUST(shmctl(id, IPC_RMID, NULL));
  }
  return now_ns() - start;
}

double shm_4k(long n) { return lives(n, 4096); }

double shm_1m(long n) { return lives(n, 1 << 20); }

double shm_attach(long n) {
  int id = shmget(IPC_PRIVATE, 4096, 0600);
  MUST(id);
  double start = now_ns();
  for (long i = 0; i < n; i++) MUST(shmdt(attach(id)));
  double ns = now_ns() - start;
  MUST(shmctl(id, IPC_RMID, NULL));
  return ns;
}
