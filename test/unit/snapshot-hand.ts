/** Snapshots made by hand. */
import type { MachineSnapshot, ProcessSnapshot, WaitReason } from "../../runtime/snapshot/types.ts";
import { waitGraph } from "../../runtime/snapshot/wait-graph.ts";

const STATE = { blocks: true, forever: true };

export function process(pid: number, wait?: WaitReason, more: Partial<ProcessSnapshot> = {}) {
  const waits = wait === undefined ? [] : [{ ...wait, ...STATE }];
  const ids = { pid, ppid: 1, pgid: pid, sid: 1, uid: 0, euid: 0, gid: 0, egid: 0 };
  const state = wait === undefined ? ("running" as const) : ("sleeping" as const);
  const rest = { command: `p${pid}`, args: [], started: 0, cwd: "/", alarm: false };
  return { ...ids, ...rest, state, waits, descriptors: [], ...more } satisfies ProcessSnapshot;
}

export function machine(
  processes: readonly ProcessSnapshot[],
  more: Partial<MachineSnapshot> = {},
): MachineSnapshot {
  const objects = { segments: [], semaphoreSets: [], messageQueues: [], mutexes: [] };
  return { time: 0, processes, ...objects, pipes: [], locks: [], ...more };
}

export function stuck(snapshot: MachineSnapshot) {
  const { deadlocked, cycles } = waitGraph(snapshot);
  return { deadlocked, cycles };
}

export const NONE = { deadlocked: [], cycles: [] };
