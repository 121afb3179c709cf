/** Works with others until it is told to stop, never so that they could wait for each other for ever. */

import { EPIPE } from "../../assembly/abi/errno.ts";
import {
  LOCK_EX,
  LOCK_UN,
  O_CREAT,
  O_RDWR,
  SEM_UNDO,
  SIG_IGN,
  SIGPIPE,
  type Syscalls,
  SystemError,
} from "../../runtime/index.ts";
import { random } from "./random.ts";

/** Words of the segment: whether to stop, and rounds of all; mutexes are behind. */
export const STOP = 0;
export const ROUNDS = 1;
export const MUTEX_AT = 64;
export const MUTEXES = 3;

/** @returns false when the next one has ended already */
function pass(sys: Syscalls, to: number, token: Uint8Array): boolean {
  try {
    sys.write(to, token);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.errno === EPIPE) return false;
    throw error;
  }
}

export function main(sys: Syscalls, argv: readonly string[]): number {
  const [shmid, set, number, from, to] = argv.slice(1).map(Number) as number[];
  const segment = sys.shmat(shmid!);
  const { bytes } = segment;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, MUTEX_AT / 4);
  const next = random(number!);
  sys.sigaction(SIGPIPE, SIG_IGN);
  const mutex = (at: number) => ({ attachment: segment, offset: MUTEX_AT + at * 64 });
  const files = [0, 1].map((at) => sys.open(`/tmp/lock${at}`, O_RDWR | O_CREAT, 0o600));
  const token = new Uint8Array(1);
  while (Atomics.load(words, STOP) === 0) {
    Atomics.add(words, ROUNDS, 1);
    // Always the lower one first.
    const [low, high] = [next(2), 1 + next(2)].sort() as [number, number];
    sys.pthread_mutex_lock(mutex(low));
    if (high !== low) sys.pthread_mutex_lock(mutex(high));
    if (high !== low) sys.pthread_mutex_unlock(mutex(high));
    sys.pthread_mutex_unlock(mutex(low));
    sys.flock(files[0]!, LOCK_EX);
    sys.flock(files[1]!, LOCK_EX);
    for (const fd of files) sys.flock(fd, LOCK_UN);
    sys.semop(set!, [{ sem_num: 0, sem_op: -1, sem_flg: SEM_UNDO }]);
    sys.semop(set!, [{ sem_num: 0, sem_op: 1, sem_flg: SEM_UNDO }]);
    // A ring of pipes in which tokens go round; the test takes them out in the end.
    if (sys.read(from!, token) === 0 || !pass(sys, to!, token)) break;
  }
  sys.shmdt(segment);
  return 0;
}
