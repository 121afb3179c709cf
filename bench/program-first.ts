/** A program that sends the time of its first instruction to the queue in argv[1]. */
import type { Syscalls } from "../host/contract.ts";

const first = process.hrtime.bigint();

export function main(sys: Syscalls, argv: readonly string[]): number {
  const mtext = new Uint8Array(new BigInt64Array([first]).buffer);
  sys.msgsnd(Number(argv[1]), { mtype: 1, mtext }, mtext.length, 0);
  return 0;
}
