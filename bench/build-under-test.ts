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
  spawn(program: string | URL, args?: readonly string[]): Promise<Child>;
  shutdown(): Promise<void>;
}

/** @throws when the folder holds no build */
export async function bootFrom(build: string, options: { pool?: number } = {}): Promise<Machine> {
  const url = pathToFileURL(join(build, "runtime/index.js")).href;
  const library = (await import(url)) as { boot(options: object): Promise<Machine> };
  return library.boot(options);
}
