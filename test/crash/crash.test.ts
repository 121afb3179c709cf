/**
 * Death at every store: for each scenario and each N, A's call traps before its N-th store, A's
 * worker is buried, the whole machine is checked, and what survivors see must be what they see when
 * the call had not begun before A died, or had ended.
 */
import { afterAll, describe, expect, it } from "vitest";
import { crashKernel } from "./instrument.ts";
import type { Scenario } from "./scenario.ts";
import { MSG_SCENARIOS } from "./scenarios-msg.ts";
import { SEM_SCENARIOS } from "./scenarios-sem.ts";
import { SHM_SCENARIOS } from "./scenarios-shm.ts";
import { Scene } from "./scene.ts";

const { module, places } = crashKernel();
let points = 0;

function prepared({ prepare }: Scenario): Scene {
  const scene = new Scene(module);
  prepare(scene);
  return scene;
}

/** What survivors see when A dies before the call, or after it. */
function reference(scenario: Scenario, called: boolean): string {
  const scene = prepared(scenario);
  if (called) scenario.call(scene);
  expect(scene.bury()).toBe("");
  return scene.state();
}

/** @returns whether the call was cut off; false: it has fewer than `count` stores. */
function cutOff(scene: Scene, scenario: Scenario, count: number): boolean {
  scene.kernel.crash_after(count);
  try {
    scenario.call(scene);
  } catch (error) {
    // A failed assertion traps as well, with stores left.
    if (error instanceof WebAssembly.RuntimeError && scene.kernel.crash_left() === 0) return true;
    throw error;
  }
  scene.kernel.crash_after(0);
  return false;
}

function tryEveryStore(scenario: Scenario): number {
  const states = [reference(scenario, false), reference(scenario, true)];
  for (let count = 1; ; count += 1) {
    const scene = prepared(scenario);
    if (!cutOff(scene, scenario, count)) return count - 1;
    const at = `${scenario.name}, cut off at store ${count}`;
    expect(scene.bury(), at).toBe("");
    expect(states, at).toContain(scene.state());
  }
}

describe.each([
  ["semaphores", SEM_SCENARIOS],
  ["shared memory", SHM_SCENARIOS],
  ["message queues", MSG_SCENARIOS],
])("%s", (_kind, scenarios) => {
  it.each(scenarios)("$name happens wholly or not at all", (scenario) => {
    const tried = tryEveryStore(scenario);
    expect(tried).toBeGreaterThan(10);
    points += tried;
  });
});

afterAll(() => {
  process.stdout.write(`${points} crash points in a kernel with ${places} places that store\n`);
});
