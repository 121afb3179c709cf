/* Round trips between two processes over two semaphores: V(0) P(1) here, P(0) V(1) there. */
#include <sys/ipc.h>
#include <sys/sem.h>

#include "agent.h"
#include "turns.h"

static int set;

static void operate(unsigned short number, short by) {
  struct sembuf op = {number, by, 0};
  MUST(semop(set, &op, 1));
}

static void here_gives(void) { operate(0, 1); }
static void here_takes(void) { operate(1, -1); }
static void there_gives(void) { operate(1, 1); }
static void there_takes(void) { operate(0, -1); }

static double trips(long n, double pause, int there) {
  static const struct sides sides = {here_gives, here_takes, there_gives, there_takes};
  set = semget(IPC_PRIVATE, 2, 0600);
  MUST(set);
  double ns = turns(n, pause, there, &sides);
  MUST(semctl(set, 0, IPC_RMID));
  return ns;
}

double handover_parked(long n) { return trips(n, PAUSE_NS, 1); }

double handover_one_core(long n) { return trips(n, PAUSE_NS, 0); }

double handover_running(long n) { return trips(n, 0, 1); }
