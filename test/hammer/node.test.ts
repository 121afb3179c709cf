import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import * as hammer from "./hammer.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const program = new URL("./program.js", import.meta.url).href;

describe(`workers in Node, SEED=${seed}`, () => {
  let machine: Machine;
  let options: hammer.Hammer;
  beforeAll(async () => {
    machine = await boot({ pool: 4 });
    options = { machine, program, seed, rounds: 20_000 };
    process.stdout.write(`hammer in Node: seed ${seed}\n`);
  });
  afterAll(() => machine.shutdown());

  it("lose no update of a counter that a semaphore guards", async () => {
    const [total, wanted] = await hammer.counter(options);
    expect(total).toBe(wanted);
  });
  it("hold two forks or none", () => hammer.philosophers(options));
  it("all hear of a zero", () => hammer.barrier(options));
  it("lose, double and mix no message", async () => {
    const [received, sent] = await hammer.messages(options);
    expect(received).toBe(sent);
  });
  it("get segments of zeros that are nobody else's", () => hammer.segments(options));
  it("abort waits without losing a post", async () => {
    const [kept, posted] = await hammer.aborts(options);
    expect(kept).toBe(posted);
  });
  it("leave nothing", () => {
    expect(hammer.leftovers(options)).toEqual([0, 0, 0]);
  });
});
