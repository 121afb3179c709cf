/** The C-shaped layer: `Syscalls` of one thread over its kernel instance. */
import type { Syscalls } from "../../host/contract.ts";
import type { Thread } from "../thread.ts";
import { attributeCalls } from "./attributes.ts";
import { descriptorCalls } from "./descriptors.ts";
import { epollCalls, epollCallsAsync } from "./epoll.ts";
import { ftok } from "./ftok.ts";
import { ioCalls, ioCallsAsync } from "./io.ts";
import { flockCalls, lockCallsAsync } from "./locks.ts";
import { msgCalls, msgCallsAsync } from "./msg.ts";
import { mutexCalls, mutexCallsAsync } from "./mutex.ts";
import { nameCalls } from "./names.ts";
import { openCalls, openCallsAsync } from "./open.ts";
import { pollCalls, pollCallsAsync } from "./poll.ts";
import { processCalls, processCallsAsync } from "./process.ts";
import { semCalls, semCallsAsync } from "./sem.ts";
import { shmCalls } from "./shm.ts";
import { signalCalls, signalCallsAsync } from "./signal.ts";
import { timerCalls } from "./timer.ts";

/** Every system call, made by the process of this thread. */
export function syscalls(thread: Thread): Syscalls {
  return {
    ...shmCalls(thread),
    ...semCalls(thread),
    ...msgCalls(thread),
    ...mutexCalls(thread),
    ...processCalls(thread),
    ...signalCalls(thread),
    ...timerCalls(thread),
    ...ioCalls(thread),
    ...descriptorCalls(thread),
    ...openCalls(thread),
    ...nameCalls(thread),
    ...attributeCalls(thread),
    ...flockCalls(thread),
    ...pollCalls(thread),
    ...epollCalls(thread),
    ftok,
    async: {
      ...semCallsAsync(thread),
      ...msgCallsAsync(thread),
      ...mutexCallsAsync(thread),
      ...processCallsAsync(thread),
      ...signalCallsAsync(thread),
      ...ioCallsAsync(thread),
      ...openCallsAsync(thread),
      ...lockCallsAsync(thread),
      ...pollCallsAsync(thread),
      ...epollCallsAsync(thread),
    },
  };
}
