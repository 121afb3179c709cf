/** Whose System V objects a subcommand is about: a new machine's, or this computer's kernel's. */
import type { Syscalls } from "../../host/contract.ts";
import { boot } from "../index.ts";
import { CommandExit, EXIT_FAILURE } from "./usage.ts";

/** The real kernel's calls. koffi, an optional peer, is loaded only here; linux() says if it cannot. */
async function linuxSyscalls(): Promise<Syscalls> {
  const { linux } = await import("../../host/linux/index.ts");
  try {
    return await linux();
  } catch (error) {
    throw new CommandExit(EXIT_FAILURE, `wasm-ipc: --linux: ${(error as Error).message}`);
  }
}

/** Calls `work` with the calls of this computer's kernel, or of a machine that ends after it. */
export async function withSyscalls<T>(isLinux: boolean, work: (sys: Syscalls) => T): Promise<T> {
  if (isLinux) return work(await linuxSyscalls());
  await using machine = await boot({ pool: 0 });
  return work(machine.sys);
}
