import { expect, it } from "vitest";
import { BROWSERS } from "../support/browser-find.ts";
import { killInBrowser } from "./kill-in-browser.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** A round is begun while less has gone by, or fewer have been killed. */
const SECONDS = 12;
const KILLS_LEAST = 50;

it.each(BROWSERS)(
  `processes die at work in %s, and the rest go on, SEED=${seed}`,
  async (name) => {
    process.stdout.write(`kill hammer in ${name}: SEED=${seed}\n`);
    const { kills, seconds, wrong, printed } = await killInBrowser(name, {
      seed,
      seconds: SECONDS,
      least: KILLS_LEAST,
    });
    process.stdout.write(`kill hammer in ${name}: ${kills} killed in ${seconds.toFixed(1)} s\n`);
    expect(wrong).toEqual([]);
    expect(printed).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(KILLS_LEAST);
  },
  170_000,
);
