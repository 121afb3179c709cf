/** Shorthands for rows about descriptors. */
import { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, O_CLOEXEC } from "../../assembly/abi/fcntl.ts";
import { fails } from "./check.ts";
import type { Proc, ProcOptions } from "./row.ts";

/** What steps on poll() and select() return. */
export type Polled = { result: number; revents: number[] };
export type Selected = {
  result: number;
  left: (number[] | null)[];
  timeout: { tv_sec: number; tv_usec: number } | null;
};

/** Capacity of a pipe and its part that one atomic write may take. */
export const CAPACITY = 65536;
export const PAGE = 4096;

/** From here on no platform has descriptors of its own, below OPEN_MAX of every backend. */
export const HIGH = 100;
/** Not open anywhere. */
export const NOT_OPEN: readonly number[] = [-1, -100, 999, 1_000_000, 0x7fff_ffff, -0x8000_0000];

export type Pipe = [r: number, w: number];

export function pipeOf(p: Proc, flags = 0): Promise<Pipe> {
  return p.do<Pipe>("pipe2", flags);
}

/** A pipe whose descriptors have numbers that nobody else gives or takes. */
export async function highPipe(p: Proc, flags = 0): Promise<Pipe> {
  const cmd = flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD;
  const low = await pipeOf(p, flags);
  const high: number[] = [];
  for (const fd of low) high.push(await p.do("fcntl", fd, cmd, HIGH));
  for (const fd of low) await p.do("close", fd);
  return high as Pipe;
}

export type ProcOf = (options?: ProcOptions) => Promise<Proc>;

/** A parent with a pipe, and children that have inherited it. */
export async function family(
  proc: ProcOf,
  children: number,
  flags = 0,
): Promise<{ parent: Proc; pipe: Pipe; kids: Proc[] }> {
  const parent = await proc({ fresh: true });
  const pipe = await highPipe(parent, flags);
  const kids = await Promise.all(Array.from({ length: children }, () => proc({ parent })));
  return { parent, pipe, kids };
}

export async function isClosed(p: Proc, fd: number): Promise<void> {
  await fails("EBADF", p.do("fcntl", fd, F_GETFD));
}

/** `revents` of one descriptor now. */
export async function ready(p: Proc, fd: number, events: number): Promise<number> {
  const { revents } = await p.do<Polled>("poll", [{ fd, events }], 0);
  return revents[0]!;
}

/** Closes several. */
export async function closeAll(p: Proc, ...fds: number[]): Promise<void> {
  for (const fd of fds) await p.do("close", fd);
}
