/**
 * What a process can be told to do: every system call by its name, the asynchronous twins as
 * "async.semop", and the few steps below that need an object of the process itself. The same in a
 * child process on Linux and in a worker on our kernel.
 */
import type { Attachment, Msgbuf, Syscalls } from "../../host/contract.ts";
import { FileSteps } from "./steps-files.ts";
import { type Command, decode, encode, failure, type Reply } from "./wire.ts";

/** What differs between the backends. */
export interface Backside {
  /** Ends this process. */
  exit(code: number): void;
  /** Starts a child of this process that runs the agent. @returns its pid */
  spawnAgent(options: unknown): number | Promise<number>;
  /** Runs a script of signal calls as a process of its own. @returns what it prints, and its status */
  signalScript(args: string[]): Promise<{ lines: string[]; status: number }>;
}

export class Agent {
  readonly #sys: Syscalls;
  readonly #backside: Backside;
  /** The newest first. */
  readonly #attachments: Attachment[] = [];
  readonly #signals: number[] = [];
  readonly #handled = new Set<number>();
  readonly #aborts = new Map<string, AbortController>();
  readonly #files: FileSteps;

  /** A kernel without descriptors fails the steps on them, each by itself. */
  constructor(sys: Syscalls, backside: Backside) {
    this.#sys = sys;
    this.#backside = backside;
    this.#files = new FileSteps(sys, (step, args) => this.#call(step, args));
  }

  /** Carries out a command. A blocking call blocks this thread meanwhile. */
  async answer({ id, step, args }: Command): Promise<Reply> {
    try {
      const values = decode(args) as unknown[];
      const value = await this.#run(step, values);
      this.#files.note(step, values, value);
      return { id, value: encode(value) };
    } catch (thrown) {
      return { id, failure: failure(thrown) };
    }
  }

  #run(step: string, args: unknown[]): unknown {
    const own = this.#steps[step] ?? this.#files.steps[step];
    return own === undefined ? this.#call(step, args) : own(...(args as never[]));
  }

  #call(step: string, args: unknown[]): unknown {
    if (step.includes("pthread_mutex_")) args.splice(0, 2, this.#mutex(args[0], args[1]));
    if (step.startsWith("async.")) return this.#twin(step.slice("async.".length), args);
    const call = (this.#sys as unknown as Record<string, unknown>)[step];
    if (typeof call !== "function") throw new Error(`no step ${step}`);
    return call.apply(this.#sys, args);
  }

  /** `{ abort: NAME }` as the last argument makes a signal that the step "abort" aborts. */
  #twin(name: string, args: unknown[]): unknown {
    const last = args.at(-1) as { abort?: string } | undefined;
    if (typeof last?.abort === "string") {
      const controller = new AbortController();
      this.#aborts.set(last.abort, controller);
      args[args.length - 1] = { signal: controller.signal };
    }
    const twins = this.#sys.async as unknown as Record<string, (...args: unknown[]) => unknown>;
    return twins[name]!(...args);
  }

  /** The address of the attachment and the offset that a row gives; anything else goes as it is. */
  #mutex(addr: unknown, offset: unknown): unknown {
    if (typeof addr !== "number") return addr;
    return { attachment: this.#attachment(addr), offset };
  }

  #attachment(addr: number): Attachment {
    const found = this.#attachments.find((each) => each.addr === addr);
    if (found === undefined) throw new Error(`nothing was attached at ${addr}`);
    return found;
  }

  readonly #steps: Record<string, (...args: never[]) => unknown> = {
    shmat: (...args: [number]) => {
      const attachment = this.#sys.shmat(...args);
      this.#attachments.unshift(attachment);
      return { addr: attachment.addr, size: attachment.size, shmid: attachment.shmid };
    },
    /** shmdt() with the Attachment itself. */
    shmdtAttachment: (addr: number) => this.#sys.shmdt(this.#attachment(addr)),
    peek: (addr: number, offset: number, length = 1) => [
      ...this.#attachment(addr).bytes.slice(offset, offset + length),
    ],
    poke: (addr: number, offset: number, ...values: number[]) => {
      this.#attachment(addr).bytes.set(values, offset);
    },
    isShared: (addr: number) => this.#attachment(addr).bytes.buffer instanceof SharedArrayBuffer,
    atomicAdd: (addr: number, index: number, value: number) => {
      const { bytes } = this.#attachment(addr);
      return Atomics.add(new Int32Array(bytes.buffer, bytes.byteOffset), index, value);
    },
    send: (msqid: number, mtype: number, text: string, msgflg?: number) => {
      const mtext = new TextEncoder().encode(text);
      return this.#sys.msgsnd(msqid, { mtype, mtext }, mtext.length, msgflg);
    },
    receive: (msqid: number, msgsz: number, msgtyp?: number, msgflg?: number) => {
      const msgp: Msgbuf = { mtype: 0, mtext: new Uint8Array(msgsz) };
      const length = this.#sys.msgrcv(msqid, msgp, msgsz, msgtyp, msgflg);
      return received(msgp, length);
    },
    receiveTwin: async (
      msqid: number,
      msgsz: number,
      msgtyp?: number,
      msgflg?: number,
      options?: { abort: string },
    ) => {
      const msgp: Msgbuf = { mtype: 0, mtext: new Uint8Array(msgsz) };
      const length = (await this.#twin("msgrcv", [
        msqid,
        msgp,
        msgsz,
        msgtyp,
        msgflg,
        options,
      ])) as number;
      return received(msgp, length);
    },
    abort: (name: string, reason: string) => this.#aborts.get(name)!.abort(new Error(reason)),
    sigaction: (signum: number, wanted: unknown) => {
      const note = (signal: number) => void this.#signals.push(signal);
      const before = this.#sys.sigaction(
        signum,
        (typeof wanted === "function" ? note : wanted) as 0,
      );
      this.#handled.add(signum);
      return before;
    },
    /** The signals that HANDLER has seen, once the event loop has turned. */
    signals: async () => {
      await new Promise((resolve) => setTimeout(resolve));
      return this.#signals.splice(0);
    },
    exit: (code: number) => this.#backside.exit(code),
    signalScript: (script: string[]) => this.#backside.signalScript(script),
    spawnAgent: (options: unknown) => this.#backside.spawnAgent(options),
    /** Makes the process as good as new for the next row. */
    reset: () => {
      for (const { addr } of this.#attachments.splice(0)) this.#detach(addr);
      for (const signum of this.#handled) this.#sys.sigaction(signum, 0);
      this.#handled.clear();
      this.#files.reset();
      this.#signals.length = 0;
    },
  };

  /** The row may have detached it already. */
  #detach(addr: number): void {
    try {
      this.#sys.shmdt(addr);
    } catch (error) {
      if ((error as { code?: string }).code !== "EINVAL") throw error;
    }
  }
}

function received({ mtype, mtext }: Msgbuf, length: number) {
  return { mtype, text: new TextDecoder().decode(mtext.subarray(0, length)), length };
}
