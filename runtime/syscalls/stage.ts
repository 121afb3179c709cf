/**
 * Where the bytes of read() and write() are for the kernel. A buffer in the machine's memory is used
 * where it lies. A private one goes by way of the task's transfer area, at the same distance from a
 * multiple of 8: TypedArray.set copies 30 GiB/s then, and 4 otherwise.
 */
import type { Thread } from "../thread.ts";

const ALIGNMENT = 8;

/** A part of a caller's buffer, and the address at which the kernel is told to find it. */
export interface Stage {
  readonly direct: boolean;
  /** Bytes that can be moved by one call. */
  readonly room: number;
}

/** Linux moves no more by one call either. */
const DIRECT_ROOM = 0x7fff_f000;

/** Bytes of a private buffer that can be moved by one call; all parts of one lie at the same address. */
function stageRoom(thread: Thread): number {
  return (thread.transferSize - ALIGNMENT) & -ALIGNMENT;
}

export function stageOf(thread: Thread, buf: Uint8Array): Stage {
  const direct = buf.buffer === thread.buffer;
  return { direct, room: direct ? DIRECT_ROOM : stageRoom(thread) };
}

/** To ask a buffer whose memory it is costs 45 ns; to copy so many bytes, as if it were private, less. */
const SMALL = 256;

/** Where `size` bytes of `buf` lie for the kernel; 0 when they need more than one call. */
export function stageWhole(thread: Thread, buf: Uint8Array, size: number): number {
  if (size <= SMALL) return thread.transfer;
  if (buf.buffer === thread.buffer) return buf.byteOffset;
  if (size > stageRoom(thread)) return 0;
  return thread.transfer + (buf.byteOffset & (ALIGNMENT - 1));
}

/** Whether an address that stageWhole() has given is in the transfer area. */
export function isStaged(thread: Thread, at: number): boolean {
  return at - thread.transfer >= 0 && at - thread.transfer < ALIGNMENT;
}

/** The address for the bytes of `buf` from `offset` on, in the area of the task that acts now. */
export function stageAt(
  thread: Thread,
  { direct }: Stage,
  buf: Uint8Array,
  offset: number,
): number {
  const at = buf.byteOffset + offset;
  return direct ? at : thread.transfer + (at & (ALIGNMENT - 1));
}

/** Puts `count` bytes where the kernel will read them. @returns their address */
export function stagePut(
  thread: Thread,
  stage: Stage,
  buf: Uint8Array,
  offset: number,
  count: number,
): number {
  const at = stageAt(thread, stage, buf, offset);
  if (!stage.direct) {
    thread.u8.set(
      offset === 0 && count === buf.length ? buf : buf.subarray(offset, offset + count),
      at,
    );
  }
  return at;
}

/** Fetches `count` bytes that the kernel has put there. */
export function stageTake(
  thread: Thread,
  stage: Stage,
  buf: Uint8Array,
  offset: number,
  count: number,
): void {
  if (stage.direct || count === 0) return;
  buf.set(thread.bytesAt(stageAt(thread, stage, buf, offset), count), offset);
}
