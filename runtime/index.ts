/** wasm-ipc: machines, their system calls, and the objects over them. */
export type {
  AsyncSyscalls,
  Attachment,
  CallOptions,
  Indexed,
  IpcPerm,
  IpcPermUpdate,
  Locked,
  Msgbuf,
  Msginfo,
  MsqidDs,
  RobustMutex,
  Sembuf,
  SemidDs,
  Seminfo,
  ShmInfo,
  ShmidDs,
  Shminfo,
  Syscalls,
  Timespec,
  WithIndex,
} from "../host/contract.ts";
export type { Stat } from "../host/contract-files.ts";
export type { Dirent, FileTimes } from "../host/contract-fs.ts";
export type { Flock } from "../host/contract-locks.ts";
export type { EpollEvent, FdSet, Pollfd, Timeval } from "../host/contract-poll.ts";
export type { Disposition, Itimerval, Sigaction, SignalHandler } from "../host/contract-signal.ts";
export { errnoName, SystemError } from "../host/errno.ts";
export {
  type AsyncOptions,
  type AttachOptions,
  bytesCodec,
  type Codec,
  type CodecOption,
  type CountOption,
  type CreateOptions,
  Fifo,
  type FifoOpenOptions,
  type FifoOptions,
  type IpcName,
  jsonCodec,
  type Message,
  MessageQueue,
  Mutex,
  MutexGuard,
  Pipe,
  type PipeOptions,
  PipeReader,
  PipeWriter,
  readable,
  type SegmentSize,
  Semaphore,
  SemaphoreLock,
  type SemaphoreValue,
  SharedMemory,
  type SharedOptions,
  type SharedViews,
  type TimeoutOptions,
  type TypeOption,
  textCodec,
  type UndoOption,
  type ViewType,
  writable,
} from "./api/index.ts";
export { attach, type Credentials } from "./attach.ts";
export { boot } from "./boot.ts";
export * from "./constants.ts";
export {
  type ExactLimits,
  type IpcKind,
  type IpcrmResult,
  type IpcrmTarget,
  type IpcsFormat,
  type IpcsOptions,
  ipcrm,
  ipcs,
  ipcsDetail,
  type Names,
  numericNames,
  type SizeUnit,
} from "./ipcs/index.ts";
export type { Machine } from "./machine.ts";
export type { BootOptions, Limits } from "./options.ts";
export type { AttributeOptions } from "./process/attributes.ts";
export type { Child, ChildStatus } from "./process/child.ts";
export type { FileAction } from "./process/file-actions.ts";
export type { Popen } from "./process/popen.ts";
export type { MachineHandle } from "./process/protocol.ts";
export type { SpawnOptions } from "./process/spawn.ts";
export type { ChildStreams, StdioOption } from "./process/stdio.ts";
export {
  type DescriptorSnapshot,
  type FileLock,
  type FileLockSnapshot,
  type MachineSnapshot,
  type MessageQueueSnapshot,
  type MutexSnapshot,
  type PipeSnapshot,
  type PollEntrySnapshot,
  type ProcessSnapshot,
  type SemaphoreAdjustment,
  type SemaphoreSetSnapshot,
  type SemaphoreSnapshot,
  type WaitEdge,
  type WaitGraph,
  type WaitReason,
  type WaitSnapshot,
  type WaitState,
  waitGraph,
} from "./snapshot/index.ts";
export { strace, type TraceWriter } from "./strace/strace.ts";
export type { VolumeFs } from "./volume/fs-disk.ts";
export type { VolumeObject } from "./volume/object-disk.ts";
export {
  type DirectoryOptions,
  type DirectoryVolume,
  directory,
  type Volume,
} from "./volume/volume.ts";
