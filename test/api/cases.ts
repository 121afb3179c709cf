/** Every case of the idiomatic layer. */
import type { ApiCase } from "./case.ts";
import { exampleCases } from "./example-cases.ts";
import { fifoCases } from "./fifo-cases.ts";
import { messageQueueCases } from "./message-queue-cases.ts";
import { mutexCases } from "./mutex-cases.ts";
import { nodeStreamCases } from "./node-stream-cases.ts";
import { pipeCases } from "./pipe-cases.ts";
import { semaphoreCases } from "./semaphore-cases.ts";
import { sharedMemoryCases } from "./shared-memory-cases.ts";

export const CASES: readonly ApiCase[] = [
  ...sharedMemoryCases,
  ...semaphoreCases,
  ...messageQueueCases,
  ...pipeCases,
  ...fifoCases,
  ...nodeStreamCases,
  ...mutexCases,
  ...exampleCases,
];
