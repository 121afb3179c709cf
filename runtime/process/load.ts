/** From what a program is to its main(): the code is fetched, or read, and evaluated in this worker. */
import { host } from "#host";
import { O_CLOEXEC, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { readOnce } from "../api/descriptor.ts";
import type * as bin from "../bin/index.ts";
import type { Machine } from "../machine.ts";
import type { MachineHandle, ProgramImage } from "./protocol.ts";

/** What a program exports. */
export type Main = (
  sys: Syscalls,
  argv: readonly string[],
  machine: Machine,
) => number | undefined | Promise<number | undefined>;

/**
 * @param name what the program is called, for errors
 * @throws what its module throws while it is loaded; TypeError: it has no main()
 */
export async function load(
  image: ProgramImage,
  name: string,
  sys: Syscalls,
  handle: MachineHandle,
): Promise<Main> {
  const module = await moduleOf(image, sys, handle);
  if (typeof module.main === "function") return module.main as Main;
  throw new TypeError(`${name}: the program exports no function \`main\``);
}

async function moduleOf(
  image: ProgramImage,
  sys: Syscalls,
  handle: MachineHandle,
): Promise<{ readonly main?: unknown }> {
  if ("url" in image) return await import(image.url);
  if ("file" in image) return await host.importText(readText(sys, image.file));
  const programs = await loadPrograms(handle);
  const program = await programs.builtin(image.builtin)?.();
  if (program === undefined) throw new TypeError(`${image.builtin}: there is no such program`);
  return program;
}

let loaded: Promise<typeof bin> | undefined;

/** The programs of /bin, which a worker evaluates once. */
function loadPrograms({ programs }: MachineHandle): Promise<typeof bin> {
  loaded ??= evaluate(programs) as Promise<typeof bin>;
  return loaded;
}

async function evaluate(programs: MachineHandle["programs"]): Promise<unknown> {
  if (programs === undefined)
    throw new Error("this machine was booted without the programs of /bin");
  if (typeof programs === "string") return (await import(programs)).default;
  // A copy: TextDecoder takes no shared memory in a page.
  const code = new TextDecoder().decode(new Uint8Array(programs).slice());
  return await host.evaluateBundle(code, "programs");
}

function readText(sys: Syscalls, path: string): string {
  const fd = sys.open(path, O_RDONLY | O_CLOEXEC);
  try {
    const bytes = new Uint8Array(sys.fstat(fd).st_size);
    let total = 0;
    for (;;) {
      const count = readOnce(sys, fd, bytes.subarray(total));
      total += count;
      if (count === 0) return new TextDecoder().decode(bytes.subarray(0, total));
    }
  } finally {
    sys.close(fd);
  }
}
