/** Steps of the kill hammer on objects that come and go: some under keys that all know. */
import {
  IPC_CREAT,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_SET,
  SEM_UNDO,
} from "../../runtime/index.ts";
import { type Job, micros, type Step, succeeds } from "./kill-steps.ts";
import type { Random } from "./random.ts";

const KEYS = 4;
/** What a call says of an object that another has just removed. */
const GONE = ["EINVAL", "EIDRM", "ENOENT", "EINTR"];

const key = (next: Random) => 0x100 + next(KEYS);

/** A segment of zeros that is nobody else's; marked for removal before or after it is used. */
const segment: Step = (job) => {
  const { sys, next, number } = job;
  const size = 1 + next(30_000);
  const shmid = sys.shmget(IPC_PRIVATE, size, 0o600);
  const attachment = sys.shmat(shmid);
  const { bytes } = attachment;
  const early = next(2) === 0;
  if (early) sys.shmctl(shmid, IPC_RMID);
  const foreign = bytes.findIndex((byte) => byte !== 0);
  if (foreign >= 0) throw new Error(`byte ${foreign} of a new segment of ${size} is not 0`);
  const mark = 1 + (number % 255);
  bytes.fill(mark);
  job.middle();
  const changed = bytes.findIndex((byte) => byte !== mark);
  if (changed >= 0) throw new Error(`byte ${changed} of a segment of ${size} is somebody else's`);
  sys.shmdt(attachment);
  if (!early) sys.shmctl(shmid, IPC_RMID);
};

function keyedSegment(job: Job): void {
  const { sys, next } = job;
  const shmid = sys.shmget(key(next), 5000, IPC_CREAT | 0o600);
  const attachment = sys.shmat(shmid);
  const act = next(3);
  if (act === 0) sys.shmctl(shmid, IPC_RMID);
  if (act === 1) sys.shmctl(shmid, IPC_SET, { shm_perm: { mode: 0o600 + next(0o100) } });
  job.middle();
  sys.shmdt(attachment);
}

function keyedSet(job: Job): void {
  const { sys, next } = job;
  const set = sys.semget(key(next), 3, IPC_CREAT | 0o600);
  const op = (sem_num: number, sem_op: number) => ({ sem_num, sem_op, sem_flg: SEM_UNDO });
  sys.semop(set, [op(0, 1), op(1, 1)]);
  job.middle();
  const act = next(4);
  if (act === 0) sys.semctl(set, 0, IPC_RMID);
  else if (act === 1) sys.semctl(set, 0, IPC_SET, { sem_perm: { mode: 0o600 + next(0o100) } });
  else if (act === 2) sys.semop(set, [op(0, -1), op(1, -1)]);
  else sys.semtimedop(set, [op(2, -1)], micros(next(400)));
}

function keyedQueue(job: Job): void {
  const { sys, next } = job;
  const queue = sys.msgget(key(next), IPC_CREAT | 0o600);
  const mtext = new Uint8Array(next(300));
  const act = next(4);
  if (act === 0) sys.msgctl(queue, IPC_RMID);
  else if (act === 1) {
    const msg_qbytes = 2048 + next(8192);
    sys.msgctl(queue, IPC_SET, { msg_perm: { mode: 0o600 + next(0o100) }, msg_qbytes });
  } else if (act === 2) sys.msgsnd(queue, { mtype: 1 + next(3), mtext }, mtext.length, IPC_NOWAIT);
  else sys.msgrcv(queue, { mtype: 0, mtext: new Uint8Array(300) }, 300, 0, IPC_NOWAIT);
}

const ignoring =
  (act: (job: Job) => void): Step =>
  (job) => {
    succeeds([...GONE, "EAGAIN", "ENOMSG", "ERANGE"], () => act(job));
  };

export const CHURN_STEPS = {
  segment,
  keyedSegment: ignoring(keyedSegment),
  keyedSet: ignoring(keyedSet),
  keyedQueue: ignoring(keyedQueue),
};
