/**
 * What signals do to the shell. A handler only notes that its signal came: the trap's commands run
 * between two commands of the shell.
 */
import { SIG_DFL, SIG_IGN, SIGINT, SIGQUIT, SIGTERM } from "../../assembly/abi/signal.ts";
import type { Syscalls } from "../../host/contract.ts";
import { Interrupted } from "./failure.ts";

/** The number under which `trap` keeps what is run when the shell ends. */
export const TRAP_EXIT = 0;

export class Traps {
  readonly #sys: Syscalls;
  /** Commands by signal; an empty text ignores it. */
  readonly #actions = new Map<number, string>();
  /** Were ignored when the shell began, and stay so. */
  readonly #fixed = new Set<number>();
  readonly #pending = new Set<number>();
  #isInteractive = false;
  #isInterrupted = false;

  constructor(sys: Syscalls) {
    this.#sys = sys;
  }

  /** @param action undefined: as it was before any trap */
  set(signal: number, action: string | undefined): void {
    if (this.#fixed.has(signal)) return;
    const known = this.#actions.has(signal);
    if (action === undefined) this.#actions.delete(signal);
    else this.#actions.set(signal, action);
    if (signal === TRAP_EXIT) return;
    const before = this.#sys.sigaction(signal, this.#disposition(signal));
    if (known || before !== SIG_IGN || this.#isInteractive) return;
    this.#sys.sigaction(signal, SIG_IGN);
    this.#actions.delete(signal);
    this.#fixed.add(signal);
  }

  #disposition(signal: number) {
    const action = this.#actions.get(signal);
    if (action === "") return SIG_IGN;
    if (action !== undefined) return () => void this.#pending.add(signal);
    if (!this.#isInteractive) return SIG_DFL;
    if (signal === SIGINT) return () => this.#interrupt();
    return signal === SIGTERM || signal === SIGQUIT ? SIG_IGN : SIG_DFL;
  }

  #interrupt(): void {
    this.#isInterrupted = true;
  }

  /** Ctrl-C gives a new prompt, and SIGTERM does not end the shell. */
  beInteractive(): void {
    this.#isInteractive = true;
    for (const signal of [SIGINT, SIGTERM, SIGQUIT]) {
      this.#sys.sigaction(signal, this.#disposition(signal));
    }
  }

  /** Whether Ctrl-C came since throwIfInterrupted() was last asked. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** @throws {Interrupted} if Ctrl-C came since it was last asked */
  throwIfInterrupted(): void {
    if (!this.#isInterrupted) return;
    this.#isInterrupted = false;
    throw new Interrupted();
  }

  get(signal: number): string | undefined {
    return this.#actions.get(signal);
  }

  /** Every trap, in the order of the numbers. */
  list(): [signal: number, action: string][] {
    return [...this.#actions].sort(([a], [b]) => a - b);
  }

  /** A signal that has come and has a trap, and is no longer pending. */
  take(): number | undefined {
    for (const signal of this.#pending) {
      this.#pending.delete(signal);
      return signal;
    }
    return undefined;
  }

  /** One that take() would give. */
  get next(): number | undefined {
    return this.#pending.values().next().value;
  }

  /** Signals that a program must find as the shell found them. */
  reset(): void {
    for (const [signal, action] of this.#actions) {
      if (signal !== TRAP_EXIT && action !== "") this.#sys.sigaction(signal, SIG_DFL);
    }
  }
}
