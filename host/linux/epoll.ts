/** epoll_create1(2), epoll_ctl(2), epoll_wait(2) of the running kernel. */
import { int, intOr0 } from "../arguments.ts";
import { epollEvent } from "../arguments-files.ts";
import type { EpollEvent, PollCalls } from "../contract-poll.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { makePoll, makeSelect, polled, pollRequest, selected, selectRequest } from "./poll.ts";
import { checked } from "./table.ts";

/** struct epoll_event is packed on x86-64 alone. */
const DATA = process.arch === "x64" ? 4 : 8;
const EVENT_SIZE = DATA + 8;
/** More than this at once nobody needs; `maxevents` past what the kernel takes is its to refuse. */
const EVENTS_MAX = 65536;
const EP_MAX_EVENTS = Math.floor(0x7fff_ffff / EVENT_SIZE);

/** A checked epoll_wait(), as the C library takes it. */
export interface EpollRequest {
  epfd: number;
  events: Uint8Array<ArrayBuffer>;
  maxevents: number;
  timeout: number;
}

export function epollRequest(epfd: unknown, maxevents: unknown, timeout: unknown): EpollRequest {
  const id = int(epfd, "epoll_wait", "epfd");
  const wanted = int(maxevents, "epoll_wait", "maxevents");
  const count = wanted > EP_MAX_EVENTS ? wanted : Math.min(wanted, EVENTS_MAX);
  return {
    epfd: id,
    events: new Uint8Array(Math.min(Math.max(count, 0), EVENTS_MAX) * EVENT_SIZE),
    maxevents: count,
    timeout: int(timeout, "epoll_wait", "timeout"),
  };
}

/** @returns how many events there are, or a negated errno. */
export function makeEpollWait(libc: Libc, request: EpollRequest): number {
  return libc.epoll_wait(request.epfd, request.events, request.maxevents, request.timeout);
}

/** The events of a finished epoll_wait(). */
export function epollEvents(found: Uint8Array, count: number): Required<EpollEvent>[] {
  const view = new DataView(found.buffer, found.byteOffset);
  return Array.from({ length: count }, (_, index) => ({
    events: view.getInt32(index * EVENT_SIZE, true),
    data: Number(view.getBigInt64(index * EVENT_SIZE + DATA, true)),
  }));
}

export function pollCalls(libc: Libc): PollCalls {
  return {
    poll(fds, timeout) {
      const request = pollRequest(fds, timeout);
      return polled(request.fds, checked(makePoll(libc, request), "poll"), fds);
    },
    select(nfds, readfds, writefds, exceptfds, timeout) {
      const sets = [readfds, writefds, exceptfds];
      const { request, args } = selectRequest(nfds, sets, timeout);
      return selected(request.bytes, checked(makeSelect(libc, request), "select"), args);
    },
    epoll_create1(flags) {
      const wanted = intOr0(flags, "epoll_create1", "flags");
      return checked(libc.epoll_create1(wanted), "epoll_create1");
    },
    epoll_ctl(epfd, op, fd, event) {
      const args = [
        int(epfd, "epoll_ctl", "epfd"),
        int(op, "epoll_ctl", "op"),
        int(fd, "epoll_ctl", "fd"),
      ] as const;
      const given = epollEvent(event, "epoll_ctl");
      const s = new Struct(16);
      s.setU32(0, given?.events ?? 0);
      s.bytes.set(new Uint8Array(BigInt64Array.of(BigInt(given?.data ?? 0)).buffer), DATA);
      return checked(libc.epoll_ctl(...args, given === null ? null : s.bytes), "epoll_ctl") as 0;
    },
    epoll_wait(epfd, maxevents, timeout) {
      const request = epollRequest(epfd, maxevents, timeout);
      return epollEvents(request.events, checked(makeEpollWait(libc, request), "epoll_wait"));
    },
  };
}
