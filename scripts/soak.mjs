/**
 * The kill hammer for as long as one likes: `npm run soak -- --minutes 10`. Processes at work are killed,
 * round after round; a line every ten seconds; a report is saved and the status is 1 when anything was
 * wrong, or somebody waited for ever.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { ROOT } from "./files.mjs";

const PROGRESS_MS = 10_000;
const REPORTS = join(ROOT, "build", "soak");

function count(least) {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) {
      throw new InvalidArgumentError(`It is not an integer from ${least} on.`);
    }
    return value;
  };
}

const { minutes, seed, killsPerRound, browser } = new Command("soak")
  .description("Kills processes at work, in rounds, and looks at what is left.")
  .option("--minutes <n>", "how long", Number, 10)
  .option(
    "--seed <n>",
    "the choices of an earlier run",
    count(0),
    Math.floor(Math.random() * 2 ** 31),
  )
  .option("--kills-per-round <n>", "processes of a round", count(1), 100)
  .option("--browser <name>", "chromium or firefox, instead of Node")
  .parse()
  .opts();

const start = performance.now();
const seconds = () => (performance.now() - start) / 1000;
const total = { kills: 0, rounds: 0, violations: 0, hung: 0 };

/** Kills and rounds of those that are still going on are given. */
function progress({ kills, rounds } = total) {
  const rate = (kills / seconds()).toFixed(1);
  process.stdout.write(
    `${seconds().toFixed(0).padStart(5)} s: ${kills} killed in ${rounds} rounds, ${rate} a second; ` +
      `${total.violations} violations, ${total.hung} hung survivors\n`,
  );
}

function save(what, text) {
  mkdirSync(REPORTS, { recursive: true });
  const file = join(REPORTS, `${seed}-${total.rounds}-${what}.txt`);
  writeFileSync(file, `SEED=${seed}, round ${total.rounds}\n${text}\n`);
  process.stdout.write(`${text}\nsaved in ${file}\n`);
}

function violation(wrong) {
  total.violations += wrong.length;
  save("violation", wrong.join("\n"));
}

async function inNode() {
  const { bootKillHammer } = await import("../build/test/hammer/kill-node.js");
  const { KillRound } = await import("../build/test/hammer/kill-round.js");
  let hammer = await bootKillHammer();
  let round;
  const now = () => ({ ...total, kills: total.kills + (round?.kills ?? 0) });
  const timer = setInterval(() => progress(now()), PROGRESS_MS);
  try {
    while (seconds() < minutes * 60) {
      round = new KillRound(hammer, seed + total.rounds, killsPerRound);
      const { kills, wrong } = await round.run();
      round = undefined;
      total.kills += kills;
      total.rounds += 1;
      if (wrong.length === 0) continue;
      violation(wrong);
      // What is wrong now would be wrong in every later round.
      await hammer.stop();
      hammer = await bootKillHammer();
    }
  } finally {
    clearInterval(timer);
    total.kills += round?.kills ?? 0;
    await hammer.stop();
  }
}

async function inBrowser(name) {
  const { BROWSERS } = await import("../build/test/support/browser-find.js");
  const { killInBrowser } = await import("../build/test/hammer/kill-in-browser.js");
  if (!BROWSERS.includes(name))
    throw new Error(`--browser: '${name}' is not ${BROWSERS.join(" or ")}`);
  let shown = 0;
  const options = { seed, seconds: minutes * 60 };
  const { wrong, printed } = await killInBrowser(name, options, ({ kills, rounds }) => {
    Object.assign(total, { kills, rounds });
    if (seconds() * 1000 - shown < PROGRESS_MS) return;
    shown = seconds() * 1000;
    progress();
  });
  const all = [...wrong, ...printed];
  if (all.length > 0) violation(all);
}

process.stdout.write(`soak of ${minutes} minutes in ${browser ?? "Node"}: --seed ${seed}\n`);
try {
  await (browser === undefined ? inNode() : inBrowser(browser));
} catch (error) {
  // The first wait without end is the last one: the dump says who waits for what.
  if (/\bHang\b/.test(String(error))) total.hung += 1;
  else total.violations += 1;
  save("end", error.stack);
}
progress();
process.exit(total.violations + total.hung === 0 ? 0 : 1);
