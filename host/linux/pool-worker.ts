/** A worker of pool.ts: makes one blocking call after another for the thread that started it. */
import { parentPort, workerData } from "node:worker_threads";
import { EINTR } from "../../assembly/abi/errno.ts";
import { makeEpollWait } from "./epoll.ts";
import { makeRequest } from "./io.ts";
import { type Libc, loadLibc } from "./libc.ts";
import { makeFlock, makeLock } from "./locks.ts";
import { makeMsgrcv, makeMsgsnd } from "./msg.ts";
import { makeOpen } from "./open.ts";
import { makePoll, makeSelect } from "./poll.ts";
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
    case "read":
    case "readv":
      return { result: makeRequest(libc, call, args), written: args.bytes };
    case "write":
    case "writev":
      return { result: makeRequest(libc, call, args), written: null };
    case "poll":
      return { result: makePoll(libc, args), written: args.fds };
    case "select":
      return { result: makeSelect(libc, args), written: args.bytes };
    case "epoll_wait":
      return { result: makeEpollWait(libc, args), written: args.events };
    case "open":
    case "openat":
      return { result: makeOpen(libc, args), written: null };
    case "fcntl":
      return { result: makeLock(libc, args), written: null };
    case "flock":
      return { result: makeFlock(libc, args), written: null };
    case "fsync":
    case "fdatasync":
    case "syncfs":
    case "close":
      return { result: libc[call](args.fd), written: null };
    case "sync":
      libc.sync();
      return { result: 0, written: null };
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
