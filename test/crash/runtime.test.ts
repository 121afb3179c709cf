/** Deaths between the steps of the runtime: the code that ships, over a kernel that stays whole. */
import { describe, expect, it } from "vitest";
import { SIGUSR1 } from "../../assembly/abi/signal.ts";
import { encodeRecord, writeRecord } from "../../runtime/process/record.ts";
import { spawn } from "../../runtime/process/spawn.ts";
import { writeAttributes } from "../support/spawn-attributes.ts";
import { Explorer } from "./explore.ts";
import { crashModule, kernelText } from "./instrument.ts";
import { MSG_SCENARIOS } from "./msg-cases.ts";
import { diesIn, mortalBytes, mortalThread, Steps } from "./runtime-steps.ts";
import { made, type Scenario, text } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { SEM_SCENARIOS } from "./sem-cases.ts";
import { SHM_SCENARIOS } from "./shm-cases.ts";
import { SIGNAL_SCENARIOS } from "./signal-cases.ts";

const { module, sites } = crashModule(kernelText("debug"));
const KERNELS = { mortal: module, others: module };

function named(scenarios: readonly Scenario[], name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

type RuntimeCall = (made: ReturnType<typeof mortalThread>, scene: Scene) => unknown;

/** Tries every step of `call`, which does what the scenario's own call does by itself. */
async function tried(scenario: Scenario, call: RuntimeCall): Promise<number> {
  const explorer = new Explorer(KERNELS, sites, scenario, { burials: new Set() });
  const { points } = await explorer.exploreSteps((scene, count) =>
    diesIn(() => call(mortalThread(scene, scene.a, new Steps(count)), scene)),
  );
  return points;
}

const op = (sem_num: number, sem_op: number, sem_flg = 0) => ({ sem_num, sem_op, sem_flg });

const PROGRAM = { image: { url: "file:///program.js" }, name: "program.js", env: {} };

describe("a thread that dies between the runtime's steps", () => {
  it("leaves semop() done or not, and its sleepers notified", async () => {
    const scenario = named(SEM_SCENARIOS, "semop() that wakes three sleepers");
    const count = await tried(scenario, ({ sys }, { id }) => sys.semop(id, [op(0, 3)]));
    expect(count).toBeGreaterThan(8);
  });

  it("leaves semop() of several operations undone while it writes them", async () => {
    const scenario: Scenario = {
      ...named(SEM_SCENARIOS, "semop() that wakes three sleepers"),
      call: (s) => mortalThread(s, s.a, new Steps(0)).sys.semop(s.id, [op(2, 1), op(0, 3)]),
    };
    const count = await tried(scenario, ({ sys }, { id }) => sys.semop(id, [op(2, 1), op(0, 3)]));
    expect(count).toBeGreaterThan(14);
  });

  it("leaves msgsnd() undone while it writes the text, and the receiver notified", async () => {
    const scenario = named(
      MSG_SCENARIOS,
      "msgsnd() past a receiver with too small a buffer to the next",
    );
    const count = await tried(scenario, ({ sys }, { id }) => {
      const message = { mtype: 1, mtext: text(40, 5) };
      return sys.msgsnd(id, message, 40);
    });
    expect(count).toBeGreaterThan(7);
  });

  it("leaves shmdt() done or not, and the marked segment destroyed with it", async () => {
    const scenario = named(SHM_SCENARIOS, "shmdt() of the last attachment of a marked segment");
    const count = await tried(scenario, ({ sys }, { addr }) => sys.shmdt(addr));
    expect(count).toBeGreaterThan(1);
  });

  it("leaves kill() done or not, and its target notified", async () => {
    const scenario = named(SIGNAL_SCENARIOS, "kill() with a handler, the target asleep");
    const count = await tried(scenario, ({ sys }, { pids }) => sys.kill(pids.b, SIGUSR1));
    expect(count).toBeGreaterThan(5);
  });

  it("leaves a child with its whole record, its groups and a notification, or none", async () => {
    const program = PROGRAM.image.url;
    const record = encodeRecord({ ...PROGRAM, argv: [program] });
    const scenario: Scenario = {
      name: "spawn of a process by the runtime",
      prepare: () => undefined,
      call(s) {
        const worker = made(s.a.call((kernel) => kernel.pool_claim()));
        const at = s.a.kernel.task_transfer_at(worker);
        writeRecord(s.machine.memory.buffer as unknown as SharedArrayBuffer, at, record);
        const flags = writeAttributes(s.machine.i32, s.a.transfer, { groups: [11, 12] });
        return s.a.call((kernel) => kernel.sys_spawn(worker, flags));
      },
    };
    const count = await tried(scenario, ({ thread, sys }) =>
      spawn({ thread, sys, env: {}, base: program, poolWaitMs: 0 }, program, [], {
        groups: [11, 12],
      }),
    );
    expect(count).toBeGreaterThan(10);
  });

  it("leaves the worker parked when it dies while it writes the record", async () => {
    const bytes = encodeRecord({ ...PROGRAM, argv: ["a", "b"] });
    const scenario: Scenario = {
      name: "claim of a worker and a record",
      prepare: () => undefined,
      call: (s) => s.a.call((kernel) => kernel.pool_claim()),
    };
    const explorer = new Explorer(KERNELS, sites, scenario, { burials: new Set() });
    const { points } = await explorer.exploreSteps((scene, count) =>
      diesIn(() => {
        const worker = made(scene.a.call((kernel) => kernel.pool_claim()));
        const at = scene.a.kernel.task_transfer_at(worker);
        const buffer = scene.machine.memory.buffer as unknown as SharedArrayBuffer;
        writeRecord(buffer, at, mortalBytes(bytes, new Steps(count)));
      }),
    );
    expect(points).toBe(bytes.length);
  });
});
