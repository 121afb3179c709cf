/**
 * Steps of the kill hammer that change two words together: under a semaphore with SEM_UNDO, where the
 * next owner looks into a log, and under a robust mutex, where it is told.
 */
import type { Locked } from "../../host/contract.ts";
import { EOWNERDEAD, IPC_NOWAIT, SEM_UNDO, SystemError } from "../../runtime/index.ts";
import { GATE, INHERITED, INSIDE, LOG, MUTEX, MUTEX_PAIR, PAIR, REPAIRS } from "./kill-arena.ts";
import { again, dawdle, type Job, micros, op, type Step, semop, succeeds } from "./kill-steps.ts";

/** Two words that always add up to 0, and a log from which the next owner repairs them. */
function changePair(job: Job): void {
  const { words } = job.arena;
  const inside = words[INSIDE]!;
  if (words[LOG] !== 0) {
    words[PAIR] = words[LOG + 1]!;
    words[PAIR + 1] = words[LOG + 2]!;
    words[LOG] = 0;
    Atomics.add(words, REPAIRS, 1);
  }
  words[INSIDE] = job.number;
  const [first, second] = [words[PAIR]!, words[PAIR + 1]!];
  if (first + second !== 0) {
    throw new Error(`the pair is ${first}, ${second}; the last one inside was ${inside}`);
  }
  words[LOG + 1] = first;
  words[LOG + 2] = second;
  Atomics.store(words, LOG, 1);
  words[PAIR] = first + 1;
  dawdle(job);
  job.middle();
  words[PAIR + 1] = second - 1;
  Atomics.store(words, LOG, 0);
  if (words[INSIDE] !== job.number) {
    throw new Error(`process ${words[INSIDE]} was inside with ${job.number}`);
  }
  words[INSIDE] = 0;
}

/** The mutex, taken in each of the ways that there are. */
const lock: Step = (job) => {
  const { sys, arena, next } = job;
  const { set } = arena.ids;
  const way = next(4);
  if (way === 0) semop(job, op(MUTEX, -1), op(GATE, 1), op(GATE, -1));
  else if (way === 1) {
    const take = () => sys.semtimedop(set, [op(MUTEX, -1)], micros(500));
    while (!succeeds(["EAGAIN"], () => again(job, take)));
  } else if (way === 2) {
    if (!succeeds(["EAGAIN"], () => sys.semop(set, [op(MUTEX, -1, SEM_UNDO | IPC_NOWAIT)]))) return;
  } else semop(job, op(MUTEX, -1));
  changePair(job);
  semop(job, op(MUTEX, 1));
};

/** A robust mutex, taken by one of its calls. @returns what says whether its last owner died. */
function takeMutex({ sys, arena, next }: Job): Locked | Promise<Locked> {
  const way = next(5);
  if (way === 0) return sys.async.pthread_mutex_lock(arena.mutex);
  if (way === 1) return sys.pthread_mutex_trylock(arena.mutex);
  if (way > 2) return sys.pthread_mutex_lock(arena.mutex);
  const end = Date.now() + next(3);
  const abstime = { tv_sec: Math.floor(end / 1000), tv_nsec: (end % 1000) * 1e6 };
  return sys.pthread_mutex_timedlock(arena.mutex, abstime);
}

/** Two words that add up to 0 unless the last owner died between them, of which the next is told. */
const robust: Step = async (job) => {
  const { sys, arena } = job;
  const { words, mutex } = arena;
  let taken: Locked;
  try {
    taken = await takeMutex(job);
  } catch (error) {
    const code = error instanceof SystemError ? error.code : "";
    if (code === "EBUSY" || code === "ETIMEDOUT") return;
    throw error;
  }
  if (taken === EOWNERDEAD) {
    words[MUTEX_PAIR + 1] = -words[MUTEX_PAIR]!;
    Atomics.add(words, INHERITED, 1);
    sys.pthread_mutex_consistent(mutex);
  }
  const [first, second] = [words[MUTEX_PAIR]!, words[MUTEX_PAIR + 1]!];
  if (first + second !== 0) throw new Error(`the mutex's pair is ${first}, ${second}: ${taken}`);
  words[MUTEX_PAIR] = first + 1;
  dawdle(job);
  job.middle();
  words[MUTEX_PAIR + 1] = second - 1;
  sys.pthread_mutex_unlock(mutex);
};

export const PAIR_STEPS = { lock, robust };
