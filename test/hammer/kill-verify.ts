/** What must hold when a round is over: nobody lives but this process, and nothing was lost. */
import { LIMIT_TASK_MAX, SB_LIMITS } from "../../assembly/abi/layout.ts";
import {
  GETALL,
  GETNCNT,
  GETZCNT,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  type Machine,
  MSG_INFO,
  MSG_STAT,
  SEM_INFO,
  SEM_STAT,
  SHM_INFO,
  SHM_STAT,
  type Syscalls,
} from "../../runtime/index.ts";
import type { TestKernel } from "../support/machine.ts";
import {
  ANSWER,
  type Arena,
  ASKING,
  FIRST,
  INTENDED,
  LEFT,
  LOG,
  MUTEX_PAIR,
  NEXT_MESSAGE,
  PAIR,
  RECEIVING,
  REQUEST,
  RIGHT,
  SENT,
} from "./kill-arena.ts";
import { prepareFolder, verifyFiles } from "./kill-files.ts";
import { drain } from "./kill-records.ts";
import { succeeds } from "./kill-steps.ts";

type Wrong = (text: string) => void;

/** Values come back: by SEM_UNDO, or because a call moves all of its units or none. */
function verifySet(sys: Syscalls, arena: Arena, processes: number, wrong: Wrong): void {
  const { set } = arena.ids;
  const values = Array.from(sys.semctl(set, 0, GETALL));
  const wanted = [...FIRST];
  wanted[LEFT] = values[LEFT]!;
  wanted[RIGHT] = FIRST[LEFT]! - values[LEFT]!;
  // Answers that nobody took belong to those who died before they could, and to the last request.
  const asking = arena.countSet(ASKING, processes);
  const open = values[REQUEST]! + values[ANSWER]!;
  if (values[REQUEST]! <= 1 && open <= asking + 1) {
    wanted[REQUEST] = values[REQUEST]!;
    wanted[ANSWER] = values[ANSWER]!;
  }
  if (String(values) !== String(wanted)) {
    wrong(`semaphores are ${values} instead of ${wanted}; ${asking} died while they asked`);
  }
  for (let num = 0; num < FIRST.length; num += 1) {
    const waiting = sys.semctl(set, num, GETNCNT) + sys.semctl(set, num, GETZCNT);
    if (waiting !== 0) wrong(`${waiting} wait at semaphore ${num}, and nobody lives`);
  }
}

function verifyMutex(sys: Syscalls, { mutex, words }: Arena, wrong: Wrong): void {
  let taken: number;
  try {
    taken = sys.pthread_mutex_trylock(mutex);
  } catch (error) {
    wrong(`nobody lives, and the mutex cannot be taken: ${error}`);
    return;
  }
  const [first, second] = [words[MUTEX_PAIR]!, words[MUTEX_PAIR + 1]!];
  if (taken === 0 && first + second !== 0) wrong(`the mutex's pair is ${first}, ${second}`);
  sys.pthread_mutex_unlock(mutex);
}

function verifyPair({ words }: Arena, wrong: Wrong): void {
  const at = words[LOG] === 0 ? PAIR : LOG + 1;
  const [first, second] = [words[at]!, words[at + 1]!];
  if (first + second !== 0) wrong(`the pair is ${first}, ${second}`);
}

/** Each message and each record was received once at most, and those that are not there were lost with a receiver. */
function verifyMessages(sys: Syscalls, arena: Arena, processes: number, wrong: Wrong): void {
  const { said, received, words } = arena;
  const message = { mtype: 0, mtext: new Uint8Array(600) };
  const take = () => sys.msgrcv(arena.ids.queue, message, 600, 0, IPC_NOWAIT);
  while (succeeds(["ENOMSG"], take)) {
    const id = new DataView(message.mtext.buffer).getInt32(0);
    received[id] = received[id]! + 1;
    if (received[id] !== 1) wrong(`message ${id} was received and is there`);
  }
  drain(sys, arena, wrong);
  verifyFiles(sys, arena, wrong);
  let lost = 0;
  for (let id = 0; id < words[NEXT_MESSAGE]!; id += 1) {
    if (received[id]! > 0 && said[id]! < INTENDED) wrong(`message ${id} was never sent`);
    if (said[id] === SENT && received[id] === 0) lost += 1;
  }
  const receiving = arena.countSet(RECEIVING, processes);
  if (lost > receiving) wrong(`${lost} messages are lost, ${receiving} receivers died`);
}

