/**
 * The driver's side of one process, whatever carries the commands: numbers them, matches replies,
 * and knows what is pending when the process ends.
 */
import { SEM_UNDO } from "../../assembly/abi/sem.ts";
import type { Proc } from "./row.ts";
import { type Command, decode, encode, type Reply, StepError } from "./wire.ts";

interface Waiting {
  step: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** States are polled this often: a task has no way to tell that it fell asleep. */
const POLL_MS = 1;

export abstract class ProcBase implements Proc {
  abstract readonly pid: number;
  /** May not be used by another row: it keeps adjustments, or was asked for as a fresh one. */
  dirty = false;
  alive = true;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #resolveEnded!: () => void;
  #next = 1;

  constructor() {
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  protected abstract send(command: Command): void;
  /** How many threads of it sleep in a system call now. */
  protected abstract sleepers(): number;
  abstract kill(signal: number): Promise<void>;

  get pending(): number {
    return this.#waiting.size;
  }

  do<T = number>(step: string, ...args: unknown[]): Promise<T> {
    if (!this.alive) throw new Error(`${step}: process ${this.pid} has ended`);
    const id = this.#next++;
    if (step === "spawnAgent" || usesUndo(args)) this.dirty = true;
    const result = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { step, resolve, reject });
    });
    this.send({ id, step, args: encode(args) });
    return result as Promise<T>;
  }

  start<T = number>(step: string, ...args: unknown[]): Promise<T> {
    const result = this.do<T>(step, ...args);
    result.catch(() => undefined);
    return result;
  }

  async asleep(count = 1): Promise<void> {
    while (this.sleepers() < count) {
      if (this.#waiting.size < count) {
        throw new Error(`process ${this.pid} does not sleep: a call has returned`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async exit(code = 0): Promise<void> {
    void this.start("exit", code);
    await this.#ended;
  }

  ended(): Promise<void> {
    return this.#ended;
  }

  /** A reply came in. */
  protected receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if ("failure" in reply) waiting.reject(new StepError(reply.failure));
    else waiting.resolve(decode(reply.value));
  }

  /** The process has ended. */
  hasEnded(how: string): void {
    if (!this.alive) return;
    this.alive = false;
    for (const { step, reject } of this.#waiting.values()) {
      reject(new Error(`${step}: process ${this.pid} ended: ${how}`));
    }
    this.#waiting.clear();
    this.#resolveEnded();
  }
}

/** SEM_UNDO leaves adjustments in the process. */
function usesUndo(args: readonly unknown[]): boolean {
  return args.some(
    (arg) => Array.isArray(arg) && arg.some((op) => (Number(op?.sem_flg ?? 0) & SEM_UNDO) !== 0),
  );
}
