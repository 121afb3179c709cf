/** What the workers tell the process that started them: messages of four types. */
import { type IpcName, jsonCodec, MessageQueue, type Syscalls } from "wasm-ipc";

/** Some words, each with how often a counter has seen it. */
export const COUNTS = 1;
/** A counter has sent all that it counted. */
export const DONE = 2;
/** The splitter has put the last word into the ring, and has looked at what exists by then. */
export const SPLIT = 3;
/** The splitter cannot go on; the message says why. */
export const FAILED = 4;

export interface Report {
  counts?: [word: string, times: number][];
  objects?: string;
  error?: string;
}

export type ReportQueue = MessageQueue<Report>;

export function createReportQueue(sys: Syscalls): ReportQueue {
  return MessageQueue.create(sys, { codec: jsonCodec<Report>() });
}

export function openReportQueue(sys: Syscalls, name: IpcName): ReportQueue {
  return MessageQueue.open(sys, { ...name, codec: jsonCodec<Report>() });
}
