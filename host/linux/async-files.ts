/** The asynchronous twins of the calls on descriptors that can wait, on the workers of pool.ts. */
import { abortSignal } from "../arguments.ts";
import type { CallOptions } from "../contract.ts";
import type { AsyncFileCalls } from "../contract-files.ts";
import type { AsyncLockCalls } from "../contract-locks.ts";
import { epollEvents, epollRequest } from "./epoll.ts";
import { type IoCall, ioRequest, scatter } from "./io.ts";
import { polled, pollRequest, selected, selectRequest } from "./poll.ts";
import type { CallPool } from "./pool.ts";

export function asyncFileCalls(pool: CallPool): Omit<AsyncFileCalls, keyof AsyncLockCalls> {
  async function io(
    call: IoCall,
    args: [fd: unknown, data: unknown, count?: unknown],
    options: CallOptions | undefined,
  ) {
    const request = ioRequest(call, ...args);
    return pool.call({ call, args: request }, abortSignal(options, call));
  }

  return {
    async read(fd, buf, count, options) {
      const { result, written } = await io("read", [fd, buf, count], options);
      return scatter(written!, result, [buf]);
    },
    async write(fd, buf, count, options) {
      return (await io("write", [fd, buf, count], options)).result;
    },
    async readv(fd, iov, options) {
      const { result, written } = await io("readv", [fd, iov], options);
      return scatter(written!, result, iov);
    },
    async writev(fd, iov, options) {
      return (await io("writev", [fd, iov], options)).result;
    },
    async poll(fds, timeout, options) {
      const args = pollRequest(fds, timeout);
      const signal = abortSignal(options, "poll");
      const { result, written } = await pool.call({ call: "poll", args }, signal);
      return polled(written!, result, fds);
    },
    async select(nfds, readfds, writefds, exceptfds, timeout, options) {
      const { request, args } = selectRequest(nfds, [readfds, writefds, exceptfds], timeout);
      const signal = abortSignal(options, "select");
      const { result, written } = await pool.call({ call: "select", args: request }, signal);
      return selected(written!, result, args);
    },
    async epoll_wait(epfd, maxevents, timeout, options) {
      const args = epollRequest(epfd, maxevents, timeout);
      const signal = abortSignal(options, "epoll_wait");
      const { result, written } = await pool.call({ call: "epoll_wait", args }, signal);
      return epollEvents(written!, result);
    },
  };
}
