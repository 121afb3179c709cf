/**
 * A party is one way to do one kind of work: ours, native C's, another package's. An agent is a
 * process that holds a backend's parties, so that no backend shares a heap, a compiler's type
 * feedback or a garbage collection with another.
 */

/** Does `n` operations and returns the nanoseconds that they took, without setting up. */
export type Party = (n: number) => number | Promise<number>;
export type Parties = Record<string, Party>;

/** What an agent process serves, and how it lets go of what its parties keep. */
export interface Backend {
  parties: Parties;
  close(): Promise<void>;
}

/** One answer of an agent. */
export interface Sample {
  /** Of all `n` operations. */
  ns: number;
  /** Processor time of the agent and of the children that it has waited for. */
  cpuUs: number;
}

/** Monotonic nanoseconds, the same clock on every thread. */
export function nowNs(): number {
  return performance.now() * 1e6;
}
