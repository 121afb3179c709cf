/** The asynchronous twins of the blocking calls, on the workers of pool.ts. */
import { abortSignal } from "../arguments.ts";
import type { AsyncMutexCalls, Syscalls } from "../contract.ts";
import type { AsyncSignalCalls } from "../contract-signal.ts";
import { asyncFileCalls } from "./async-files.ts";
import { asyncFsCalls } from "./async-fs.ts";
import type { Libc } from "./libc.ts";
import { asyncLockCalls } from "./locks.ts";
import { deliver, msgrcvRequest, msgsndRequest } from "./msg.ts";
import { CallPool } from "./pool.ts";
import { waited, waitRequest } from "./process.ts";
import { semopRequest } from "./sem.ts";

/** All but those of mutex.ts and signal.ts, which the calling thread itself must make. */
export function asyncCalls(
  libc: Libc,
): Omit<Syscalls["async"], keyof AsyncMutexCalls | keyof AsyncSignalCalls> {
  const pool = new CallPool(libc);
  return {
    ...asyncFileCalls(pool),
    ...asyncFsCalls(pool),
    ...asyncLockCalls(pool),
    async semop(semid, sops, options) {
      const args = semopRequest("semop", semid, sops);
      await pool.call({ call: "semop", args }, abortSignal(options, "semop"));
      return 0;
    },
    async semtimedop(semid, sops, timeout, options) {
      const args = semopRequest("semtimedop", semid, sops, timeout);
      await pool.call({ call: "semtimedop", args }, abortSignal(options, "semtimedop"));
      return 0;
    },
    async msgsnd(msqid, msgp, msgsz, msgflg, options) {
      const args = msgsndRequest(msqid, msgp, msgsz, msgflg);
      await pool.call({ call: "msgsnd", args }, abortSignal(options, "msgsnd"));
      return 0;
    },
    async msgrcv(msqid, msgp, msgsz, msgtyp, msgflg, options) {
      const args = msgrcvRequest(msqid, msgp, msgsz, msgtyp, msgflg);
      const signal = abortSignal(options, "msgrcv");
      const { result, written } = await pool.call({ call: "msgrcv", args }, signal);
      return deliver(written!, result, msgp);
    },
    async waitpid(pid, options, callOptions) {
      const args = waitRequest(pid, options);
      const signal = abortSignal(callOptions, "waitpid");
      const { result, written } = await pool.call({ call: "waitpid", args }, signal);
      return waited(result, written!);
    },
  };
}
