import { describe, it } from "vitest";
import { explore, exploreDeath, type Found, type Random } from "./interleave.ts";
import { FILE_SCENARIOS, FULL_SCENARIOS } from "./interleave-file.ts";
import { LOCK_SCENARIOS } from "./interleave-lock.ts";
import { MUTEX_SCENARIOS } from "./interleave-mutex.ts";
import { NAME_SCENARIOS } from "./interleave-name.ts";
import { MSG_SCENARIOS, SHM_SCENARIOS } from "./interleave-objects.ts";
import { PIPE_SCENARIOS } from "./interleave-pipe.ts";
import { END_SCENARIOS, PROC_SCENARIOS } from "./interleave-proc.ts";
import { SEM_SCENARIOS } from "./interleave-sem.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 0x7fffffff));

function random(start: number): Random {
  let state = start | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const MOST = 3000 * Number(process.env.RUNS ?? 1);

const KINDS = [
  ["semaphores", SEM_SCENARIOS],
  ["message queues", MSG_SCENARIOS],
  ["segments", SHM_SCENARIOS],
  ["robust mutexes", MUTEX_SCENARIOS],
  ["pipes", PIPE_SCENARIOS],
  ["locks on files", LOCK_SCENARIOS],
  ["names", NAME_SCENARIOS],
  ["files", FILE_SCENARIOS],
  ["processes", PROC_SCENARIOS],
  ["a process that is ended", END_SCENARIOS],
  ["a machine without room", FULL_SCENARIOS],
] as const;

function report(name: string, { schedules, met, wanted }: Found): void {
  process.stdout.write(`${name}: ${schedules} schedules, ${met} of ${wanted} outcomes\n`);
}

describe.each(KINDS)(`two threads in the kernel, on %s, SEED=${seed}`, (_kind, scenarios) => {
  it.each(scenarios)("$name", { timeout: 120_000 }, (scenario) => {
    report(scenario.name, explore(scenario, MOST, random(seed)));
  });
});

// Not where B ends A's process itself: A has an end already; nor where a death may cost room.
const DEADLY = KINDS.slice(0, 9);

describe.each(DEADLY)(
  `a thread that dies beside another, on %s, SEED=${seed}`,
  (_kind, scenarios) => {
    it.each(scenarios)("$name", { timeout: 120_000 }, (scenario) => {
      report(`${scenario.name}, A dies`, exploreDeath(scenario, MOST / 2, random(seed)));
    });
  },
);
