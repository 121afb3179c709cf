/** The idiomatic layer over Syscalls. */
export { bytesCodec, type Codec, jsonCodec, textCodec } from "./codec.ts";
export { Fifo, type FifoOpenOptions, type FifoOptions } from "./fifo.ts";
export type { CreateOptions, IpcName, SharedOptions } from "./ipc-object.ts";
export { type CodecOption, type Message, MessageQueue, type TypeOption } from "./message-queue.ts";
export { Mutex } from "./mutex.ts";
export { MutexGuard } from "./mutex-guard.ts";
export { Pipe, type PipeOptions } from "./pipe.ts";
export { PipeReader, PipeWriter } from "./pipe-ends.ts";
export { type CountOption, Semaphore, type SemaphoreValue, type UndoOption } from "./semaphore.ts";
export { SemaphoreLock } from "./semaphore-lock.ts";
export {
  type AttachOptions,
  type SegmentSize,
  SharedMemory,
  type SharedViews,
  type ViewType,
} from "./shared-memory.ts";
export { readable, writable } from "./streams.ts";
export type { AsyncOptions, TimeoutOptions } from "./wait-options.ts";
