/** System V objects of every look: several owners, keys with the top bit set, dest, locked. */
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, IPC_SET } from "../../assembly/abi/ipc.ts";
import { SHM_LOCK } from "../../assembly/abi/shm.ts";
import type { Syscalls } from "../../host/contract.ts";

/** Sizes at which a human-readable size changes its unit or rounds up to the next one. */
const SIZES = [1, 1023, 1024, 1025, 1075, 1076, 10_188, 1_048_575, 1_048_576, 123_456_789];

function makeSegments(sys: Syscalls): void {
  const shared = sys.shmget(0x1234, 5000, IPC_CREAT | 0o640);
  sys.shmat(shared);
  sys.shmdt(sys.shmat(shared));
  const doomed = sys.shmget(IPC_PRIVATE, 1 << 20, 0o600);
  sys.shmat(doomed);
  sys.shmctl(doomed, IPC_RMID);
  const locked = sys.shmget(-0x7fff_ffff, 3, IPC_CREAT | 0o777);
  sys.shmctl(locked, SHM_LOCK);
  sys.shmctl(locked, IPC_SET, { shm_perm: { uid: 1, gid: 1, mode: 0o777 } });
  const unknown = sys.shmget(77, 4096, IPC_CREAT | 0o600);
  sys.shmctl(unknown, IPC_SET, { shm_perm: { uid: 2_000_000_000, gid: 12345, mode: 0o600 } });
  for (const size of SIZES) sys.shmget(IPC_PRIVATE, size, 0);
  sys.shmctl(sys.shmget(IPC_PRIVATE, 1, 0), IPC_RMID); // leaves an unused index behind
  sys.shmget(0x5678, 1, IPC_CREAT | 0o4);
}

function makeSets(sys: Syscalls): void {
  const set = sys.semget(0x55, 3, IPC_CREAT | 0o600);
  sys.semop(set, [{ sem_num: 1, sem_op: 5 }]);
  const other = sys.semget(IPC_PRIVATE, 10, 0o666);
  sys.semctl(other, 0, IPC_SET, { sem_perm: { uid: 12345, gid: 100, mode: 0o666 } });
}

function makeQueues(sys: Syscalls): void {
  const queue = sys.msgget(0x99, IPC_CREAT | 0o644);
  const message = { mtype: 7, mtext: new Uint8Array(50) };
  sys.msgsnd(queue, message, 50);
  sys.msgsnd(queue, message, 5);
  sys.msgget(IPC_PRIVATE, 0);
  const read = sys.msgget(0x123, IPC_CREAT | 0o622);
  sys.msgctl(read, IPC_SET, {
    msg_perm: { uid: 65534, gid: 100, mode: 0o622 },
    msg_qbytes: 5000,
  });
  sys.msgsnd(read, message, 50);
  sys.msgrcv(read, message, 50);
}

/** Makes them all; the ids are the same in every new namespace. */
export function makeObjects(sys: Syscalls): void {
  makeSegments(sys);
  makeSets(sys);
  makeQueues(sys);
}
