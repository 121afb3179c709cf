/**
 * The parent's side of a process: claim a parked worker, leave the record, make the process, wake.
 * No thread stands between, so a spawn costs a few calls and one notify.
 */
import { host } from "#host";
import { E2BIG, EAGAIN, ECANCELED, EPERM } from "../../assembly/abi/errno.ts";
import { SB_POOL } from "../../assembly/abi/layout.ts";
import { NGROUPS_MAX, PATH_MAX } from "../../assembly/abi/limits.ts";
import { SIGTERM } from "../../assembly/abi/signal.ts";
import { W_EXIT_SHIFT, W_SIGNAL_MASK } from "../../assembly/abi/wait.ts";
import { int } from "../../host/arguments.ts";
import { pathname } from "../../host/arguments-files.ts";
import type { CallOptions, Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import type { PipeReader, PipeWriter } from "../api/pipe-ends.ts";
import { putSecondPath } from "../paths.ts";
import type { Tracer } from "../strace/strace.ts";
import type { Thread } from "../thread.ts";
import { writeInts } from "../transfer.ts";
import { elapse, persistAsync } from "../wait.ts";
import { notify } from "../wake.ts";
import { checkRecord, encodeRecord, writeRecord } from "./record.ts";
import { type ChildStreams, Stdio, type StdioOption } from "./stdio.ts";

/** Credentials and streams of a new process; what is left out is the parent's. */
export interface SpawnOptions {
  uid?: number;
  gid?: number;
  /** Supplementary groups, 32 at most; only root may set them. */
  groups?: readonly number[];
  /**
   * What the child has under the numbers from 0 on: an array, or one word for 0, 1 and 2. Descriptors
   * that it says nothing of are inherited, unless they are closed on exec. With `"pipe"` the other
   * end is `child.stdin`, `child.stdout` or `child.stderr`.
   */
  stdio?: StdioOption | readonly StdioOption[];
  /** The directory that it begins in, relative to that of this process. */
  cwd?: string;
  /** Bits that are taken from the modes of the files that it makes, 0 to 0o777. */
  umask?: number;
  /**
   * Prints the system calls of the program, and of those that it spawns, on standard error, a line a
   * call, two for a call that sleeps. By default as this process has it.
   */
  strace?: boolean;
}

/** How a process ended. */
export interface ChildStatus {
  /** The status word of waitpid(2). */
  readonly status: number;
  /** The exit code, or null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: number | null;
}

/** A process that this one has started. */
export class Child implements ChildStreams {
  readonly pid: number;
  /** The other end of the child's standard input, or null unless `stdio` says "pipe". Yours to close. */
  readonly stdin: PipeWriter | null;
  /** That of its standard output. */
  readonly stdout: PipeReader | null;
  /** That of its standard error. */
  readonly stderr: PipeReader | null;
  readonly #sys: Syscalls;
  #ended: ChildStatus | undefined;

  /** @internal machine.spawn() makes them. */
  constructor(pid: number, sys: Syscalls, { stdin, stdout, stderr }: ChildStreams) {
    this.pid = pid;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.#sys = sys;
  }

  /**
   * Waits until the process has ended, and takes its status, once; later calls return the same.
   *
   * @returns the exit code, or the signal that ended it
   * @throws {SystemError} ECHILD its status was taken by waitpid() before; EINTR a signal handler ran
   * @see waitpid(2)
   * @example
   * const { code } = await child.wait();
   */
  async wait(options?: CallOptions): Promise<ChildStatus> {
    if (this.#ended === undefined) {
      const { status } = await this.#sys.async.waitpid(this.pid, 0, options);
      this.#ended ??= decodeStatus(status);
    }
    return this.#ended;
  }

  /**
   * Sends the process a signal, SIGTERM when none is named.
   *
   * @throws {SystemError} EINVAL no such signal; EPERM it runs as another user; ESRCH it has ended
   *   and been waited for
   * @see kill(2)
   */
  kill(signal: number = SIGTERM): void {
    this.#sys.kill(this.pid, signal);
  }
}

function decodeStatus(status: number): ChildStatus {
  const signal = status & W_SIGNAL_MASK;
  if (signal !== 0) return { status, code: null, signal };
  return { status, code: (status >> W_EXIT_SHIFT) & 0xff, signal: null };
}

/** What is common to all spawns of a machine. */
export interface SpawnContext {
  thread: Thread;
  sys: Syscalls;
  base: string;
  poolWaitMs: number;
  /** Where this process's calls are printed, if they are. */
  tracer?: Tracer | undefined;
}

/** See Machine.spawn(). */
export async function spawn(
  { thread, sys, base, poolWaitMs, tracer }: SpawnContext,
  program: string | URL,
  args: readonly string[],
  options: SpawnOptions,
): Promise<Child> {
  const uid = options.uid === undefined ? -1 : int(options.uid, "spawn", "uid");
  const gid = options.gid === undefined ? -1 : int(options.gid, "spawn", "gid");
  const groups = options.groups?.map((group) => int(group, "spawn", "a group"));
  if (groups !== undefined && groups.length > NGROUPS_MAX) {
    throw new RangeError(`spawn: ${groups.length} groups, ${NGROUPS_MAX} is the most`);
  }
  if (groups !== undefined && sys.geteuid() !== 0) throw new SystemError(EPERM, "spawn");
  const cwd = options.cwd === undefined ? undefined : pathname(options.cwd, "spawn");
  const umask = options.umask === undefined ? -1 : umaskOf(options.umask);
  const argv = [String(program), ...args.map(String)];
  const address = await host.programUrl(program, base);
  const strace = options.strace ?? tracer !== undefined;
  const record = encodeRecord({ program: address, argv, ...(strace && { strace }) });
  checkRecord(record, thread.transferSize);

  const stdio = new Stdio(sys, options.stdio ?? []);
  try {
    const { pairs } = stdio;
    const pid = await start({ thread, poolWaitMs, record, uid, gid, groups, pairs, cwd, umask });
    tracer?.spawns(argv, pid);
    return new Child(pid, sys, stdio.started());
  } catch (error) {
    stdio.close();
    throw error;
  }
}

/** A child, all of whose parts are known. */
interface Start {
  thread: Thread;
  poolWaitMs: number;
  record: Uint8Array;
  uid: number;
  gid: number;
  groups: readonly number[] | undefined;
  pairs: readonly number[];
  cwd: string | undefined;
  /** -1: the parent's. */
  umask: number;
}

function umaskOf(value: unknown): number {
  const mask = int(value, "spawn", "umask");
  if (mask >= 0 && mask <= 0o777) return mask;
  throw new RangeError(`spawn: the umask is ${mask}, it must be from 0 to 0o777`);
}

/** @returns the child's pid */
async function start(child: Start): Promise<number> {
  const { thread, record, uid, gid, groups = [], pairs, cwd, umask } = child;
  const words = [...groups, ...pairs];
  // A path stands behind them.
  const room = cwd === undefined ? thread.transferSize : PATH_MAX;
  if (words.length * 4 > room) throw new SystemError(E2BIG, "spawn", "stdio");
  const { kernel, buffer } = thread;
  const worker = await claim(thread, child.poolWaitMs);
  writeRecord(buffer, kernel.task_transfer_at(worker), record);
  const pid = await persistAsync(thread, () => {
    writeInts(thread, words);
    const count = child.groups === undefined ? -1 : groups.length;
    const length = cwd === undefined ? -1 : putSecondPath(thread, cwd);
    return kernel.sys_spawn(worker, uid, gid, count, pairs.length / 2, length, umask);
  });
  if (pid >= 0) return pid;
  kernel.pool_unclaim(worker);
  notify(thread);
  throw new SystemError(-pid, "spawn", pid === -EAGAIN ? "PROC_MAX is reached" : undefined);
}

/** A parked worker, waited for while the pool is empty: the supervisor fills it again. */
async function claim(thread: Thread, poolWaitMs: number): Promise<number> {
  const { kernel, i32 } = thread;
  const index = SB_POOL >> 2;
  const until = performance.now() + poolWaitMs;
  const letGo = host.keepAlive();
  try {
    for (;;) {
      if (thread.isDown()) throw new SystemError(ECANCELED, "spawn", "the machine was shut down");
      const value = Atomics.load(i32, index);
      const task = kernel.pool_claim();
      notify(thread);
      if (task >= 0) return task;
      if (performance.now() >= until) {
        throw new SystemError(EAGAIN, "spawn", `no worker came free in ${poolWaitMs} ms`);
      }
      await elapse(thread, { index, value, until });
    }
  } finally {
    letGo();
  }
}
