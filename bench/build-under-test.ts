/**
 * The library as some build folder holds it: ours, or another checkout's to compare with. Only
 * what the benchmark needs of it is named, so that an older build can be measured too.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Syscalls } from "../host/contract.ts";

export interface Child {
  readonly pid: number;
  wait(): Promise<{ status: number }>;
}

export interface Machine {
  readonly sys: Syscalls;
  spawn(
    program: string | URL,
    args?: readonly string[],
    options?: { stdio: readonly number[] },
  ): Promise<Child>;
  popen(
    command: string,
    type: "r",
  ): Promise<{ readonly stream: { readAll(): Uint8Array }; close(): Promise<unknown> }>;
  shutdown(): Promise<void>;
  readonly handle: { module: WebAssembly.Module; memory: WebAssembly.Memory };
}

/** The exports that a benchmark calls without the runtime between. */
export interface KernelCalls {
  sys_semget(key: number, nsems: number, semflg: number): number;
  sys_semop1(semid: number, semNum: number, semOp: number, semFlg: number): number;
  sys_semctl(semid: number, semnum: number, cmd: number, arg: number): number;
}

/** @throws when the folder holds no build */
export async function bootFrom(build: string, options: { pool?: number } = {}): Promise<Machine> {
  const url = pathToFileURL(join(build, "runtime/index.js")).href;
  const library = (await import(url)) as { boot(options: object): Promise<Machine> };
  return library.boot(options);
}

/** A kernel instance of its own on this thread, for a new process of the machine. */
export async function kernelOf(build: string, { handle }: Machine): Promise<KernelCalls> {
  const url = pathToFileURL(join(build, "runtime/enlist.js")).href;
  const enlist = (await import(url)) as typeof import("../runtime/enlist.ts");
  const credentials = { uid: 0, gid: 0, canBlock: true };
  return (await enlist.newProcess(handle.module, handle.memory, credentials)).kernel;
}
