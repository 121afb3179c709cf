/** epoll_create1(2), epoll_ctl(2) and epoll_wait(2) over the kernel. */

import { EPOLL_CTL_DEL } from "../../assembly/abi/epoll.ts";
import { EFAULT } from "../../assembly/abi/errno.ts";
import { abortSignal, int, intOr0 } from "../../host/arguments.ts";
import { epollEvent } from "../../host/arguments-files.ts";
import type { CallOptions } from "../../host/contract.ts";
import type { AsyncPollCalls, EpollEvent, PollCalls } from "../../host/contract-poll.ts";
import { SystemError } from "../../host/errno.ts";
import { finish, finishAsync } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { readEpollEvents } from "../transfer-files.ts";
import { deadlineOf } from "./poll.ts";
import { same, zero } from "./result.ts";

type EpollCalls = Pick<PollCalls, "epoll_create1" | "epoll_ctl" | "epoll_wait">;

function create(thread: Thread, flags: number | undefined): number {
  const bits = intOr0(flags, "epoll_create1", "flags");
  const attempt = () => thread.kernel.sys_epoll_create1(bits);
  return finish(thread, "epoll_create1", attempt(), attempt, same);
}

function ctl(
  thread: Thread,
  epfd: number,
  op: number,
  fd: number,
  given: EpollEvent | null | undefined,
): 0 {
  const epoll = int(epfd, "epoll_ctl", "epfd");
  const operation = int(op, "epoll_ctl", "op");
  const target = int(fd, "epoll_ctl", "fd");
  const event = epollEvent(given, "epoll_ctl");
  // EFAULT: an event is needed, and there is none.
  if (event === null && operation !== EPOLL_CTL_DEL) throw new SystemError(EFAULT, "epoll_ctl");
  const { events, data } = event ?? { events: 0, data: 0 };
  const attempt = () => thread.kernel.sys_epoll_ctl(epoll, operation, target, events, data);
  return finish(thread, "epoll_ctl", attempt(), attempt, zero);
}

/** A checked epoll_wait(): what each entry does, what follows the last one, and until when. */
function prepare(thread: Thread, epfd: number, maxevents: number, timeout: number) {
  const epoll = int(epfd, "epoll_wait", "epfd");
  const most = int(maxevents, "epoll_wait", "maxevents");
  const ms = int(timeout, "epoll_wait", "timeout");
  return {
    attempt: () => thread.kernel.sys_epoll_wait(epoll, most, ms === 0 ? 0 : 1),
    take: (count: number) => readEpollEvents(thread, count),
    deadline: deadlineOf(ms),
  };
}

function wait(thread: Thread, epfd: number, maxevents: number, timeout: number) {
  const { attempt, take, deadline } = prepare(thread, epfd, maxevents, timeout);
  return finish(thread, "epoll_wait", attempt(), attempt, take, deadline);
}

async function waitAsync(
  thread: Thread,
  epfd: number,
  maxevents: number,
  timeout: number,
  options: CallOptions | undefined,
): Promise<Required<EpollEvent>[]> {
  const signal = abortSignal(options, "epoll_wait");
  const { attempt, take, deadline } = prepare(thread, epfd, maxevents, timeout);
  return finishAsync(thread, "epoll_wait", attempt, take, { signal, deadline });
}

/** The calls of one thread on epoll instances. */
export function epollCalls(thread: Thread): EpollCalls {
  return {
    epoll_create1: (flags) => create(thread, flags),
    epoll_ctl: (epfd, op, fd, event) => ctl(thread, epfd, op, fd, event),
    epoll_wait: (epfd, maxevents, timeout) => wait(thread, epfd, maxevents, timeout),
  };
}

/** The twin of the one that waits. */
export function epollCallsAsync(thread: Thread): Pick<AsyncPollCalls, "epoll_wait"> {
  return {
    epoll_wait: async (epfd, maxevents, timeout, options) =>
      waitAsync(thread, epfd, maxevents, timeout, options),
  };
}
