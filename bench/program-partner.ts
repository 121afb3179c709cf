/**
 * The other side of our round trips, a process of the machine. It sends its thread's number to the
 * queue in argv[1]; then sleeps in msgrcv() until it is told which set to use, how often and with
 * which pause; ends when told to make no turn.
 */
import type { Syscalls } from "../host/contract.ts";
import { systemThread } from "./affinity.ts";
import { pause } from "./handover.ts";

/** Message types. THREAD holds one i32; ORDER a semid, turns and nanoseconds of the pause. */
export const THREAD = 1;
export const ORDER = 2;
export const ORDER_BYTES = 12;

const P0 = [{ sem_num: 0, sem_op: -1 }];
const V1 = [{ sem_num: 1, sem_op: 1 }];

export function main(sys: Syscalls, argv: readonly string[]): number {
  const msqid = Number(argv[1]);
  const hello = new Uint8Array(Int32Array.of(systemThread()).buffer);
  sys.msgsnd(msqid, { mtype: THREAD, mtext: hello }, hello.length, 0);
  const message = { mtype: 0, mtext: new Uint8Array(ORDER_BYTES) };
  const order = new Int32Array(message.mtext.buffer);
  for (;;) {
    sys.msgrcv(msqid, message, ORDER_BYTES, ORDER, 0);
    const [semid = 0, n = 0, pauseNs = 0] = order;
    if (n === 0) return 0;
    sys.semop(semid, V1);
    for (let i = 0; i < n; i++) {
      sys.semop(semid, P0);
      pause(pauseNs);
      sys.semop(semid, V1);
    }
  }
}
