import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { instantiate } from "../../runtime/instance.ts";
import { kernelModule, type TestKernel } from "../support/machine.ts";
import { leftovers } from "./hammer.ts";
import * as races from "./races.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const program = new URL("./races-program.js", import.meta.url).href;

const KERNELS = [
  { build: "release", options: {} },
  { build: "debug", options: { kernelUrl: new URL("../../kernel.debug.wasm", import.meta.url) } },
];

describe.each(KERNELS)("racing workers in Node, $build build", ({ build, options }) => {
  let machine: Machine;
  let race: races.Race;
  beforeAll(async () => {
    machine = await boot({ pool: 4, MSGMNB: 2048, ...options });
    race = { machine, program, seed, rounds: 6000, width: 4 };
    process.stdout.write(`races in Node, ${build}: SEED=${seed}\n`);
  });
  afterAll(() => machine.shutdown());

  it("add up by both paths of semop, two of them", async () => {
    const [values, wanted] = await races.paths({ ...race, rounds: 20_000, width: 2 });
    expect(values).toEqual(wanted);
  });
  it("add up by both paths of semop, four of them", async () => {
    const [values, wanted] = await races.paths(race);
    expect(values).toEqual(wanted);
  });
  it("end although the objects vanish that they sleep on", () => races.removals(race));
  it("get a unit or an abort, never both", async () => {
    const [values, wanted] = await races.aborts(race);
    expect(values).toEqual(wanted);
  });
  it("leave the mutex free when they are killed", async () => {
    expect(await races.kills(race, 15)).toEqual(Array(15).fill(1));
  });
  it("leave nothing, in a machine that is whole", () => {
    expect(leftovers({ machine, program, seed, rounds: 0 })).toEqual([0, 0, 0]);
    const check = instantiate(kernelModule("debug"), machine.handle.memory) as TestKernel;
    expect(check.machine_check!()).toBe(0);
  });
});
