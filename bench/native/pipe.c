/*
 * pipe(2): bytes that one process writes and reads at once, and round trips of 64 bytes between two
 * processes over two pipes; see handover.c for the pauses and the processors.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "turns.h"

static char out[65536], in[65536];

static double moves(long n, size_t size) {
  int ends[2];
  MUST(pipe(ends));
  memset(out, 'x', size);
  memset(in, 0, size);
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(write(ends[1], out, size));
    MUST(read(ends[0], in, size));
  }
  double ns = now_ns() - start;
  if (in[size - 1] != 'x') exit(1);
  MUST(close(ends[0]));
  MUST(close(ends[1]));
  return ns;
}

double pipe_64(long n) { return moves(n, 64); }

double pipe_4k(long n) { return moves(n, 4096); }

double pipe_64k(long n) { return moves(n, 65536); }

static int there[2], back[2];

static void open_pipes(void) {
  MUST(pipe(there));
  MUST(pipe(back));
}

static void close_pipes(void) {
  for (int i = 0; i < 2; i++) {
    MUST(close(there[i]));
    MUST(close(back[i]));
  }
}

static void send(int fd) { MUST(write(fd, out, 64)); }

static void receive(int fd) {
  MUST(read(fd, in, 64));
}

static void here_gives(void) { send(there[1]); }
static void here_takes(void) { receive(back[0]); }
static void there_gives(void) { send(back[1]); }
static void there_takes(void) { receive(there[0]); }

static double trips(long n, double pause) {
  static const struct sides sides = {here_gives, here_takes, there_gives, there_takes};
  open_pipes();
  double ns = turns(n, pause, 1, &sides);
  close_pipes();
  return ns;
}

double pipe_parked(long n) { return trips(n, PAUSE_NS); }

double pipe_running(long n) { return trips(n, 0); }
