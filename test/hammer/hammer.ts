/**
 * Real workers at work on the same objects, bounded by counts. Run by Node and by a page, so only
 * asynchronous calls wait here. What must hold: every process ends by itself (no wakeup is lost),
 * sums are conserved (no update is lost), nothing is left.
 */
import {
  GETVAL,
  IPC_CREAT,
  IPC_PRIVATE,
  IPC_RMID,
  type Machine,
  MSG_INFO,
  SEM_INFO,
  SETALL,
  SHM_INFO,
} from "../../runtime/index.ts";
import { random } from "./random.ts";

const MODE = IPC_CREAT | 0o600;

export interface Hammer {
  machine: Machine;
  /** The module program.ts, as spawn takes it. */
  program: string;
  seed: number;
  /** Rounds of one process. */
  rounds: number;
}

/** Starts a process a list of ids, and waits for all; each must end with status 0. */
async function together(
  { machine, program, seed }: Hammer,
  role: string,
  rounds: number,
  each: readonly (readonly number[])[],
): Promise<void> {
  const children = await Promise.all(
    each.map((ids, index) =>
      machine.spawn(program, [role, seed + index, rounds, ...ids].map(String)),
    ),
  );
  const ends = await Promise.all(children.map((child) => child.wait()));
  const failed = ends.filter(({ code }) => code !== 0);
  if (failed.length > 0) throw new Error(`${role}: ${JSON.stringify(failed)}`);
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** @returns the counter, which must be what three processes have counted. */
export async function counter(hammer: Hammer): Promise<[number, number]> {
  const { sys } = hammer.machine;
  const set = sys.semget(IPC_PRIVATE, 2, MODE);
  const segment = sys.shmget(IPC_PRIVATE, 4096, MODE);
  sys.semop(set, [{ sem_num: 0, sem_op: 1 }]);
  // Enough that the processes overlap: one of them needs 50 ns a round when it is alone.
  const rounds = 50 * hammer.rounds;
  await together(
    hammer,
    "count",
    rounds,
    times(3, () => [set, segment]),
  );
  const attachment = sys.shmat(segment);
  const total = new Int32Array(attachment.bytes.buffer, attachment.bytes.byteOffset, 1)[0]!;
  sys.shmdt(attachment);
  sys.shmctl(segment, IPC_RMID);
  sys.semctl(set, 0, IPC_RMID);
  return [total, 3 * rounds];
}

export async function philosophers(hammer: Hammer): Promise<void> {
  const { sys } = hammer.machine;
  const set = sys.semget(IPC_PRIVATE, 4, MODE);
  const segment = sys.shmget(IPC_PRIVATE, 4096, MODE);
  sys.semctl(set, 0, SETALL, [1, 1, 1, 1]);
  await together(
    hammer,
    "dine",
    20 * hammer.rounds,
    times(4, (seat) => [set, segment, 4, seat]),
  );
  sys.shmctl(segment, IPC_RMID);
  sys.semctl(set, 0, IPC_RMID);
}

export async function barrier(hammer: Hammer): Promise<void> {
  const { sys } = hammer.machine;
  const set = sys.semget(IPC_PRIVATE, 3, MODE);
  const segment = sys.shmget(IPC_PRIVATE, 4096, MODE);
  sys.semctl(set, 0, SETALL, [3, 3, 3]);
  const rounds = hammer.rounds;
  await together(
    hammer,
    "gather",
    rounds,
    times(3, (member) => [set, segment, 3, member]),
  );
  sys.shmctl(segment, IPC_RMID);
  sys.semctl(set, 0, IPC_RMID);
}

/** @returns the sum that two consumers took, and the sum that two producers sent. */
export async function messages(hammer: Hammer): Promise<[number, number]> {
  const { sys } = hammer.machine;
  const queue = sys.msgget(IPC_PRIVATE, MODE);
  const reports = sys.msgget(IPC_PRIVATE, MODE);
  const rounds = 5 * hammer.rounds;
  await Promise.all([
    together(
      hammer,
      "produce",
      rounds,
      times(2, () => [queue]),
    ),
    together(
      hammer,
      "consume",
      rounds,
      times(2, () => [queue, reports]),
    ),
  ]);
  const report = { mtype: 0, mtext: new Uint8Array(8) };
  let sum = 0;
  for (let index = 0; index < 2; index += 1) {
    await sys.async.msgrcv(reports, report, 8);
    sum += new DataView(report.mtext.buffer).getFloat64(0);
  }
  sys.msgctl(queue, IPC_RMID);
  sys.msgctl(reports, IPC_RMID);
  return [sum, rounds * (rounds - 1)];
}

export async function segments(hammer: Hammer): Promise<void> {
  const rounds = Math.ceil(hammer.rounds / 20);
  await together(
    hammer,
    "allocate",
    rounds,
    times(3, (index) => [index + 1]),
  );
}

/** Twins that are aborted while others post: what was taken and what is left is what was posted. */
export async function aborts({ machine: { sys }, seed, rounds }: Hammer): Promise<number[]> {
  const next = random(seed);
  const set = sys.semget(IPC_PRIVATE, 1, MODE);
  const posts = Math.ceil(rounds / 20);
  let taken = 0;
  for (let post = 0; post < posts; post += 1) {
    const controllers = times(3, () => new AbortController());
    const waits = controllers.map(({ signal }) =>
      sys.async.semop(set, [{ sem_num: 0, sem_op: -1 }], { signal }),
    );
    const settled = Promise.allSettled(waits);
    const order: (() => void)[] = [() => sys.semop(set, [{ sem_num: 0, sem_op: 1 }])];
    for (const controller of controllers) {
      order.splice(next(order.length + 1), 0, () => controller.abort());
    }
    for (const act of order) {
      act();
      if (next(2) === 0) await Promise.resolve();
    }
    taken += (await settled).filter(({ status }) => status === "fulfilled").length;
  }
  const left = sys.semctl(set, 0, GETVAL);
  sys.semctl(set, 0, IPC_RMID);
  return [taken + left, posts];
}

/** Objects that are left, of each kind. */
export function leftovers({ machine: { sys } }: Hammer): number[] {
  return [
    sys.shmctl(0, SHM_INFO).used_ids,
    sys.semctl(0, 0, SEM_INFO).semusz,
    sys.msgctl(0, MSG_INFO).msgpool,
  ];
}

/** Everything once. @returns what does not add up; nothing when all is well. */
export async function hammer(options: Hammer): Promise<string[]> {
  const wrong: string[] = [];
  const compare = (name: string, got: unknown, wanted: unknown): void => {
    const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (left !== right) wrong.push(`${name}: ${left} instead of ${right}`);
  };
  const [total, counts] = await counter(options);
  compare("counter", total, counts);
  await philosophers(options);
  await barrier(options);
  const [received, sent] = await messages(options);
  compare("sum of the messages", received, sent);
  await segments(options);
  const [kept, posted] = await aborts(options);
  compare("posts taken and left", kept, posted);
  compare("objects left", leftovers(options), [0, 0, 0]);
  return wrong;
}
