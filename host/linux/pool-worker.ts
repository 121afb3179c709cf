/** A worker of pool.ts: makes one blocking call after another for the thread that started it. */
import { parentPort, workerData } from "node:worker_threads";
import { EINTR } from "../../assembly/abi/errno.ts";
import { type Libc, loadLibc } from "./libc.ts";
import { makeMsgrcv, makeMsgsnd } from "./msg.ts";
import type { Answer, PoolRequest, Start } from "./pool-protocol.ts";
import { ABORT, DONE, THREAD } from "./pool-protocol.ts";
import { makeWait } from "./process.ts";
import { makeSemop } from "./sem.ts";
import { becomeInterruptible } from "./signals.ts";

const SYS_GETTID = process.arch === "x64" ? 186 : 178;

function perform(libc: Libc, { call, args }: PoolRequest): Answer {
  switch (call) {
    case "semop":
    case "semtimedop":
      return { result: makeSemop(libc, args), written: null };
    case "msgsnd":
      return { result: makeMsgsnd(libc, args), written: null };
    case "msgrcv":
      return { result: makeMsgrcv(libc, args), written: args.msgp };
    case "waitpid":
      return { result: makeWait(libc, args), written: args.status };
  }
}

const { words, signal } = workerData as Start;
const port = parentPort!;
const libc = await loadLibc();
becomeInterruptible(libc, signal);
Atomics.store(words, THREAD, libc.syscall(SYS_GETTID, 0, 0, 0));
port.on("message", (request: PoolRequest) => {
  // Aborted before the call began. From here to the call the signal is sent again and again.
  const aborted = Atomics.load(words, ABORT) === 1;
  const answer = aborted ? { result: -EINTR, written: null } : perform(libc, request);
  Atomics.add(words, DONE, 1);
  Atomics.notify(words, DONE);
  port.postMessage(answer);
});
