/**
 * The parent's side of a process: claim a parked worker, leave the record, make the process, wake.
 * No thread stands between, so a spawn costs a few calls and one notify.
 */
import { host } from "#host";
import { EAGAIN, ECANCELED } from "../../assembly/abi/errno.ts";
import { SB_POOL } from "../../assembly/abi/layout.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import type { Tracer } from "../strace/strace.ts";
import type { Thread } from "../thread.ts";
import { elapse, persistAsync } from "../wait.ts";
import { notify } from "../wake.ts";
import { type AttributeOptions, Attributes } from "./attributes.ts";
import { Child } from "./child.ts";
import { ChildDescriptors, type FileAction } from "./file-actions.ts";
import { lookup } from "./lookup.ts";
import { Parcel } from "./record.ts";
import { Stdio, type StdioOption } from "./stdio.ts";

/** What a new process has otherwise than its parent. */
export interface SpawnOptions extends AttributeOptions {
  /** What it is called by: its `argv[0]`; default: the program as it was named. */
  argv0?: string;
  /** Its environment; default: `machine.env` of this process. */
  env?: Readonly<Record<string, string>>;
  /**
   * What the child has under the numbers from 0 on: an array, or one word for 0, 1 and 2. Descriptors
   * that it says nothing of are inherited, unless they are closed on exec. With `"pipe"` the other
   * end is `child.stdin`, `child.stdout` or `child.stderr`.
   */
  stdio?: StdioOption | readonly StdioOption[];
  /** What follows, in order: files that it opens, descriptors that it duplicates or closes. */
  fileActions?: readonly FileAction[];
  /**
   * Prints the system calls of the program, and of those that it spawns, on standard error, a line a
   * call, two for a call that sleeps. By default as this process has it.
   */
  strace?: boolean;
}

/** What is common to all spawns of a process. */
export interface SpawnContext {
  thread: Thread;
  sys: Syscalls;
  env: Readonly<Record<string, string>>;
  base: string;
  poolWaitMs: number;
  /** Where this process's calls are printed, if they are. */
  tracer?: Tracer | undefined;
}

/** See Machine.spawn(). */
export async function spawn(
  context: SpawnContext,
  program: string | URL,
  args: readonly string[],
  options: SpawnOptions,
): Promise<Child> {
  const { thread, sys, base, tracer } = context;
  const { env = context.env, argv0 = String(program) } = options;
  const named = [argv0, ...args].map(String);
  const { image, argv } = await lookup(sys, program, named, { base, path: context.env.PATH });
  const strace = options.strace ?? tracer !== undefined;
  const parcel = new Parcel(sys, {
    image,
    name: nameOf(program),
    argv,
    env: texts(env),
    ...(strace && { strace }),
  });

  const stdio = new Stdio(sys, options.stdio ?? []);
  const descriptors = new ChildDescriptors(sys, stdio.pairs, options.cwd);
  try {
    await descriptors.follow(options.fileActions ?? []);
    parcel.pack(thread, descriptors);
    const attributes = new Attributes(thread, sys, options, descriptors.pairs());
    const pid = await start(context, parcel, attributes);
    tracer?.spawns(argv, pid);
    return new Child(pid, sys, stdio.started());
  } catch (error) {
    stdio.close();
    throw error;
  } finally {
    descriptors.close();
    parcel.close();
  }
}

/** The last component of a path or an address, as Linux calls a process by its file. */
function nameOf(program: string | URL): string {
  const text = String(program);
  const [scheme = ""] = /^(?:data|blob)(?=:)/.exec(text) ?? [];
  if (scheme !== "") return scheme;
  const [path = ""] = text.split(/[?#]/, 1);
  return path.split(/[/\\:]/).at(-1) ?? "";
}

function texts(env: Readonly<Record<string, unknown>>): Record<string, string> {
  if (typeof env !== "object" || env === null) throw new TypeError(`spawn: env is ${String(env)}`);
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
}

/** @returns the child's pid */
async function start(
  { thread, poolWaitMs }: SpawnContext,
  parcel: Parcel,
  attributes: Attributes,
): Promise<number> {
  const { kernel } = thread;
  const worker = await claim(thread, poolWaitMs);
  parcel.write(thread, kernel.task_transfer_at(worker));
  const pid = await persistAsync(thread, () => kernel.sys_spawn(worker, attributes.write(thread)));
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
