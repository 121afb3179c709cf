/**
 * SharedMemory: a System V shared memory segment attached to the calling process, with its bytes
 * as typed arrays without a copy. Life: created, attached by each handle, removed (others keep
 * what they have attached until they detach). shmget(2), shmop(2), shmctl(2).
 */
import { IPC_RMID } from "../../assembly/abi/ipc.ts";
import { SHM_RDONLY } from "../../assembly/abi/shm.ts";
import type { Attachment, Syscalls } from "../../host/contract.ts";
import {
  type CreateOptions,
  type IpcName,
  IpcObject,
  keyOf,
  newFlags,
  type SharedOptions,
  sharedFlags,
} from "./ipc-object.ts";

/** How large a new segment is. */
export interface SegmentSize {
  /** Bytes, 1 to SHMMAX. A new segment is all zeros. */
  size: number;
}

/** How an existing segment is attached. */
export interface AttachOptions {
  /** Attaches with SHM_RDONLY, for which read permission is enough. */
  readOnly?: boolean;
}

/** What `view()` returns, by the name of the class that it is given. */
export interface SharedViews {
  Int8Array: Int8Array<SharedArrayBuffer>;
  Uint8Array: Uint8Array<SharedArrayBuffer>;
  Uint8ClampedArray: Uint8ClampedArray<SharedArrayBuffer>;
  Int16Array: Int16Array<SharedArrayBuffer>;
  Uint16Array: Uint16Array<SharedArrayBuffer>;
  Int32Array: Int32Array<SharedArrayBuffer>;
  Uint32Array: Uint32Array<SharedArrayBuffer>;
  BigInt64Array: BigInt64Array<SharedArrayBuffer>;
  BigUint64Array: BigUint64Array<SharedArrayBuffer>;
  Float32Array: Float32Array<SharedArrayBuffer>;
  Float64Array: Float64Array<SharedArrayBuffer>;
}

/** A class of typed arrays, such as `Int32Array`. */
export interface ViewType<N extends keyof SharedViews> {
  readonly prototype: { readonly [Symbol.toStringTag]: N };
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): unknown;
}

/**
 * A segment of memory that several processes share.
 *
 * Handles dispose: `using` detaches at the end of the block and removes what `create()` made.
 *
 * @example
 * ```ts
 * using counters = SharedMemory.create(sys, { size: 4096 });
 * const words = counters.view(Int32Array);
 * Atomics.add(words, 0, 1);
 * // In another process, which was told the id:
 * using same = SharedMemory.open(sys, { id: counters.id });
 * same.view(Int32Array)[0]; // => 1
 * ```
 * @see shmget(2), shmat(2)
 */
export class SharedMemory extends IpcObject {
  /** What shmat() returned: for calls that take an attachment. */
  readonly attachment: Attachment;
  #attached = true;

  private constructor(sys: Syscalls, id: number, owned: boolean, shmflg: number) {
    super(sys, id, owned);
    this.attachment = sys.shmat(id, null, shmflg);
  }

  /**
   * Makes a new segment, which disposing the handle removes, and attaches it.
   * @param options - `size` in bytes; `key` (none: only the id leads to it); `mode` (0o600).
   * @throws {SystemError} EEXIST: the key is taken. EINVAL: size is 0 or past SHMMAX. ENOMEM,
   *   ENOSPC: no memory, or no segment more.
   * @see shmget(2)
   */
  static create(sys: Syscalls, options: CreateOptions & SegmentSize): SharedMemory {
    const id = sys.shmget(keyOf(options), options.size, newFlags(options));
    try {
      return new SharedMemory(sys, id, true, 0);
    } catch (error) {
      sys.shmctl(id, IPC_RMID); // nobody would have a handle of it
      throw error;
    }
  }

  /**
   * Attaches an existing segment, by key or by id.
   * @throws {SystemError} ENOENT: no such key. EINVAL: no such id. EACCES: its mode forbids it.
   * @see shmat(2)
   */
  static open(sys: Syscalls, name: IpcName & AttachOptions): SharedMemory {
    const id = name.id ?? sys.shmget(name.key, 0, 0);
    return new SharedMemory(sys, id, false, name.readOnly === true ? SHM_RDONLY : 0);
  }

  /**
   * Attaches the segment of a key, made now if it is missing. Disposing does not remove it.
   * @throws {SystemError} EINVAL: it exists and is smaller than `size`. EACCES, ENOMEM, ENOSPC as
   *   for `open()` and `create()`.
   * @see shmget(2)
   */
  static openOrCreate(sys: Syscalls, options: SharedOptions & SegmentSize): SharedMemory {
    const id = sys.shmget(options.key, options.size, sharedFlags(options));
    return new SharedMemory(sys, id, false, 0);
  }

  /** Bytes in the segment. */
  get size(): number {
    return this.attachment.size;
  }

  /**
   * The segment's bytes, without a copy.
   * @throws {SystemError} EINVAL after `detach()`. An array taken before goes on to show memory
   *   that may belong to something else by then: do not keep it.
   */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    return this.attachment.bytes;
  }

  /**
   * A typed array, or a DataView, over the segment.
   * @param type - the class, such as `Int32Array`.
   * @param byteOffset - where it begins, in bytes from the start of the segment.
   * @param length - elements (bytes for a DataView); without it as many as fit.
   * @throws {RangeError} if it would reach past the segment, or `byteOffset` is not a multiple of
   *   the element's size. @throws {SystemError} EINVAL after `detach()`.
   */
  view<N extends keyof SharedViews>(
    type: ViewType<N>,
    byteOffset?: number,
    length?: number,
  ): SharedViews[N];
  view(
    type: DataViewConstructor,
    byteOffset?: number,
    length?: number,
  ): DataView<SharedArrayBuffer>;
  view(
    type: ViewType<keyof SharedViews> | DataViewConstructor,
    byteOffset = 0,
    length?: number,
  ): unknown {
    const bytes = this.attachment.bytes;
    const unit = "BYTES_PER_ELEMENT" in type ? type.BYTES_PER_ELEMENT : 1;
    const count = length ?? Math.floor((bytes.byteLength - byteOffset) / unit);
    // The buffer below is the whole machine: only this check keeps the view inside the segment.
    const isInside = byteOffset >= 0 && count >= 0 && byteOffset + count * unit <= bytes.byteLength;
    if (!Number.isInteger(byteOffset) || !Number.isInteger(count) || !isInside) {
      throw new RangeError(
        `view of ${count} x ${unit} bytes at ${byteOffset}, wanted: inside ${bytes.byteLength}`,
      );
    }
    return new type(bytes.buffer, bytes.byteOffset + byteOffset, count);
  }

  /**
   * Detaches the segment from this process; a second call does nothing.
   * @see shmdt(2)
   */
  detach(): void {
    if (!this.#attached) return;
    this.sys.shmdt(this.attachment);
    this.#attached = false;
  }

  override [Symbol.dispose](): void {
    this.detach();
    super[Symbol.dispose]();
  }

  protected override removeId(): void {
    this.sys.shmctl(this.id, IPC_RMID);
  }
}
