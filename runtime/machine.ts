/** A machine as one of its processes sees it. */
import type { Syscalls } from "../host/contract.ts";
import type { MachineHandle } from "./process/protocol.ts";
import { type Child, type SpawnOptions, spawn } from "./process/spawn.ts";
import { reap } from "./reap.ts";
import type { Tracer } from "./strace/strace.ts";
import { syscalls } from "./syscalls/index.ts";
import type { Thread } from "./thread.ts";

/** A machine, and this thread's own process in it. */
export class Machine implements AsyncDisposable {
  /** The system calls of this process. On a thread that may not block, use `sys.async`. */
  readonly sys: Syscalls;
  /** What attach() needs on another thread; post it to a Worker. */
  readonly handle: MachineHandle;
  /** The process that makes the calls of `sys`. */
  readonly pid: number;
  readonly #thread: Thread;
  readonly #leave: () => Promise<void>;
  readonly #tracer: Tracer | undefined;
  #left: Promise<void> | undefined;

  /** @internal boot() and attach() make machines. */
  constructor(
    thread: Thread,
    handle: MachineHandle,
    leave: () => Promise<void>,
    tracer?: Tracer | undefined,
  ) {
    const sys = syscalls(thread);
    this.sys = tracer === undefined ? sys : tracer.trace(sys);
    thread.sleeps = tracer && (() => tracer.sleeps());
    this.#tracer = tracer;
    this.handle = handle;
    this.pid = thread.pid;
    this.#thread = thread;
    this.#leave = leave;
  }

  /**
   * Starts a program as a child of this process, on a worker that is ready for it.
   *
   * @param program the address of a module with `export function main(sys, argv, machine)`, which
   *   returns the exit status or a Promise of it; relative to the working directory on Node, to the
   *   document in a page
   * @param args what follows the program's name in its `argv`
   * @param options user, group, groups, `cwd`, `umask`, `stdio` and `strace`; by default those of this
   *   process
   * @returns the child, which runs already
   * @throws {SystemError} EBADF `stdio` names a descriptor that is not open; E2BIG the arguments are too
   *   long; ENOENT, ENOTDIR, EACCES, ELOOP or ENAMETOOLONG as chdir(2) has them, for `cwd`; EAGAIN
   *   PROC_MAX processes exist, or no worker came free in time; EPERM another user, group or groups, and
   *   this process is not root's
   * @see posix_spawn(3)
   * @example
   * const child = await machine.spawn("./count.js", ["README.md"]);
   * const { code } = await child.wait();
   */
  spawn(
    program: string | URL,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ): Promise<Child> {
    const { base, poolWaitMs } = this.handle;
    const tracer = this.#tracer;
    const context = { thread: this.#thread, sys: this.sys, base, poolWaitMs, tracer };
    return spawn(context, program, args, options);
  }

  /**
   * Finds threads that have ended without a word, such as a worker of your own that you terminated, and
   * repairs what they left: SEM_UNDO is applied, locks are released, parents hear of it. It happens
   * by itself, too, as a rule within a millisecond; after this it has happened. A thread is dead when
   * the platform says so, never because it is slow or stopped.
   *
   * @returns how many threads were found dead since the call; it may have to wait for a lock that a
   *   living thread holds
   * @throws {SystemError} ECANCELED the machine was shut down
   * @example
   * await worker.terminate();
   * await machine.reap();
   */
  reap(): Promise<number> {
    return reap(this.#thread);
  }

  /**
   * Ends the machine: every worker of it, and with ECANCELED every call that still waits. May be
   * called again. Where the machine was attached, it ends the attaching process only; in a program
   * it does nothing, for the program's end is that of its process.
   */
  shutdown(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
