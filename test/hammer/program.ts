/**
 * The processes of the hammer: `main(sys, [self, role, seed, rounds, ...ids])`. A role that finds
 * something wrong throws, so its process ends with status 1 and its stack on standard error.
 */
import {
  IPC_CREAT,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  SEM_UNDO,
  SETVAL,
  type Syscalls,
  SystemError,
} from "../../runtime/index.ts";
import { type Random, random } from "./random.ts";

type Role = (sys: Syscalls, next: Random, rounds: number, ids: number[]) => void;

const op = (sem_num: number, sem_op: number, sem_flg = SEM_UNDO) => ({ sem_num, sem_op, sem_flg });

/** Takes semaphore 0 in one of the ways that there are: at once, by trying, or with a timeout. */
function lock(sys: Syscalls, semid: number, next: Random): void {
  const way = next(4);
  if (way === 0) return void sys.semop(semid, [op(0, -1)]);
  if (way === 1) return void sys.semop(semid, [op(0, -1), op(1, 1, 0), op(1, -1, 0)]);
  for (;;) {
    try {
      if (way === 2) sys.semop(semid, [op(0, -1, SEM_UNDO | IPC_NOWAIT)]);
      else sys.semtimedop(semid, [op(0, -1)], { tv_sec: 0, tv_nsec: 200_000 });
      return;
    } catch (error) {
      if (!(error instanceof SystemError) || error.code !== "EAGAIN") throw error;
    }
  }
}

/** A counter that is not atomic, guarded by a semaphore: no update may be lost. */
const count: Role = (sys, next, rounds, [semid, shmid]) => {
  const { bytes } = sys.shmat(shmid!);
  const cell = new Int32Array(bytes.buffer, bytes.byteOffset, 1);
  for (let round = 0; round < rounds; round += 1) {
    lock(sys, semid!, next);
    cell[0] = cell[0]! + 1;
    sys.semop(semid!, [op(0, 1)]);
  }
};

/** Philosophers: two semaphores by one call, or none; each fork has one holder. */
const dine: Role = (sys, next, rounds, [semid, shmid, seats, seat]) => {
  const { bytes } = sys.shmat(shmid!);
  const left = seat!;
  const right = (seat! + 1) % seats!;
  for (let round = 0; round < rounds; round += 1) {
    const forks = next(2) === 0 ? [left, right] : [right, left];
    sys.semop(semid!, [op(forks[0]!, -1), op(forks[1]!, -1)]);
    for (const fork of forks) {
      if (bytes[fork] !== 0) throw new Error(`fork ${fork} is in use`);
      bytes[fork] = 1;
    }
    for (const fork of forks) bytes[fork] = 0;
    sys.semop(semid!, [op(forks[0]!, 1), op(forks[1]!, 1)]);
  }
};

/** Gates that all must reach before any goes on: everybody hears of the zero, however brief. */
const gather: Role = (sys, _next, rounds, [semid, shmid, members, member]) => {
  const { bytes } = sys.shmat(shmid!);
  const cells = new Int32Array(bytes.buffer, bytes.byteOffset, members!);
  for (let round = 0; round < rounds; round += 1) {
    cells[member!] = round + 1;
    sys.semop(semid!, [op(round % 3, -1, 0)]);
    sys.semop(semid!, [op(round % 3, 0, 0)]);
    for (const cell of cells) {
      if (cell <= round) throw new Error(`round ${round + 1}: a member is in ${cell}`);
    }
    // All are past the gate before this one, and none is at it again before this process is.
    if (member === 0) sys.semctl(semid!, (round + 2) % 3, SETVAL, members!);
  }
};

/** Messages of every length and type; the value goes in the first four bytes. */
const produce: Role = (sys, next, rounds, [msqid]) => {
  const mtext = new Uint8Array(600);
  const view = new DataView(mtext.buffer);
  for (let round = 0; round < rounds; round += 1) {
    const size = 4 + next(596);
    view.setInt32(0, round);
    mtext.fill(round & 0xff, 4, size);
    sys.msgsnd(msqid!, { mtype: 1 + next(3), mtext }, size);
  }
};

/** Takes as many as it is told to, each way, and reports the sum in a message of type 1. */
const consume: Role = (sys, next, rounds, [msqid, reports]) => {
  const message = { mtype: 0, mtext: new Uint8Array(600) };
  const view = new DataView(message.mtext.buffer);
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) {
    const size = sys.msgrcv(msqid!, message, 600, next(2) === 0 ? 0 : -3);
    const value = view.getInt32(0);
    sum += value;
    for (let at = 4; at < size; at += 1) {
      if (message.mtext[at] !== (value & 0xff)) throw new Error(`byte ${at} of ${size} is wrong`);
    }
  }
  const report = new Uint8Array(8);
  new DataView(report.buffer).setFloat64(0, sum);
  sys.msgsnd(reports!, { mtype: 1, mtext: report }, 8);
};

/** Segments of every size come zeroed, are nobody else's, and go. */
const allocate: Role = (sys, next, rounds, [mark]) => {
  const held: { shmid: number; attachment: ReturnType<Syscalls["shmat"]> }[] = [];
  const drop = (index: number): void => {
    const [{ shmid, attachment }] = held.splice(index, 1) as [(typeof held)[0]];
    if (attachment.bytes.some((byte) => byte !== mark)) throw new Error("foreign bytes");
    sys.shmdt(attachment);
    sys.shmctl(shmid, IPC_RMID);
  };
  for (let round = 0; round < rounds; round += 1) {
    if (held.length > 5) drop(next(held.length));
    const shmid = sys.shmget(IPC_PRIVATE, 1 + next(40_000), IPC_CREAT | 0o600);
    const attachment = sys.shmat(shmid);
    if (attachment.bytes.some((byte) => byte !== 0)) throw new Error("a new segment is not zero");
    attachment.bytes.fill(mark!);
    held.push({ shmid, attachment });
  }
  while (held.length > 0) drop(0);
};

const ROLES: Record<string, Role> = { count, dine, gather, produce, consume, allocate };

export function main(sys: Syscalls, argv: string[]): number {
  const [, role, seed, rounds, ...ids] = argv;
  ROLES[role!]!(sys, random(Number(seed)), Number(rounds), ids.map(Number));
  return 0;
}
