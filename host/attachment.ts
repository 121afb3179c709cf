/**
 * The Attachment that every Syscalls implementation's shmat() returns: a label (the address), and a
 * view of the segment's own bytes that ends with shmdt().
 */
import { EINVAL } from "../assembly/abi/errno.ts";
import type { Attachment } from "./contract.ts";
import { SystemError } from "./errno.ts";

/** One attachment of a segment; made by shmat(), ended by shmdt() or the process's exit. */
export class SegmentAttachment implements Attachment {
  readonly addr: number;
  readonly size: number;
  readonly shmid: number;
  readonly #buffer: SharedArrayBuffer;
  readonly #offset: number;
  #bytes: Uint8Array<SharedArrayBuffer> | undefined;
  #attached = true;

  /** The segment's bytes are `size` bytes of `buffer` from `offset`. */
  constructor(
    addr: number,
    shmid: number,
    buffer: SharedArrayBuffer,
    offset: number,
    size: number,
  ) {
    this.addr = addr;
    this.shmid = shmid;
    this.size = size;
    this.#buffer = buffer;
    this.#offset = offset;
  }

  get bytes(): Uint8Array<SharedArrayBuffer> {
    if (!this.#attached) throw new SystemError(EINVAL, "shmat", "the segment is detached");
    // Made when first asked for: a view costs more than the attach itself.
    this.#bytes ??= new Uint8Array(this.#buffer, this.#offset, this.size);
    return this.#bytes;
  }

  /** Ends the view; shmdt() calls it once the kernel has let go of the segment. */
  detached(): void {
    this.#attached = false;
    this.#bytes = undefined;
  }
}
