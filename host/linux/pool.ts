/**
 * The asynchronous twins: each pending one blocks a worker of its own (pool-worker.ts), which is
 * used again. An abort sends the worker's thread a real-time signal, so that the system call ends
 * with EINTR; the signal may come just before the call begins, so it is sent until the worker
 * answers. Workers without a call do not keep the event loop alive.
 */
import { Worker } from "node:worker_threads";
import { EAGAIN, EINTR } from "../../assembly/abi/errno.ts";
import { SystemError } from "../errno.ts";
import type { Libc } from "./libc.ts";
import type { Answer, PoolRequest, Start } from "./pool-protocol.ts";
import { ABORT, DONE, THREAD, WORDS } from "./pool-protocol.ts";
import { unusedSignal } from "./signals.ts";

/** Workers kept for the next call; more are started as calls wait, up to the second number. */
const IDLE_MAX = 4;
const WORKER_MAX = 256;
const RESEND_MS = 2;
const SYS_TGKILL = process.arch === "x64" ? 234 : 131;

interface Slot {
  worker: Worker;
  words: Int32Array<SharedArrayBuffer>;
  /** Requests made so far; words[DONE] follows. */
  requests: number;
}

export class CallPool {
  readonly #libc: Libc;
  readonly #idle: Slot[] = [];
  readonly #busy = new Set<Slot>();
  #signal = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * Makes a request on a worker.
   * @throws {SystemError} what the call fails with; EAGAIN when 256 calls are pending
   */
  async call(request: PoolRequest, abort: AbortSignal | undefined): Promise<Answer> {
    abort?.throwIfAborted();
    const slot = this.#idle.pop() ?? this.#start(request.call);
    this.#busy.add(slot);
    slot.worker.ref();
    slot.requests++;
    Atomics.store(slot.words, ABORT, 0);
    let resend: NodeJS.Timeout | undefined;
    const onAbort = () => {
      this.#interrupt(slot);
      resend = setInterval(() => this.#interrupt(slot), RESEND_MS);
    };
    abort?.addEventListener("abort", onAbort, { once: true });
    try {
      const answer = await ask(slot.worker, request);
      if (answer.result === -EINTR) abort?.throwIfAborted();
      if (answer.result < 0) throw new SystemError(-answer.result, request.call);
      return answer;
    } finally {
      clearInterval(resend);
      abort?.removeEventListener("abort", onAbort);
      this.#release(slot);
    }
  }

  #start(call: string): Slot {
    if (this.#busy.size >= WORKER_MAX) throw new SystemError(EAGAIN, call);
    if (this.#signal === 0) {
      this.#signal = unusedSignal(this.#libc);
      process.once("exit", () => this.#interruptAll());
    }
    const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
    const workerData: Start = { words, signal: this.#signal };
    const url = new URL("./pool-worker.js", import.meta.url);
    return { worker: new Worker(url, { workerData, execArgv: [] }), words, requests: 0 };
  }

  #interrupt({ words }: Slot): void {
    Atomics.store(words, ABORT, 1);
    const thread = Atomics.load(words, THREAD);
    if (thread !== 0) this.#libc.syscall(SYS_TGKILL, this.#libc.getpid(), thread, this.#signal);
  }

  /** Node waits at its exit for workers, and one that is blocked in a system call never ends. */
  #interruptAll(): void {
    for (const slot of this.#busy) {
      while (Atomics.load(slot.words, DONE) !== slot.requests) {
        this.#interrupt(slot);
        Atomics.wait(slot.words, DONE, slot.requests - 1, RESEND_MS);
      }
    }
  }

  #release(slot: Slot): void {
    this.#busy.delete(slot);
    slot.worker.unref();
    const usable = Atomics.load(slot.words, DONE) === slot.requests;
    if (usable && this.#idle.length < IDLE_MAX) this.#idle.push(slot);
    else void slot.worker.terminate();
  }
}

function ask(worker: Worker, request: PoolRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number) =>
      reject(new Error(`${request.call}: its worker ended with exit code ${code}`));
    worker.once("error", reject).once("exit", onExit);
    worker.once("message", (answer: Answer) => {
      worker.off("error", reject).off("exit", onExit);
      resolve(answer);
    });
    worker.postMessage(request);
  });
}
