/*
 * Round trips between two processes. Each side takes, then gives; in the parked ones it works for
 * PAUSE_NS before it gives, so that the other sleeps by then; the pauses are taken off the time. The
 * two sides are bound to two processors or to one, because a scheduler that chooses gives two answers.
 */
#ifndef TURNS_H
#define TURNS_H

#define PAUSE_NS 20000.0 /* bench/handover.ts has the same */

struct sides {
  void (*here_gives)(void);
  void (*here_takes)(void);
  void (*there_gives)(void);
  void (*there_takes)(void);
};

/* `there`: the processor of the other side; this one's is 0. */
double turns(long n, double pause, int there, const struct sides *sides);

#endif
