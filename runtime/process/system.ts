/** system(3): a command line, and its end. */
import {
  SIG_BLOCK,
  SIG_IGN,
  SIG_SETMASK,
  SIGCHLD,
  SIGINT,
  SIGQUIT,
} from "../../assembly/abi/signal.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { Disposition } from "../../host/contract-signal.ts";
import { uninterruptedAsync } from "../api/wait-options.ts";
import type { Machine } from "../machine.ts";
import type { ChildStatus } from "./child.ts";
import { SHELL } from "./popen.ts";

/** The keyboard's signals are for the command alone while it runs, see system(3). */
const IGNORED = [SIGINT, SIGQUIT];

/** What a process does with signals while commands of it run; the last one that ends gives it back. */
export class Deafness {
  readonly #sys: Syscalls;
  #commands = 0;
  #dispositions: readonly Disposition[] = [];
  #mask: readonly number[] = [];

  constructor(sys: Syscalls) {
    this.#sys = sys;
  }

  /** @returns what the command does not ignore, and what it has blocked */
  begin(): { sigdefault: number[]; sigmask: readonly number[] } {
    const sys = this.#sys;
    if (this.#commands++ === 0) {
      this.#dispositions = IGNORED.map((signal) => sys.sigaction(signal, SIG_IGN));
      this.#mask = sys.sigprocmask(SIG_BLOCK, [SIGCHLD]);
    }
    const sigdefault = IGNORED.filter((_, index) => this.#dispositions[index] !== SIG_IGN);
    return { sigdefault, sigmask: this.#mask };
  }

  end(): void {
    if (--this.#commands > 0) return;
    for (const [index, signal] of IGNORED.entries()) {
      this.#sys.sigaction(signal, this.#dispositions[index]!);
    }
    this.#sys.sigprocmask(SIG_SETMASK, this.#mask);
  }
}

/** See Machine.system(). */
export async function system(
  machine: Machine,
  deafness: Deafness,
  command: string,
): Promise<ChildStatus> {
  const signals = deafness.begin();
  try {
    const child = await machine.spawn(SHELL, ["-c", command], { argv0: "sh", ...signals });
    return await uninterruptedAsync(() => child.wait());
  } finally {
    deafness.end();
  }
}
