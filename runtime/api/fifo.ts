/**
 * Fifo: a pipe with a name, so that processes meet which have no descriptor in common. Opening an end
 * waits until the other one is open. fifo(7), mkfifo(3).
 */
import { O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/contract.ts";
import { PipeReader, PipeWriter } from "./pipe-ends.ts";
import {
  type AsyncOptions,
  callOptions,
  uninterrupted,
  uninterruptedAsync,
  withTimeout,
} from "./wait-options.ts";

/** How a new FIFO is. */
export interface FifoOptions {
  /** Permission bits without those in the umask, 0o600 when left out. */
  mode?: number;
}

/** How an end is opened. */
export interface FifoOpenOptions {
  /**
   * O_NONBLOCK: a reader is open at once, a writer at once or never (ENXIO); calls on it that would
   * block throw EAGAIN.
   */
  nonblocking?: boolean;
}

/** A handle is for one process: what it opens, a child does not inherit. */
function flagsOf(access: number, { nonblocking }: FifoOpenOptions): number {
  return access | O_CLOEXEC | (nonblocking === true ? O_NONBLOCK : 0);
}

/**
 * A FIFO by its path. One made by `create()` is removed when it is disposed; who has it open keeps it.
 *
 * @example
 * ```ts
 * using fifo = Fifo.create(sys, "/tmp/orders");
 * const opened = fifo.openReaderAsync();
 * using writer = fifo.openWriter();
 * using reader = await opened;
 * writer.write(new TextEncoder().encode("tea"));
 * reader.read(new Uint8Array(16)); // => 3
 * ```
 * @see fifo(7)
 */
export class Fifo implements Disposable {
  readonly path: string;
  readonly #sys: Syscalls;
  #owned: boolean;

  private constructor(sys: Syscalls, path: string, owned: boolean) {
    this.#sys = sys;
    this.path = path;
    this.#owned = owned;
  }

  /**
   * Makes a FIFO.
   * @throws {SystemError} EEXIST: something has that name. EACCES, ENOENT, ENOTDIR and other errors
   *   of paths. ENOSPC: the machine is full.
   * @see mkfifo(3)
   */
  static create(sys: Syscalls, path: string, { mode = 0o600 }: FifoOptions = {}): Fifo {
    sys.mkfifo(path, mode);
    return new Fifo(sys, path, true);
  }

  /** A FIFO that somebody else has made. Opening its ends tells whether there is one. */
  static at(sys: Syscalls, path: string): Fifo {
    return new Fifo(sys, path, false);
  }

  /**
   * Opens it for reading; blocks the thread until it is open for writing.
   * @throws {SystemError} EACCES, EMFILE, ENFILE, ENOENT.
   * @see open(2)
   */
  openReader(options: FifoOpenOptions = {}): PipeReader {
    return new PipeReader(this.#sys, this.#open(flagsOf(O_RDONLY, options)));
  }

  /**
   * Opens it for writing; blocks the thread until it is open for reading.
   * @throws {SystemError} EACCES, EMFILE, ENFILE, ENOENT. ENXIO: `nonblocking`, and nobody reads.
   * @see open(2)
   */
  openWriter(options: FifoOpenOptions = {}): PipeWriter {
    return new PipeWriter(this.#sys, this.#open(flagsOf(O_WRONLY, options)));
  }

  /**
   * `openReader()` without blocking the thread.
   * @param options - `timeoutMs` (none), `signal`.
   * @throws {SystemError} as `openReader()`, ETIMEDOUT; the signal's reason when it aborts.
   */
  async openReaderAsync(options: AsyncOptions = {}): Promise<PipeReader> {
    return new PipeReader(this.#sys, await this.#openAsync(flagsOf(O_RDONLY, {}), options));
  }

  /**
   * `openWriter()` without blocking the thread.
   * @param options - `timeoutMs` (none), `signal`.
   * @throws {SystemError} as `openWriter()`, ETIMEDOUT; the signal's reason when it aborts.
   */
  async openWriterAsync(options: AsyncOptions = {}): Promise<PipeWriter> {
    return new PipeWriter(this.#sys, await this.#openAsync(flagsOf(O_WRONLY, {}), options));
  }

  /** Takes the name away. @throws {SystemError} ENOENT: it is gone; see unlink(2) */
  remove(): void {
    this.#owned = false;
    this.#sys.unlink(this.path);
  }

  [Symbol.dispose](): void {
    if (this.#owned) this.remove();
  }

  #open(flags: number): number {
    return uninterrupted(() => this.#sys.open(this.path, flags));
  }

  #openAsync(flags: number, options: AsyncOptions): Promise<number> {
    return withTimeout("open", options, ({ signal }) =>
      uninterruptedAsync(() => this.#sys.async.open(this.path, flags, 0, callOptions(signal))),
    );
  }
}
