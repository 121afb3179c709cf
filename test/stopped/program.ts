/** Makes and removes a message queue, for which the lock of the queues must be free. */
import { IPC_RMID, type Syscalls } from "../../runtime/index.ts";

export function main(sys: Syscalls): void {
  sys.msgctl(sys.msgget(0, 0o1600), IPC_RMID);
}
