/**
 * Calls that race one another: the fast path of semop against the general one, a removal against
 * those who use the object, an abort or a timeout against the wake, a kill against everything. As in
 * hammer.ts only asynchronous calls wait here, and sums say whether anything was lost.
 */
import {
  GETALL,
  IPC_CREAT,
  IPC_PRIVATE,
  IPC_RMID,
  type Machine,
  SETALL,
  SHM_INFO,
  SHM_STAT,
  SIGKILL,
  SystemError,
} from "../../runtime/index.ts";
import { random } from "./random.ts";

const MODE = IPC_CREAT | 0o666;

export interface Race {
  machine: Machine;
  /** The module races-program.ts, as spawn takes it. */
  program: string;
  seed: number;
  rounds: number;
  /** Processes side by side. */
  width: number;
}

/** What a race has left: the sum of what the processes report, and the set's values. */
interface Outcome {
  sum: number;
  values: number[];
}

function start(race: Race, role: string, rounds: number, index: number, ids: readonly number[]) {
  const numbers = [race.seed, Math.ceil(rounds), index, ...ids];
  return race.machine.spawn(race.program, [role, ...numbers.map(String)]);
}

/** Runs a process a role on one set and one segment, until all have ended with status 0. */
async function run(race: Race, roles: readonly (readonly [string, number])[], first: number[]) {
  const { sys } = race.machine;
  const set = sys.semget(IPC_PRIVATE, first.length, MODE);
  sys.semctl(set, 0, SETALL, first);
  const segment = sys.shmget(IPC_PRIVATE, 4096, MODE);
  const children = await Promise.all(
    roles.map(([role, rounds], index) => start(race, role, rounds, index, [set, segment])),
  );
  const ends = await Promise.all(children.map((child) => child.wait()));
  const failed = ends.filter(({ code }) => code !== 0);
  if (failed.length > 0) throw new Error(`${roles[0]![0]}: ${JSON.stringify(failed)}`);
  const attachment = sys.shmat(segment);
  const words = new Int32Array(attachment.bytes.buffer, attachment.bytes.byteOffset, roles.length);
  const outcome: Outcome = {
    sum: words.reduce((total, word) => total + word, 0),
    values: Array.from(sys.semctl(set, 0, GETALL)),
  };
  sys.shmdt(attachment);
  sys.shmctl(segment, IPC_RMID);
  sys.semctl(set, 0, IPC_RMID);
  return outcome;
}

const each = (race: Race, role: (index: number) => readonly [string, number]) =>
  Array.from({ length: race.width }, (_, index) => role(index));

/** @returns the semaphores after additions by both paths, and what they must be. */
export async function paths(race: Race): Promise<[number[], number[]]> {
  const { sum, values } = await run(
    race,
    each(race, () => ["add", 50 * race.rounds]),
    [16_000, 0],
  );
  return [values, [16_000 + sum, 0]];
}

/** Objects vanish under their users; those left are removed. Ends if nobody was forgotten. */
export async function removals(race: Race): Promise<void> {
  const { sys } = race.machine;
  const keys = [100, 101, 102];
  // Who sleeps in msgrcv when all others are done is woken by this one's removals.
  let done = false;
  const running = run(
    race,
    each(race, () => ["remove", 2 * race.rounds]),
    [0],
  ).finally(() => {
    done = true;
  });
  const forgetQueues = () => {
    for (const key of keys) ifThere(() => sys.msgctl(sys.msgget(key, MODE), IPC_RMID));
  };
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    forgetQueues();
  }
  await running;
  for (const key of keys) sys.semctl(sys.semget(key, 1, MODE), 0, IPC_RMID);
}

/** @returns the units that are left, and those that must be: given by some, not got by others. */
export async function aborts(race: Race): Promise<[number[], number[]]> {
  const roles = each(race, (index) =>
    index % 2 === 0 ? ["take", race.rounds] : ["give", race.rounds / 2],
  );
  const { sum, values } = await run(race, roles, [0]);
  return [values, [0 - sum]];
}

/** Processes are killed wherever they are. @returns what the mutex was after each pair of deaths. */
export async function kills(race: Race, times: number): Promise<number[]> {
  const { sys } = race.machine;
  const next = random(race.seed);
  const set = sys.semget(IPC_PRIVATE, 2, MODE);
  sys.semctl(set, 0, SETALL, [1, 0]);
  const segment = sys.shmget(IPC_PRIVATE, 4096, MODE);
  const mutex: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const children = [
      await start(race, "mortal", 0, 0, [set, segment]),
      await start(race, "mortal", 0, 1, [set, segment]),
    ];
    await sys.async.semop(set, [{ sem_num: 1, sem_op: -2 }]);
    const pause = next(6);
    await new Promise((resolve) => setTimeout(resolve, pause));
    for (const child of children) child.kill(SIGKILL);
    const ends = await Promise.all(children.map((child) => child.wait()));
    if (ends.some(({ signal }) => signal !== SIGKILL)) throw new Error(JSON.stringify(ends));
    mutex.push(sys.semctl(set, 0, GETALL)[0]!);
  }
  sys.semctl(set, 0, IPC_RMID);
  removeUnattached(sys);
  return mutex;
}

/** A process that is killed before it could mark its segment leaves it behind, but not attached. */
function removeUnattached(sys: Machine["sys"]): void {
  for (let index = sys.shmctl(0, SHM_INFO).index; index >= 0; index -= 1) {
    ifThere(() => {
      const { id, shm_nattch } = sys.shmctl(index, SHM_STAT);
      if (shm_nattch !== 0) throw new Error(`segment ${id} is attached by the dead`);
      sys.shmctl(id, IPC_RMID);
    });
  }
}

/** A call on an object that may be gone: EINVAL says so. */
function ifThere(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== "EINVAL") throw error;
  }
}
