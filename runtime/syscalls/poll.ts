/** poll(2) over the kernel, and select(2) over poll. */
import { EBADF, EINVAL } from "../../assembly/abi/errno.ts";
import { LIMIT_OPEN_MAX } from "../../assembly/abi/layout.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../../assembly/abi/poll.ts";
import { FD_SETSIZE } from "../../assembly/abi/select.ts";
import { abortSignal, int } from "../../host/arguments.ts";
import { fdSet, pollfds, timeval } from "../../host/arguments-files.ts";
import type { CallOptions } from "../../host/contract.ts";
import type {
  AsyncPollCalls,
  FdSet,
  PollCalls,
  Pollfd,
  Timeval,
} from "../../host/contract-poll.ts";
import { SystemError } from "../../host/errno.ts";
import { finish, finishAsync } from "../finish.ts";
import type { Thread } from "../thread.ts";
import { readRevents, writePollfds } from "../transfer-files.ts";

/** A checked poll(): what each entry into the kernel does, and what follows the last one. */
interface Poll {
  readonly attempt: () => number;
  readonly take: (ready: number) => number;
  readonly deadline: number;
}

/** When a wait of so many milliseconds is over, on performance.now()'s scale; a negative time is none. */
export function deadlineOf(ms: number): number {
  return ms < 0 ? Number.POSITIVE_INFINITY : performance.now() + ms;
}

/** @param ms 0 does not wait, a negative time is none */
function prepare(thread: Thread, call: string, fds: readonly Pollfd[], ms: number): Poll {
  // EINVAL: more than a process can have. They would not fit the transfer area either.
  if (fds.length > thread.limit(LIMIT_OPEN_MAX)) throw new SystemError(EINVAL, call);
  return {
    attempt() {
      writePollfds(thread, fds);
      return thread.kernel.sys_poll(fds.length, ms === 0 ? 0 : 1);
    },
    take(ready) {
      readRevents(thread, fds);
      return ready;
    },
    deadline: deadlineOf(ms),
  };
}

function poll(thread: Thread, fds: readonly Pollfd[], timeout: number): number {
  const ms = int(timeout, "poll", "timeout");
  const { attempt, take, deadline } = prepare(thread, "poll", pollfds(fds, "poll"), ms);
  return finish(thread, "poll", attempt(), attempt, take, deadline);
}

async function pollAsync(
  thread: Thread,
  fds: readonly Pollfd[],
  timeout: number,
  options: CallOptions | undefined,
): Promise<number> {
  const ms = int(timeout, "poll", "timeout");
  const signal = abortSignal(options, "poll");
  const { attempt, take, deadline } = prepare(thread, "poll", pollfds(fds, "poll"), ms);
  return finishAsync(thread, "poll", attempt, take, { signal, deadline });
}

/** What each of select()'s sets means, as Linux has it. */
const READABLE = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const WRITABLE = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
const EXCEPTIONAL = POLLPRI;
const MEANINGS = [READABLE, WRITABLE, EXCEPTIONAL];

type Sets = readonly (FdSet | null)[];

/** A checked select() as a poll(). */
class Selection {
  readonly fds: Pollfd[];
  readonly ms: number;
  readonly #sets: Sets;
  readonly #timeout: Timeval | null;
  readonly #start = performance.now();

  constructor(thread: Thread, args: readonly unknown[]) {
    const nfds = int(args[0], "select", "nfds");
    const names = ["readfds", "writefds", "exceptfds"];
    this.#sets = names.map((name, index) => fdSet(args[1 + index], "select", name));
    this.#timeout = timeval(args[4], "select");
    const { tv_sec = -1, tv_usec = 0 } = this.#timeout ?? {};
    // EINVAL: a negative number of descriptors, or a negative time.
    if (nfds < 0 || (this.#timeout !== null && (tv_sec < 0 || tv_usec < 0))) {
      throw new SystemError(EINVAL, "select");
    }
    this.ms = this.#timeout === null ? -1 : tv_sec * 1000 + tv_usec / 1000;
    const end = Math.min(nfds, FD_SETSIZE, thread.limit(LIMIT_OPEN_MAX));
    for (const set of this.#sets) {
      for (const fd of set ?? []) if (fd >= end) set!.delete(fd);
    }
    const members = new Set(this.#sets.flatMap((set) => [...(set ?? [])]));
    this.fds = [...members].map((fd) => ({ fd, events: this.#eventsOf(fd), revents: 0 }));
  }

  #eventsOf(fd: number): number {
    return MEANINGS.reduce((sum, events, set) => sum | (this.#sets[set]?.has(fd) ? events : 0), 0);
  }

  /** Leaves in the sets what is ready. @returns how many in all */
  take(): number {
    // EBADF: a member is not open.
    if (this.fds.some(({ revents }) => (revents! & POLLNVAL) !== 0)) {
      throw new SystemError(EBADF, "select");
    }
    let count = 0;
    for (const [index, set] of this.#sets.entries()) {
      for (const { fd, revents } of this.fds) {
        if (!set?.has(fd)) continue;
        if ((revents! & MEANINGS[index]!) !== 0) count += 1;
        else set.delete(fd);
      }
    }
    this.#setTimeLeft();
    return count;
  }

  /** As Linux does, and POSIX allows. */
  #setTimeLeft(): void {
    if (this.#timeout === null) return;
    const left = Math.max(0, this.ms - (performance.now() - this.#start));
    this.#timeout.tv_sec = Math.floor(left / 1000);
    this.#timeout.tv_usec = Math.floor((left % 1000) * 1000);
  }
}

function select(thread: Thread, args: readonly unknown[]): number {
  const selection = new Selection(thread, args);
  const { attempt, take, deadline } = prepare(thread, "select", selection.fds, selection.ms);
  finish(thread, "select", attempt(), attempt, take, deadline);
  return selection.take();
}

async function selectAsync(
  thread: Thread,
  args: readonly unknown[],
  options: CallOptions | undefined,
): Promise<number> {
  const signal = abortSignal(options, "select");
  const selection = new Selection(thread, args);
  const { attempt, take, deadline } = prepare(thread, "select", selection.fds, selection.ms);
  await finishAsync(thread, "select", attempt, take, { signal, deadline });
  return selection.take();
}

/** The calls of one thread that wait for descriptors. */
export function pollCalls(thread: Thread): Pick<PollCalls, "poll" | "select"> {
  return {
    poll: (fds, timeout) => poll(thread, fds, timeout),
    select: (...args) => select(thread, args),
  };
}

/** Their twins. */
export function pollCallsAsync(thread: Thread): Pick<AsyncPollCalls, "poll" | "select"> {
  return {
    poll: async (fds, timeout, options) => pollAsync(thread, fds, timeout, options),
    select: async (nfds, readfds, writefds, exceptfds, timeout, options) =>
      selectAsync(thread, [nfds, readfds, writefds, exceptfds, timeout], options),
  };
}
