/**
 * A descriptor that is written in large parts, as C's stdio does it: a terminal gets each line at
 * once, anything else what fits a buffer. A failure is told once; then nothing more is written.
 */
import { S_IFCHR, S_IFMT } from "../../assembly/abi/stat.ts";
import type { Syscalls } from "../../host/contract.ts";
import { SystemError } from "../../host/errno.ts";
import { CHUNK_BYTES, writeAll } from "../api/descriptor.ts";

const NEWLINE = 10;

export class Output {
  readonly #sys: Syscalls;
  readonly #fd: number;
  readonly #failed: (error: unknown) => void;
  readonly #encoder = new TextEncoder();
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #used = 0;
  #isBroken = false;
  #byLine: boolean | undefined;

  /** @param failed is told what write() threw; it may throw on */
  constructor(sys: Syscalls, fd: number, failed: (error: unknown) => void) {
    this.#sys = sys;
    this.#fd = fd;
    this.#failed = failed;
  }

  /** Whether write() has failed. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** A text, in UTF-8. */
  text(text: string): void {
    this.bytes(this.#encoder.encode(text));
  }

  /** Copies bytes; the caller may use them again. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#used + bytes.length > this.#buffer.length) this.flush();
    if (bytes.length >= this.#buffer.length) {
      this.#write(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
    if (bytes[bytes.length - 1] === NEWLINE && this.#isTerminal()) this.flush();
  }

  flush(): void {
    if (this.#used === 0) return;
    const part = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    this.#write(part);
  }

  #write(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    try {
      writeAll(this.#sys, this.#fd, bytes);
    } catch (error) {
      this.#isBroken = true;
      this.#failed(error);
    }
  }

  /** Asked once. /dev/null counts as one too, which costs nothing. */
  #isTerminal(): boolean {
    if (this.#byLine === undefined) this.#byLine = isCharacterDevice(this.#sys, this.#fd);
    return this.#byLine;
  }
}

/** Whether a descriptor is a terminal, as far as fstat() can tell; a closed one is none. */
export function isCharacterDevice(sys: Syscalls, fd: number): boolean {
  try {
    return (sys.fstat(fd).st_mode & S_IFMT) === S_IFCHR;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return false;
  }
}
