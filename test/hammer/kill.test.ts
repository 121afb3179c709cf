import { afterAll, beforeAll, expect, it } from "vitest";
import { bootKillHammer, type NodeKillHammer } from "./kill-node.ts";
import { KillRound } from "./kill-round.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = 10;
const KILLS = 110;

let hammer: NodeKillHammer;
beforeAll(async () => {
  hammer = await bootKillHammer();
  process.stdout.write(`kill hammer in Node: SEED=${seed}\n`);
});
afterAll(() => hammer.stop());

it(`${ROUNDS * KILLS} processes in Node die at work, and the rest go on, SEED=${seed}`, async () => {
  const start = performance.now();
  let kills = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const result = await new KillRound(hammer, seed + round, KILLS).run();
    kills += result.kills;
    expect(result.wrong).toEqual([]);
    process.stdout.write(`round ${round}: ${JSON.stringify(result)}\n`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`kill hammer in Node: ${kills} killed in ${seconds} s\n`);
  expect(kills).toBeGreaterThanOrEqual(1000);
}, 170_000);