/** Removes the round's objects, and those that the dead had no time to remove. */
function removeAll(sys: Syscalls, arena: Arena, wrong: Wrong): void {
  for (let index = sys.shmctl(0, SHM_INFO).index; index >= 0; index -= 1) {
    succeeds(["EINVAL"], () => {
      const { id, shm_nattch } = sys.shmctl(index, SHM_STAT);
      const mine = id === arena.ids.segment ? 1 : 0;
      if (shm_nattch !== mine) wrong(`segment ${id} is attached ${shm_nattch} times by the dead`);
      sys.shmctl(id, IPC_RMID);
    });
  }
  for (let index = sys.semctl(0, 0, SEM_INFO).index; index >= 0; index -= 1) {
    succeeds(["EINVAL"], () => sys.semctl(sys.semctl(index, 0, SEM_STAT).id, 0, IPC_RMID));
  }
  for (let index = sys.msgctl(0, MSG_INFO).index; index >= 0; index -= 1) {
    succeeds(["EINVAL"], () => sys.msgctl(sys.msgctl(index, MSG_STAT).id, IPC_RMID));
  }
}

/** Tables and totals, as ipcs shows them. */
function verifyTables(sys: Syscalls, wrong: Wrong): void {
  const { used_ids, shm_tot } = sys.shmctl(0, SHM_INFO);
  const { semusz, semaem } = sys.semctl(0, 0, SEM_INFO);
  const { msgpool, msgmap, msgtql } = sys.msgctl(0, MSG_INFO);
  const left = { used_ids, shm_tot, semusz, semaem, msgpool, msgmap, msgtql };
  if (Object.values(left).some((count) => count !== 0)) {
    wrong(`left in the tables: ${JSON.stringify(left)}`);
  }
}

/** The threads that have tasks, and how many each has. */
export function threadsOf(machine: Machine, kernel: TestKernel): Map<number, number> {
  const words = new Int32Array(machine.handle.memory.buffer);
  const threads = new Map<number, number>();
  for (let task = words[(SB_LIMITS >> 2) + LIMIT_TASK_MAX]!; task > 0; task -= 1) {
    const serial = kernel.task_serial(task);
    if (serial >= 0) threads.set(serial, (threads.get(serial) ?? 0) + 1);
  }
  return threads;
}

/** Room is looked for in steps of so many bytes. */
const ROOM_STEP = 64 * 1024;

/**
 * Bytes of the largest segment that there is room for. Asked before anything else was allocated, the
 * largest first: frames that were used once, and those that never were, do not make one segment.
 */
export function roomFor({ sys, handle }: Machine): number {
  prepareFolder(sys);
  let size = handle.memory.buffer.byteLength;
  const make = () => {
    sys.shmctl(sys.shmget(IPC_PRIVATE, size, 0o600), IPC_RMID);
  };
  while (!succeeds(["ENOMEM", "EINVAL", "ENOSPC"], make)) size -= ROOM_STEP;
  return size;
}

/** All of it; leaves no object behind. */
export function verify(sys: Syscalls, arena: Arena, processes: number, wrong: Wrong): void {
  for (const text of arena.reports()) wrong(text);
  verifySet(sys, arena, processes, wrong);
  verifyPair(arena, wrong);
  verifyMutex(sys, arena, wrong);
  verifyMessages(sys, arena, processes, wrong);
  removeAll(sys, arena, wrong);
  arena.leave(sys);
  verifyTables(sys, wrong);
}
