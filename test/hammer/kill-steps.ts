/**
 * The work of the kill hammer, in steps that any process may take at any time and die in. Each keeps
 * what it can be asked about afterwards: values come back, the pair matches, messages are counted.
 */
import {
  IPC_NOWAIT,
  SEM_UNDO,
  type Sembuf,
  SIGKILL,
  SIGUSR1,
  type Syscalls,
  SystemError,
} from "../../runtime/index.ts";
import {
  ANSWER,
  type Arena,
  ASKING,
  ATTACHED_LANES,
  GATE,
  LANES_MOST,
  LEFT,
  NEVER,
  RECEIVING,
  REQUEST,
  RIGHT,
  SENT,
  TOKENS_A,
  TOKENS_B,
} from "./kill-arena.ts";
import type { Random } from "./random.ts";

/** A process at work. */
export interface Job {
  readonly sys: Syscalls;
  readonly arena: Arena;
  readonly next: Random;
  /** Its record in the arena. */
  readonly number: number;
  /** Called in the middle of things: the moment for a process that ends itself. */
  readonly middle: () => void;
}

export type Step = (job: Job) => void | Promise<void>;

export const op = (sem_num: number, sem_op: number, sem_flg = SEM_UNDO): Sembuf => ({
  sem_num,
  sem_op,
  sem_flg,
});

export const micros = (count: number) => ({ tv_sec: 0, tv_nsec: 1000 * count });

/** Whether the call succeeded, or failed with one of these codes. */
export function succeeds(codes: readonly string[], call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (!(error instanceof SystemError) || !codes.includes(error.code)) throw error;
    return false;
  }
}

/** Whether the process has not been ended by a signal: an attached thread runs on, and is refused. */
export function isAlive(sys: Syscalls): boolean {
  return succeeds(["EINTR", "ECANCELED"], () => sys.kill(sys.getpid(), 0));
}

/** The call, again after every signal handler. */
export function again<T>({ sys }: Job, call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof SystemError) || error.code !== "EINTR") throw error;
      if (!isAlive(sys)) throw error;
    }
  }
}

export const semop = (job: Job, ...ops: Sembuf[]) =>
  again(job, () => job.sys.semop(job.arena.ids.set, ops));

/** Some work, so that a death in the middle is likely. */
export function dawdle({ next }: Job): void {
  for (let turn = next(400); turn > 0; turn -= 1) Math.imul(turn, turn);
}

/** Tokens of two kinds, one or both by one call, held for a while. */
const tokens: Step = (job) => {
  const both = [TOKENS_A, TOKENS_B];
  const kinds = [both, both, [TOKENS_A], [TOKENS_B]][job.next(4)]!;
  semop(job, ...kinds.map((kind) => op(kind, -1)));
  dawdle(job);
  job.middle();
  semop(job, ...kinds.map((kind) => op(kind, 1)));
};

/** Units that go from one semaphore to another by one call, and are the same number on the way. */
const move: Step = (job) => {
  const [from, to] = job.next(2) === 0 ? [LEFT, RIGHT] : [RIGHT, LEFT];
  const ops = [op(from, -1, IPC_NOWAIT), op(to, 1, 0)];
  succeeds(["EAGAIN"], () => semop(job, ...ops));
};

/** A gate that is shut while somebody is in it; others wait until it is at zero. */
const gate: Step = (job) => {
  if (job.next(2) === 0) {
    semop(job, op(GATE, 1));
    job.middle();
    semop(job, op(GATE, -1));
  } else {
    const { sys, arena } = job;
    const ops = [op(GATE, 0, 0)];
    succeeds(["EAGAIN", "EINTR"], () => sys.semtimedop(arena.ids.set, ops, micros(300)));
  }
};

/** Asks the server, which always answers. */
const ask: Step = (job) => {
  const { arena, number } = job;
  arena.put(number, ASKING, 1);
  semop(job, op(REQUEST, 1, 0));
  job.middle();
  semop(job, op(ANSWER, -1, 0));
  arena.put(number, ASKING, 0);
};

/** Answers one request, by one call: what is asked and what is answered never differ by more. */
const serve: Step = (job) => {
  semop(job, op(REQUEST, -1, 0), op(ANSWER, 1, 0));
};

/** A token by an asynchronous call that is given up after a moment, unless it comes first. */
const twin: Step = async (job) => {
  const { sys, arena, next } = job;
  const controller = new AbortController();
  const one = [op(TOKENS_A, -1), op(TOKENS_B, -1)];
  const taken = sys.async.semop(arena.ids.set, one, { signal: controller.signal });
  if (next(2) === 0) setTimeout(() => controller.abort(), next(3));
  else queueMicrotask(() => controller.abort());
  try {
    await taken;
  } catch (error) {
    if (error instanceof SystemError && error.code === "EINTR") return;
    if ((error as Error).name !== "AbortError") throw error;
    return;
  }
  job.middle();
  semop(job, op(TOKENS_A, 1), op(TOKENS_B, 1));
};

const TEXT_MOST = 600;

/** A message with an id of its own, and bytes that say whose they are. */
const send: Step = (job) => {
  const { sys, arena, next } = job;
  const id = arena.nextMessage();
  const mtext = new Uint8Array(4 + next(TEXT_MOST - 4)).fill(id & 0xff);
  new DataView(mtext.buffer).setInt32(0, id);
  again(job, () => sys.msgsnd(arena.ids.queue, { mtype: 1 + next(3), mtext }, mtext.length));
  Atomics.store(arena.said, id, SENT);
};

/** The next message of these types, counted. */
function receiveOf(job: Job, types: number): void {
  const { sys, arena, number } = job;
  const message = { mtype: 0, mtext: new Uint8Array(TEXT_MOST) };
  arena.put(number, RECEIVING, 1);
  const size = again(job, () => sys.msgrcv(arena.ids.queue, message, TEXT_MOST, types));
  const id = new DataView(message.mtext.buffer).getInt32(0);
  const times = Atomics.add(arena.received, id, 1);
  arena.put(number, RECEIVING, 0);
  if (times !== 0) throw new Error(`message ${id} was received ${times + 1} times`);
  const wrong = message.mtext.subarray(4, size).findIndex((byte) => byte !== (id & 0xff));
  if (wrong >= 0) throw new Error(`byte ${4 + wrong} of message ${id} is wrong`);
}

const receive: Step = (job) => receiveOf(job, [0, -3][job.next(2)]!);

/** Waits while the queue is full of others: for those who will be killed, not for survivors. */
const select: Step = (job) => receiveOf(job, [1, 2, -2][job.next(3)]!);

/**
 * A signal to somebody, now and then one that ends it. It ends no attached process: its thread would
 * run on in the middle of what it held.
 */
const signal: Step = ({ sys, arena, next }) => {
  const lane = next(LANES_MOST);
  const pid = arena.pidAt(lane);
  const sig = next(20) === 0 && lane < ATTACHED_LANES ? SIGKILL : SIGUSR1;
  if (pid > 0) succeeds(["ESRCH"], () => sys.kill(pid, sig));
};

/** Waits for nothing but time. */
const nap: Step = ({ sys, arena, next }) => {
  const ops = [op(NEVER, -1, 0)];
  succeeds(["EAGAIN", "EINTR"], () => sys.semtimedop(arena.ids.set, ops, micros(next(1500))));
};

export const SHARED_STEPS = {
  tokens,
  move,
  gate,
  ask,
  serve,
  twin,
  send,
  receive,
  select,
  signal,
  nap,
};
