/**
 * Interfaces only: what a platform gives to the runtime. host/node.ts and host/browser.ts each
 * export one `host` that implements it; package.json's `#host` picks the right one.
 */
import type { Endpoint } from "comlink";
import type { Disk } from "./volume.ts";

/** Where a worker's code comes from: text that is carried along, or an address. */
export type WorkerSource = { code: string } | { url: string };

/** A worker as the thread that started it sees it. */
export interface HostWorker {
  /** For Comlink. */
  readonly endpoint: Endpoint;
  /** Called once, with the reason, when the worker cannot be loaded or dies of an error. */
  onError(report: (reason: unknown) => void): void;
  /**
   * Resolves with its exit code when the worker has really ended: not one more of its stores will
   * be seen. Precondition in a page: the worker has announced itself.
   */
  ended(): Promise<number>;
  /** Asks the worker to end at once, wherever it is; ended() tells when it has. */
  terminate(): void;
  /** From now on this worker does not keep its starter's event loop alive. */
  unref(): void;
}

/** What a thread tells of itself before it has a task in a machine, so that its end will be heard. */
export interface PledgeOptions {
  /** ThreadWatch.address of the machine's supervisor. */
  address: unknown;
  bootId: string;
  serial: number;
  /** Called when the supervisor has ended, so that nobody hears of deaths any more. */
  onSupervisorEnd: () => void;
  /** Called when the supervisor could not be told after all. */
  onFailure: (error: unknown) => void;
}

/** A thread's standing promise to the supervisor that its end will be heard. */
export interface Pledge {
  /** Takes it back: this thread lives on, but has nothing in the machine any more. */
  withdraw(): void;
}

/**
 * How a supervisor hears that a thread has ended which it has not started. Evidence is only what a
 * platform says; a thread of which it says nothing is alive.
 */
export interface ThreadWatch {
  /** What pledge() needs; structured-cloneable. */
  readonly address: unknown;
  /** From now on the end of this thread, which has made its pledge, is heard. */
  listen(serial: number): void;
  /** Resolves when what the platform knows now of these threads has been heard. */
  look(serials: Iterable<number>): Promise<void>;
  /** Once a second: looks at those whose end would not be heard without a look. */
  tick(): void;
  /** The thread is buried. */
  forget(serial: number): void;
}

/** A process of the machine, as its worker's platform uses it. */
export interface HostedProcess {
  /** write(2) to the process's descriptor 1 or 2, all of it. @throws {SystemError} */
  write(fd: number, bytes: Uint8Array): void;
  /** Whether descriptor 1 or 2 is a stream of the host's, and not a pipe or a file of the machine. */
  isHosted(fd: number): boolean;
  exit(code: number): void;
  fail(error: unknown): void;
}

export interface Host {
  /** @throws {Error} when threads cannot share memory here, saying what is missing. */
  requireSharedMemory(): void;
  /** Whether Atomics.wait is allowed on this thread. */
  canBlock(): boolean;
  /** Whether another thread may end this one at any moment: it is a worker. */
  canBeTerminated(): boolean;
  /** Milliseconds of a clock that only grows, and is the same on all threads. */
  clock(): number;
  /** Holds the event loop until the returned function is called; where none ends, it does nothing. */
  keepAlive(): () => void;

  startWorker(source: WorkerSource, name: string): HostWorker;
  /** In a worker: the way to the thread that started it. */
  parentEndpoint(): Endpoint;
  /** In a worker: makes its end observable by its starter's ended(). */
  announce(): Promise<void>;
  /**
   * In a worker that a supervisor started: gives it a process's standard streams and exits, instead of
   * those of the process before it.
   */
  becomeProcess(process: HostedProcess): void;
  /** In a worker: ends this worker once the running task is over. */
  endWorker(): void;

  /** On a supervisor: calls `onDeath`, perhaps repeatedly, when an attached thread has ended. */
  watchThreads(bootId: string, onDeath: (serial: number) => void): ThreadWatch;
  /**
   * On an attached thread: makes its end observable. Resolves when the thread may take its first task,
   * and may block: whenever it ends from here on, the supervisor can know.
   */
  pledge(options: PledgeOptions): Promise<Pledge>;
  /** Calls `leave` when this thread's page goes away. @returns how to stop that. */
  onPageHide(leave: () => void): () => void;

  /** A directory of the host's file system, as the disk of a volume. @throws {Error} where there is none */
  openDirectory(path: string): Promise<Disk>;

  /** What relative addresses are relative to. */
  baseUrl(): string;
  /** The bytes at an address. */
  load(url: string | URL): Promise<Uint8Array<ArrayBuffer>>;
  /** The absolute address of a program, such that every worker of the machine can import it. */
  programUrl(program: string | URL, base: string): Promise<string>;
  /** Evaluates a module's text, which imports nothing by a relative address. @returns what it exports */
  importText(code: string): Promise<Record<string, unknown>>;
  /** Evaluates a script that defines the variable `name`, as scripts/build-workers.mjs bundles. @returns its value */
  evaluateBundle(code: string, name: string): Promise<unknown>;
  /** What ftok() makes a key of. @throws {SystemError} as stat(2), with `syscall` "ftok". */
  fileIdentity(path: string): { inode: bigint; device: bigint };
  /**
   * Reads from standard input into `bytes`, waiting for them. @returns their count, 0 at the end
   * and where there is none. @throws {SystemError} as read(2)
   */
  readStandard(bytes: Uint8Array): number;
  /** Writes to standard output (1) or error (2). @throws {SystemError} as write(2) */
  writeStandard(stream: number, bytes: Uint8Array): void;
  /** Writes a line to standard error, before the thread can end. */
  logError(text: string): void;
}
