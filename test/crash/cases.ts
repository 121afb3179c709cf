/** Every call in every situation that is tried. */
import { MSG_SCENARIOS } from "./msg-cases.ts";
import { MUTEX_SCENARIOS } from "./mutex-cases.ts";
import { PROC_SCENARIOS } from "./proc-cases.ts";
import type { Scenario } from "./scenario.ts";
import { SEM_SCENARIOS } from "./sem-cases.ts";
import { SHM_SCENARIOS } from "./shm-cases.ts";

export const KINDS: readonly [string, readonly Scenario[]][] = [
  ["semaphores", SEM_SCENARIOS],
  ["shared memory", SHM_SCENARIOS],
  ["message queues", MSG_SCENARIOS],
  ["processes", PROC_SCENARIOS],
  ["mutexes", MUTEX_SCENARIOS],
];

/** The call that a scenario is named after. */
export function callOf({ name }: Scenario): string {
  return /^\w+/.exec(name)![0];
}
