/** Every call in every situation that is tried. */
import { FD_SCENARIOS } from "./fd-cases.ts";
import { FS_SCENARIOS } from "./fs-cases.ts";
import { LOCK_SCENARIOS } from "./lock-cases.ts";
import { MSG_SCENARIOS } from "./msg-cases.ts";
import { MUTEX_SCENARIOS } from "./mutex-cases.ts";
import { PIPE_SCENARIOS } from "./pipe-cases.ts";
import { POLL_SCENARIOS } from "./poll-cases.ts";
import { PROC_SCENARIOS } from "./proc-cases.ts";
import type { Scenario } from "./scenario.ts";
import { SEM_SCENARIOS } from "./sem-cases.ts";
import { SHM_SCENARIOS } from "./shm-cases.ts";
import { SIGNAL_SCENARIOS } from "./signal-cases.ts";
import { SNAPSHOT_SCENARIOS } from "./snapshot-cases.ts";
import { VOLUME_SCENARIOS } from "./volume-cases.ts";

export const KINDS: readonly [string, readonly Scenario[]][] = [
  ["semaphores", SEM_SCENARIOS],
  ["shared memory", SHM_SCENARIOS],
  ["message queues", MSG_SCENARIOS],
  ["processes", PROC_SCENARIOS],
  ["signals", SIGNAL_SCENARIOS],
  ["mutexes", MUTEX_SCENARIOS],
  ["descriptors", FD_SCENARIOS],
  ["pipes", PIPE_SCENARIOS],
  ["poll", POLL_SCENARIOS],
  ["files", FS_SCENARIOS],
  ["locks on files", LOCK_SCENARIOS],
  ["volumes", VOLUME_SCENARIOS],
  ["snapshots", SNAPSHOT_SCENARIOS],
];

/** The call that a scenario is named after. */
export function callOf({ name }: Scenario): string {
  return /^\w+/.exec(name)![0];
}
