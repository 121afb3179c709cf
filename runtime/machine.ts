/** A machine as one of its processes sees it. */
import type { Syscalls } from "../host/contract.ts";
import type { PipeReader, PipeWriter } from "./api/pipe-ends.ts";
import type { Child, ChildStatus } from "./process/child.ts";
import { type Popen, popen } from "./process/popen.ts";
import type { MachineHandle } from "./process/protocol.ts";
import { type SpawnOptions, spawn } from "./process/spawn.ts";
import { Deafness, system } from "./process/system.ts";
import { reap } from "./reap.ts";
import { snapshot } from "./snapshot/snapshot.ts";
import type { MachineSnapshot } from "./snapshot/types.ts";
import type { Tracer } from "./strace/strace.ts";
import { syscalls } from "./syscalls/index.ts";
import type { Thread } from "./thread.ts";

/** How a process sees its machine. */
export interface MachineOptions {
  /** Ends the process, and where it has booted the machine, that. */
  leave: () => Promise<void>;
  env?: Readonly<Record<string, string>>;
  tracer?: Tracer | undefined;
  /** The calls of the thread, if they are made already. */
  sys?: Syscalls;
  /** Carries what was written to the volumes of this thread. */
  carry?: () => Promise<void>;
}

/** The environment of a process that no spawn has started. */
const FIRST_ENV = { PATH: "/bin" };

/** A machine, and this thread's own process in it. */
export class Machine implements AsyncDisposable {
  /** The system calls of this process. On a thread that may not block, use `sys.async`. */
  readonly sys: Syscalls;
  /** What attach() needs on another thread; post it to a Worker. */
  readonly handle: MachineHandle;
  /** The process that makes the calls of `sys`. */
  readonly pid: number;
  /** Its environment, which its children have as well; it may be changed. See environ(7). */
  readonly env: Record<string, string>;
  readonly #thread: Thread;
  /** The calls without a trace. */
  readonly #sys: Syscalls;
  readonly #leave: () => Promise<void>;
  readonly #carry: (() => Promise<void>) | undefined;
  readonly #tracer: Tracer | undefined;
  #left: Promise<void> | undefined;
  #deafness: Deafness | undefined;

  /** @internal boot() and attach() make machines. */
  constructor(
    thread: Thread,
    handle: MachineHandle,
    { leave, env = FIRST_ENV, tracer, carry, sys = syscalls(thread) }: MachineOptions,
  ) {
    this.#carry = carry;
    this.env = { ...env };
    this.#sys = sys;
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
   *   returns the exit status or a Promise of it, relative to the working directory on Node, to the
   *   document in a page; or a name without slash and dot, which is looked for in the PATH of the
   *   machine; or `machine:` and a path in the machine's own tree, of a program of /bin, of a script with `#!`,
   *   or of a module (.js, .mjs)
   * @param args what follows the program's name in its `argv`
   * @param options `argv0`, user, group, groups, `cwd`, `umask`, `env`, `stdio`, `fileActions`, `pgroup`,
   *   `session`, `sigmask`, `sigdefault` and `strace`; by default those of this process
   * @returns the child, which runs already
   * @throws {SystemError} ENOENT, EACCES, ENOEXEC or ELOOP as execve(2) has them, for a program in the
   *   machine; EBADF `stdio` or a file action names a descriptor that is not open; E2BIG the arguments and the
   *   environment take more than 1 MiB; ENOENT, ENOTDIR, EACCES, ELOOP or ENAMETOOLONG as chdir(2) has them, for
   *   `cwd`; EAGAIN PROC_MAX processes exist, or no worker came free in time; EPERM another user, group or
   *   groups, and this process is not root's, or `pgroup` is no group of its session
   * @see posix_spawn(3)
   * @example
   * const child = await machine.spawn("./count.js", ["README.md"]);
   * const { code } = await child.wait();
   * await machine.spawn("ls", ["-l", "/tmp"]);
   */
  spawn(
    program: string | URL,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ): Promise<Child> {
    const { sys, env } = this;
    const { base, poolWaitMs } = this.handle;
    const context = { thread: this.#thread, sys, env, base, poolWaitMs, tracer: this.#tracer };
    return spawn(context, program, args, options);
  }

  /**
   * Starts a command line of the shell, one of whose streams is a pipe to this process.
   *
   * @param type "r": the stream is what the command writes; "w": it is what the command reads
   * @returns the stream, and `close()`, which waits for the command's end
   * @throws {SystemError} EINVAL another type; otherwise as spawn(), of /bin/sh
   * @see popen(3)
   * @example
   * const sort = await machine.popen("sort -r | head -3", "w");
   * sort.stream.write(new TextEncoder().encode("b\na\nc\n"));
   * const { code } = await sort.close();
   */
  popen(command: string, type: "r"): Promise<Popen<PipeReader>>;
  popen(command: string, type: "w"): Promise<Popen<PipeWriter>>;
  popen(command: string, type: "r" | "w"): Promise<Popen<PipeReader | PipeWriter>> {
    return popen(this, command, type);
  }

  /**
   * Runs a command line of the shell, and waits for its end. Meanwhile SIGINT and SIGQUIT are ignored here, and
   * SIGCHLD is blocked.
   *
   * @returns its exit code, 127 when there is no such program, or the signal that ended the shell
   * @throws {SystemError} as spawn(), of /bin/sh
   * @see system(3)
   * @example
   * const { code } = await machine.system("ls -l /tmp > /tmp/list");
   */
  system(command: string): Promise<ChildStatus> {
    this.#deafness ??= new Deafness(this.sys);
    return system(this, this.#deafness, command);
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
   * Looks at the whole machine while it goes on: processes with what each waits for and what it has open,
   * System V objects, pipes, locks on files and mutexes. Whoever may enter a machine may look at it, as its
   * memory is everybody's; only values of semaphores need their read permission.
   *
   * It is no one moment's: others go on meanwhile. Of a process that slept in a call all the while (its `waits`)
   * everything is of one moment; of others what they have may have changed between two lines.
   *
   * @returns plain data, which can be posted to another thread or written as JSON
   * @throws {SystemError} ECANCELED the machine was shut down
   * @see ps(1), lsof(8)
   * @example
   * for (const { pid, command, state } of machine.snapshot().processes) console.log(pid, command, state);
   */
  snapshot(): MachineSnapshot {
    return snapshot(this.#thread, this.#sys);
  }

  /**
   * Carries everything that was written to the volumes: to the objects and memfs volumes of the thread
   * that booted, when this is that thread's, and to every directory(), whoever wrote it.
   *
   * @throws {SystemError} EIO, ENOSPC, EACCES, EROFS and the like: a directory's disk refused something;
   *   the rest was carried. What an object or a volume of memfs throws is thrown as it is
   * @see sync(2)
   */
  async sync(): Promise<void> {
    await this.#carry?.();
    await this.sys.async.sync();
  }

  /**
   * Ends the machine: every worker of it, and with ECANCELED every call that still waits. Volumes are
   * written first, as by sync(); what one refuses is thrown when the machine has ended. May be
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
