/**
 * The processes of races.ts: `main(sys, [self, role, seed, rounds, index, ...ids])`. The result of a
 * role goes to word `index` of the segment, the last of its ids.
 */
import {
  IPC_CREAT,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  SEM_UNDO,
  SETALL,
  type Syscalls,
  SystemError,
} from "../../runtime/index.ts";
import { type Random, random } from "./random.ts";

interface Job {
  readonly sys: Syscalls;
  readonly next: Random;
  readonly rounds: number;
  readonly index: number;
  readonly ids: readonly number[];
}

type Role = (job: Job) => number | Promise<number>;

const op = (sem_num: number, sem_op: number, sem_flg = 0) => ({ sem_num, sem_op, sem_flg });

/** Whether the call succeeded, or failed with one of these codes. */
function succeeds(codes: readonly string[], call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (!(error instanceof SystemError) || !codes.includes(error.code)) throw error;
    return false;
  }
}

const microseconds = (count: number) => ({ tv_sec: 0, tv_nsec: 1000 * count });

/** What one process may have added to semaphore 0, or taken away: nobody ever waits. */
const ADDED_MOST = 3000;

/**
 * Changes semaphore 0 by the kernel's fast path and by its general one, in turn. With SEM_UNDO the
 * change is taken back by another call.
 */
const add: Role = ({ sys, next, rounds, ids }) => {
  const set = ids[0]!;
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) {
    const up = Math.abs(sum) < ADDED_MOST ? next(2) === 0 : sum < 0;
    const change = up ? 1 : -1;
    const flag = [0, IPC_NOWAIT, SEM_UNDO][next(3)]!;
    const one = op(0, change, flag);
    sys.semop(set, next(2) === 0 ? [one] : [one, op(1, 0)]);
    if (flag === SEM_UNDO) sys.semop(set, [op(0, -change, SEM_UNDO)]);
    else sum += change;
  }
  return sum;
};

/** Sets and queues under keys that all use and remove; who is asleep then is told so. */
const remove: Role = ({ sys, next, rounds }) => {
  const gone = ["EINVAL", "EIDRM", "ENOENT"];
  let removed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const key = 100 + next(3);
    if (next(2) === 0) succeeds(gone, () => useSet(sys, next, key));
    else succeeds(gone, () => useQueue(sys, next, key));
    removed += 1;
  }
  return removed;
};

function useSet(sys: Syscalls, next: Random, key: number): void {
  const set = sys.semget(key, 2, IPC_CREAT | 0o666);
  const flag = next(2) === 0 ? 0 : SEM_UNDO;
  sys.semop(set, [op(0, 1, flag)]);
  const act = next(4);
  if (act === 0) sys.semctl(set, 0, IPC_RMID);
  else if (act === 1) sys.semctl(set, 0, SETALL, [next(9), next(9)]);
  else if (act === 2) sys.semop(set, [op(0, -1, flag), op(1, 1, flag)]);
  else {
    succeeds(["EAGAIN"], () => sys.semtimedop(set, [op(1, -1, flag)], microseconds(next(50))));
  }
}

function useQueue(sys: Syscalls, next: Random, key: number): void {
  const queue = sys.msgget(key, IPC_CREAT | 0o666);
  const message = { mtype: 1 + next(3), mtext: new Uint8Array(300) };
  const act = next(4);
  if (act === 0) sys.msgctl(queue, IPC_RMID);
  else if (act === 1) succeeds(["EAGAIN"], () => sys.msgsnd(queue, message, 100, IPC_NOWAIT));
  else if (act === 2) succeeds(["ENOMSG"], () => sys.msgrcv(queue, message, 300, 0, IPC_NOWAIT));
  else {
    // Others may take it first; then this sleeps until a message comes or the queue goes.
    succeeds(["EAGAIN"], () => sys.msgsnd(queue, message, next(300), IPC_NOWAIT));
    sys.msgrcv(queue, message, 300);
  }
}

/** Takes units by asynchronous calls, six at a time, whose abort races the wake. */
const take: Role = async ({ sys, next, rounds, ids }) => {
  let taken = 0;
  const one = async () => {
    const controller = new AbortController();
    const call = sys.async.semop(ids[0]!, [op(0, -1)], { signal: controller.signal });
    for (let turn = next(4); turn > 0; turn -= 1) await Promise.resolve();
    if (next(2) === 0) queueMicrotask(() => controller.abort());
    else setTimeout(() => controller.abort(), next(3));
    await call.then(
      () => {
        taken += 1;
      },
      (error: Error) => {
        if (error.name !== "AbortError") throw error;
      },
    );
  };
  for (let round = 0; round < rounds; round += 6) {
    await Promise.all([one(), one(), one(), one(), one(), one()]);
  }
  return taken;
};

/** Gives units by blocking calls, and takes some back with a timeout that races the takers. */
const give: Role = ({ sys, next, rounds, ids }) => {
  let given = 0;
  for (let round = 0; round < rounds; round += 1) {
    const units = 1 + next(3);
    sys.semop(ids[0]!, [op(0, units)]);
    given += units;
    if (next(2) === 0) continue;
    const back = () => sys.semtimedop(ids[0]!, [op(0, -1)], microseconds(next(30)));
    if (succeeds(["EAGAIN"], back)) given -= 1;
  }
  return -given;
};

/** Rings semaphore 1 once, then holds the mutex and marked segments again and again until killed. */
const mortal: Role = async ({ sys, ids }) => {
  const [set, segment] = [ids[0]!, ids.at(-1)!];
  sys.semop(set, [op(1, 1)]);
  for (;;) {
    sys.semop(set, [op(0, -1, SEM_UNDO)]);
    sys.semop(set, [op(0, 1, SEM_UNDO)]);
    const own = sys.shmget(IPC_PRIVATE, 4096, 0o600);
    const attachment = sys.shmat(own);
    sys.shmctl(own, IPC_RMID);
    sys.shmdt(sys.shmat(segment));
    sys.semop(set, [op(0, -1, SEM_UNDO), op(0, 1, SEM_UNDO)]);
    // The locks of an asynchronous call's own task must be freed as well.
    const waiting = sys.async.semop(set, [op(0, -1, SEM_UNDO)]);
    sys.shmdt(attachment);
    await waiting;
    sys.semop(set, [op(0, 1, SEM_UNDO)]);
  }
};

const ROLES: Record<string, Role> = { add, remove, take, give, mortal };

export async function main(sys: Syscalls, argv: string[]): Promise<number> {
  const [, role, seed, rounds, index, ...rest] = argv;
  const ids = rest.map(Number);
  const { bytes } = sys.shmat(ids.at(-1)!);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  const next = random(Number(seed) + 7919 * Number(index));
  const job = { sys, next, rounds: Number(rounds), index: Number(index), ids };
  words[job.index] = await ROLES[role!]!(job);
  return 0;
}
