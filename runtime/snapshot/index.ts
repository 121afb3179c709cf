/** Looking at a live machine. */
export type {
  DescriptorSnapshot,
  FileLock,
  FileLockSnapshot,
  MachineSnapshot,
  MessageQueueSnapshot,
  MutexSnapshot,
  PipeSnapshot,
  PollEntrySnapshot,
  ProcessSnapshot,
  SemaphoreAdjustment,
  SemaphoreSetSnapshot,
  SemaphoreSnapshot,
  WaitReason,
  WaitSnapshot,
  WaitState,
} from "./types.ts";
export { type WaitEdge, type WaitGraph, waitGraph } from "./wait-graph.ts";
