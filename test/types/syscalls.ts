/** What users see of the types: tsc fails when one of them changes. Nothing here is ever run. */
import {
  type Attachment,
  attach,
  boot,
  type Child,
  type ChildStatus,
  type Disposition,
  GETALL,
  GETVAL,
  type Indexed,
  IPC_CREAT,
  IPC_INFO,
  IPC_RMID,
  IPC_STAT,
  type Machine,
  type MsqidDs,
  SEM_STAT,
  SETALL,
  SETVAL,
  type SemidDs,
  type Seminfo,
  type ShmidDs,
  SIG_IGN,
  SIGKILL,
  type Syscalls,
  SystemError,
  type WithIndex,
} from "../../runtime/index.ts";
import { expectType } from "./expect.ts";

export async function machines(worker: { postMessage(value: unknown): void }) {
  await using machine = await boot({ memory: 1 << 20, SEMMNI: 4, pool: 1 });
  expectType<Machine>()(machine);
  expectType<Syscalls>()(machine.sys);
  worker.postMessage(machine.handle);
  expectType<Machine>()(await attach(machine.handle, { uid: 1 }));
  const child = await machine.spawn(new URL("file:///program.js"), ["a"], { groups: [1] });
  expectType<Child>()(child);
  expectType<ChildStatus>()(await child.wait({ signal: AbortSignal.timeout(1) }));
  child.kill();
  child.kill(SIGKILL);
  // @ts-expect-error an option that does not exist
  await boot({ semmni: 4 });
  // @ts-expect-error only boot() and attach() make machines
  machine.pid = 3;
}

export async function semaphores(sys: Syscalls) {
  const id = sys.semget(0, 1, IPC_CREAT | 0o600);
  expectType<number>()(id);
  expectType<0>()(sys.semop(id, [{ sem_num: 0, sem_op: 1 }]));
  expectType<0>()(sys.semtimedop(id, [], null));
  expectType<number>()(sys.semctl(id, 0, GETVAL));
  expectType<Uint16Array<ArrayBufferLike>>()(sys.semctl(id, 0, GETALL));
  expectType<0>()(sys.semctl(id, 0, SETVAL, 1));
  expectType<0>()(sys.semctl(id, 0, SETALL, [1]));
  expectType<0>()(sys.semctl(id, 0, IPC_RMID));
  expectType<SemidDs>()(sys.semctl(id, 0, IPC_STAT));
  expectType<WithIndex<Seminfo>>()(sys.semctl(id, 0, IPC_INFO));
  expectType<Indexed<SemidDs>>()(sys.semctl(0, 0, SEM_STAT));
  expectType<Promise<0>>()(sys.async.semop(id, [], { signal: AbortSignal.timeout(1) }));
  // @ts-expect-error an operation needs its number
  sys.semop(id, [{ sem_op: 1 }]);
  // @ts-expect-error the operations are an array
  sys.semop(id, { sem_num: 0, sem_op: 1 });
}

export async function sharedMemory(sys: Syscalls) {
  const segment = sys.shmat(sys.shmget(0, 4096, IPC_CREAT));
  expectType<Attachment>()(segment);
  expectType<Uint8Array<SharedArrayBuffer>>()(segment.bytes);
  expectType<0>()(sys.shmdt(segment));
  expectType<0>()(sys.shmdt(segment.addr));
  expectType<ShmidDs>()(sys.shmctl(segment.shmid, IPC_STAT));
  // @ts-expect-error the view comes from shmat()
  segment.bytes = new Uint8Array(1);
}

export async function messages(sys: Syscalls) {
  const queue = sys.msgget(0, IPC_CREAT);
  const message = { mtype: 1, mtext: new Uint8Array(4) };
  expectType<0>()(sys.msgsnd(queue, message, 4));
  expectType<number>()(sys.msgrcv(queue, message, 4, -2, 0));
  expectType<Promise<number>>()(sys.async.msgrcv(queue, message, 4));
  expectType<MsqidDs>()(sys.msgctl(queue, IPC_STAT));
}

export function processes(sys: Syscalls) {
  expectType<Disposition>()(sys.sigaction(10, (signal) => signal + 1));
  sys.sigaction(10, SIG_IGN);
  expectType<{ pid: number; status: number }>()(sys.waitpid(-1));
  expectType<number[]>()(sys.getgroups());
  try {
    sys.kill(1, 0);
  } catch (error) {
    if (error instanceof SystemError) expectType<number>()(error.errno);
  }
}
