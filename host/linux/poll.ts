/** poll(2) and select(2) of the running kernel. */
import { POLLFD_EVENTS, POLLFD_FD, POLLFD_REVENTS, POLLFD_SIZE } from "../../assembly/abi/poll.ts";
import { int } from "../arguments.ts";
import { fdSet, pollfds, timeval } from "../arguments-files.ts";
import type { FdSet, Pollfd, Timeval } from "../contract-poll.ts";
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";

/** A checked poll(), as the C library takes it. */
export interface PollRequest {
  fds: Uint8Array<ArrayBuffer>;
  nfds: number;
  timeout: number;
}

export function pollRequest(fds: unknown, timeout: unknown): PollRequest {
  const list = pollfds(fds, "poll");
  const ms = int(timeout, "poll", "timeout");
  const view = new DataView(new ArrayBuffer(list.length * POLLFD_SIZE));
  for (const [index, { fd, events = 0 }] of list.entries()) {
    view.setInt32(index * POLLFD_SIZE + POLLFD_FD, fd, true);
    view.setInt16(index * POLLFD_SIZE + POLLFD_EVENTS, events, true);
  }
  return { fds: new Uint8Array(view.buffer), nfds: list.length, timeout: ms };
}

/** @returns how many are ready, or a negated errno. */
export function makePoll(libc: Libc, { fds, nfds, timeout }: PollRequest): number {
  return libc.poll(fds, nfds, timeout);
}

/** Sets each `revents` from a finished poll(). */
export function polled(found: Uint8Array, result: number, fds: readonly Pollfd[]): number {
  const view = new DataView(found.buffer, found.byteOffset);
  for (const [index, each] of fds.entries()) {
    each.revents = view.getInt16(index * POLLFD_SIZE + POLLFD_REVENTS, true);
  }
  return result;
}

/** A checked select(): three bit maps, each of whole longs, and after them the timeout. */
export interface SelectRequest {
  nfds: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Which of the four are given. */
  given: readonly boolean[];
}

/** What the caller gave, to be changed when the call is done. */
export interface SelectArguments {
  sets: readonly (FdSet | null)[];
  timeout: Timeval | null;
}

const TIMEVAL_SIZE = 16;
const SET_NAMES = ["readfds", "writefds", "exceptfds"];

/** Bytes of one map. */
function mapSize(nfds: number): number {
  return Math.ceil(Math.max(nfds, 0) / 64) * 8;
}

export function selectRequest(
  nfds: unknown,
  sets: readonly unknown[],
  timeout: unknown,
): { request: SelectRequest; args: SelectArguments } {
  const count = int(nfds, "select", "nfds");
  const checkedSets = SET_NAMES.map((name, index) => fdSet(sets[index], "select", name));
  const limit = timeval(timeout, "select");
  // A number that no process can have open is the kernel's to refuse, without its maps.
  const size = mapSize(Math.min(count, 1 << 20));
  const s = new Struct(3 * size + TIMEVAL_SIZE);
  for (const [index, set] of checkedSets.entries()) {
    for (const fd of set ?? []) {
      if (fd < Math.min(count, size * 8)) s.bytes[index * size + (fd >> 3)]! |= 1 << (fd & 7);
    }
  }
  if (limit !== null) {
    s.setLong(3 * size, limit.tv_sec);
    s.setLong(3 * size + 8, limit.tv_usec);
  }
  return {
    request: {
      nfds: Math.min(count, 1 << 20),
      bytes: s.bytes,
      given: [...checkedSets, limit].map((each) => each !== null),
    },
    args: { sets: checkedSets, timeout: limit },
  };
}

/** @returns how many are ready, or a negated errno. */
export function makeSelect(libc: Libc, { nfds, bytes, given }: SelectRequest): number {
  const size = mapSize(nfds);
  const [r, w, e, timeout] = given.map((each, index) =>
    each ? bytes.subarray(index * size, index < 3 ? (index + 1) * size : undefined) : null,
  );
  return libc.select(nfds, r!, w!, e!, timeout!);
}

/** Leaves in the caller's sets what a successful select() has left, and the time that was left. */
export function selected(found: Uint8Array, result: number, args: SelectArguments): number {
  const size = (found.length - TIMEVAL_SIZE) / 3;
  for (const [index, set] of args.sets.entries()) {
    for (const fd of set ?? []) {
      const at = index * size + (fd >> 3);
      const ready = fd < size * 8 && (found[at]! & (1 << (fd & 7))) !== 0;
      if (!ready) set!.delete(fd);
    }
  }
  if (args.timeout !== null) {
    const view = new DataView(found.buffer, found.byteOffset + 3 * size);
    args.timeout.tv_sec = Number(view.getBigInt64(0, true));
    args.timeout.tv_usec = Number(view.getBigInt64(8, true));
  }
  return result;
}
