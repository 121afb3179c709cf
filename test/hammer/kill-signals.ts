/** Steps of the kill hammer with signals: blocked, sent to oneself, and from a timer. */
import { ITIMER_REAL, SIG_BLOCK, SIG_SETMASK, SIGALRM, SIGUSR1 } from "../../runtime/index.ts";
import { TOKENS_A } from "./kill-arena.ts";
import { again, dawdle, op, type Step, succeeds } from "./kill-steps.ts";

/** A signal that is blocked is pending, and is delivered once when it no longer is. */
const masked: Step = (job) => {
  const { sys } = job;
  const before = sys.sigprocmask(SIG_BLOCK, [SIGUSR1]);
  again(job, () => sys.kill(sys.getpid(), SIGUSR1));
  dawdle(job);
  job.middle();
  if (!sys.sigpending().includes(SIGUSR1)) throw new Error("a blocked signal is not pending");
  sys.sigprocmask(SIG_SETMASK, before);
  if (sys.sigpending().includes(SIGUSR1)) throw new Error("a delivered signal is pending");
};

/** A timer cuts a sleep short, or comes when nobody sleeps. */
const alarm: Step = (job) => {
  const { sys, arena, next } = job;
  sys.sigaction(SIGALRM, () => {});
  const none = { tv_sec: 0, tv_usec: 0 };
  const soon = { tv_sec: 0, tv_usec: 1 + next(3000) };
  sys.setitimer(ITIMER_REAL, {
    it_interval: next(2) === 0 ? none : { tv_sec: 0, tv_usec: 1000 },
    it_value: soon,
  });
  job.middle();
  const ops = [op(TOKENS_A, -1)];
  const wait = { tv_sec: 0, tv_nsec: 2_000_000 };
  const taken = succeeds(["EINTR", "EAGAIN"], () => sys.semtimedop(arena.ids.set, ops, wait));
  if (taken) again(job, () => sys.semop(arena.ids.set, [op(TOKENS_A, 1)]));
  sys.setitimer(ITIMER_REAL, { it_interval: none, it_value: none });
};

export const SIGNAL_STEPS = { masked, alarm };
