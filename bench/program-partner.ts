/**
 * The other side of our round trips, a process of the machine. It sends its thread's number to the
 * queue in argv[1]; then sleeps in msgrcv() until it is told what to use, how often and with which
 * pause; ends when told to make no turn. Pipes are those of its parent, by their numbers in argv.
 */
import type { Syscalls } from "../host/contract.ts";
import { systemThread } from "./affinity.ts";
import { pause } from "./handover.ts";

/** Message types. THREAD holds one i32; ORDER a semid or PIPES, turns and nanoseconds of the pause. */
export const THREAD = 1;
export const ORDER = 2;
export const ORDER_BYTES = 12;
export const PIPES = -1;
/** What goes through the pipes in one turn. */
export const TURN_BYTES = 64;

const P0 = [{ sem_num: 0, sem_op: -1 }];
const V1 = [{ sem_num: 1, sem_op: 1 }];

export function main(sys: Syscalls, argv: readonly string[]): number {
  const [msqid = -1, from = -1, to = -1] = argv.slice(1).map(Number);
  const bytes = new Uint8Array(TURN_BYTES);
  const hello = new Uint8Array(Int32Array.of(systemThread()).buffer);
  sys.msgsnd(msqid, { mtype: THREAD, mtext: hello }, hello.length, 0);
  const message = { mtype: 0, mtext: new Uint8Array(ORDER_BYTES) };
  const order = new Int32Array(message.mtext.buffer);
  for (;;) {
    sys.msgrcv(msqid, message, ORDER_BYTES, ORDER, 0);
    const [semid = 0, n = 0, pauseNs = 0] = order;
    if (n === 0) return 0;
    if (semid === PIPES) {
      sys.write(to, bytes);
      for (let i = 0; i < n; i++) {
        sys.read(from, bytes);
        pause(pauseNs);
        sys.write(to, bytes);
      }
      continue;
    }
    sys.semop(semid, V1);
    for (let i = 0; i < n; i++) {
      sys.semop(semid, P0);
      pause(pauseNs);
      sys.semop(semid, V1);
    }
  }
}
