/** Runs generated command sequences: the seed is printed, and SEED= makes the same run again. */
import fc from "fast-check";

/** Runs `body` on `runs` values. SEED replays a run; RUNS scales their number, 1 by default. */
export function replay<T>(
  name: string,
  values: fc.Arbitrary<T>,
  runs: number,
  body: (value: T) => void,
): void {
  const seed = process.env.SEED === undefined ? newSeed() : Number(process.env.SEED);
  const numRuns = Math.ceil(runs * Number(process.env.RUNS ?? 1));
  const start = performance.now();
  fc.assert(fc.property(values, body), { seed, numRuns });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${name}: ${numRuns} sequences in ${seconds} s, SEED=${seed}\n`);
}

function newSeed(): number {
  return Math.floor(Math.random() * 0x7fffffff);
}

/** Sequences of commands; long ones are as likely as short ones. */
export function sequences<T>(command: fc.Arbitrary<T>, most = 60): fc.Arbitrary<T[]> {
  return fc.array(command, { maxLength: most, size: "max" });
}

/** A number that picks one of several things: pick(n, list). */
export const choice = fc.nat({ max: 1023 });

export function pick<T>(number: number, list: readonly T[]): T | undefined {
  return list.length === 0 ? undefined : list[number % list.length];
}

/** Throws when the kernel's answer is not the model's. */
export function same(what: string, kernel: unknown, model: unknown): void {
  const left = JSON.stringify(kernel);
  const right = JSON.stringify(model);
  if (left !== right) throw new Error(`${what}: kernel ${left}, model ${right}`);
}
