/** What the runtime's tests share. */
import { execFile } from "node:child_process";
import { IPC_CREAT, type Machine, type Syscalls } from "../../runtime/index.ts";

export const PROGRAM = new URL("./runtime-program.js", import.meta.url);
const RUNTIME = new URL("../../runtime/index.js", import.meta.url).href;

/** A set of two semaphores that are 0. */
export function twoSemaphores(sys: Syscalls): number {
  return sys.semget(0, 2, IPC_CREAT | 0o666);
}

export function op(sem_num: number, sem_op: number, sem_flg = 0) {
  return [{ sem_num, sem_op, sem_flg }];
}

/** The code of the SystemError that the call throws, or "none". */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "none";
}

export async function codeOfAsync(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** Resolves when `count` tasks sleep until semaphore `num` grows. */
export async function sleepers(machine: Machine, set: number, num: number, count: number) {
  while (machine.sys.semctl(set, num, 14) !== count) await new Promise(setImmediate);
}

export interface Outcome {
  status: number | string;
  stdout: string;
  stderr: string;
}

/** Runs a module's text in a Node process of its own; `boot` and the rest are imported. */
export function inNode(text: string, timeoutMs = 20_000): Promise<Outcome> {
  const source = `import * as ipc from ${JSON.stringify(RUNTIME)};
    const { boot, attach, IPC_CREAT } = ipc;
    const PROGRAM = ${JSON.stringify(PROGRAM.href)};
    ${text}`;
  return new Promise((done) => {
    const args = ["--input-type=module", "--eval", source];
    execFile(process.execPath, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
      const status = error === null ? 0 : (error.code ?? error.signal ?? "unknown");
      done({ status, stdout, stderr });
    });
  });
}
