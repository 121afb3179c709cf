/** Runs rows one after another on a world. What a row leaves behind is its own failure. */
import type { Limits, Row, World } from "./row.ts";

/** A world as the runner needs it. */
export interface RunnableWorld extends World {
  withLimits(limits: Limits, run: (world: World) => Promise<void>): Promise<void>;
  tidy(): Promise<void>;
}

export interface Result {
  call: string;
  errno?: string;
  name: string;
  status: "pass" | "fail" | "kernel-only";
  /** Why it failed, or why it is kernel-only. */
  reason?: string;
  ms: number;
}

const ROW_TIMEOUT_MS = 20_000;

/** @throws what the row threw, or that it took too long. */
export async function runRow(world: RunnableWorld, row: Row): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `no end after ${ROW_TIMEOUT_MS} ms`;
    timer = setTimeout(() => reject(new Error(message)), ROW_TIMEOUT_MS);
  });
  const run =
    row.limits === undefined
      ? row.run(world)
      : world.withLimits(row.limits, (limited) => row.run(limited));
  run.catch(() => undefined);
  try {
    await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
    await world.tidy();
  }
}

/** Runs rows and reports each as it is done. */
export async function runTables(
  world: RunnableWorld,
  rows: readonly Row[],
  report: (result: Result) => unknown = () => undefined,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    const result = await resultOf(world, row);
    results.push(result);
    await report(result);
  }
  return results;
}

export async function resultOf(world: RunnableWorld, row: Row): Promise<Result> {
  const { call, errno, name, linux } = row;
  const common = { call, name, ...(errno !== undefined && { errno }) };
  if (world.backend === "linux" && linux !== undefined) {
    return { ...common, status: "kernel-only", reason: linux, ms: 0 };
  }
  const start = performance.now();
  const ms = () => Math.round(performance.now() - start);
  try {
    await runRow(world, row);
    return { ...common, status: "pass", ms: ms() };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...common, status: "fail", reason, ms: ms() };
  }
}
