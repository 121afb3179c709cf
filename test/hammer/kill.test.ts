import { afterAll, beforeAll, expect, it } from "vitest";
import { bootKillHammer, type NodeKillHammer } from "./kill-node.ts";
import { KillRound } from "./kill-round.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const KILLS_WANTED = 1000;
/** A round is begun while less has gone by: a process costs 35 to 80 ms of processor time. */
const SECONDS_MOST = 40;
const KILLS_OF_ROUND = 110;

let hammer: NodeKillHammer;
beforeAll(async () => {
  hammer = await bootKillHammer();
  process.stdout.write(`kill hammer in Node: SEED=${seed}\n`);
});
afterAll(() => hammer.stop());

it(`processes in Node die at work, and the rest go on, SEED=${seed}`, async () => {
  const start = performance.now();
  let [kills, seconds] = [0, 0];
  for (let round = 0; kills < KILLS_WANTED && seconds < SECONDS_MOST; round += 1) {
    const result = await new KillRound(hammer, seed + round, KILLS_OF_ROUND).run();
    expect(result.wrong).toEqual([]);
    kills += result.kills;
    seconds = (performance.now() - start) / 1000;
  }
  process.stdout.write(`kill hammer in Node: ${kills} killed in ${seconds.toFixed(1)} s\n`);
  expect(kills).toBeGreaterThanOrEqual(KILLS_OF_ROUND / 2);
}, 170_000);
