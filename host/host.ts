/**
 * Interfaces only: what a platform gives to the runtime. host/node.ts and host/browser.ts each
 * export one `host` that implements it; package.json's `#host` picks the right one.
 */
import type { Endpoint } from "comlink";

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

/** A thread's standing promise to the supervisor that its end will be heard. */
export interface PeerNotice {
  /** Takes it back: this thread lives on, but has left the machine. */
  withdraw(): void;
}

export interface Host {
  /** @throws {Error} when threads cannot share memory here, saying what is missing. */
  requireSharedMemory(): void;
  /** Whether Atomics.wait is allowed on this thread. */
  canBlock(): boolean;
  /** Holds the event loop until the returned function is called; where none ends, it does nothing. */
  keepAlive(): () => void;

  startWorker(source: WorkerSource, name: string): HostWorker;
  /** In a worker: the way to the thread that started it. */
  parentEndpoint(): Endpoint;
  /** In a worker: makes its end observable by its starter's ended(). */
  announce(): Promise<void>;
  /** In a worker that a supervisor started: gives it a process's standard streams and exits. */
  becomeProcess(onExit: (code: number) => void, onFailure: (error: unknown) => void): void;
  /** In a worker: ends this worker once the running task is over. */
  endWorker(): void;

  /**
   * On a supervisor: calls `onDeath` with its task when an attached thread has ended without a word.
   * @returns what such a thread needs for announcePeer(); structured-cloneable.
   */
  watchPeers(bootId: string, onDeath: (task: number) => void): unknown;
  /**
   * On an attached thread: tells the supervisor at `address` of this thread. Resolves when the
   * thread may block; `onFailure` is called when the supervisor could not be told after all.
   */
  announcePeer(
    address: unknown,
    bootId: string,
    task: number,
    onFailure: (error: unknown) => void,
  ): Promise<PeerNotice>;

  /** What relative addresses are relative to. */
  baseUrl(): string;
  /** The bytes at an address. */
  load(url: string | URL): Promise<Uint8Array<ArrayBuffer>>;
  /** The absolute address of a program, such that every worker of the machine can import it. */
  programUrl(program: string | URL, base: string): Promise<string>;
  /** What ftok() makes a key of. @throws {SystemError} as stat(2), with `syscall` "ftok". */
  fileIdentity(path: string): { inode: bigint; device: bigint };
  /** Writes a line to standard error, before the thread can end. */
  logError(text: string): void;
}
