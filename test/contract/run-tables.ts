/** Runs rows one after another on a world. What a row leaves behind is its own failure. */
import { exclusion, type Limits, type Row, type World } from "./row.ts";

/** A world as the runner needs it. */
export interface RunnableWorld extends World {
  withLimits(limits: Limits, run: (world: World) => Promise<void>): Promise<void>;
  tidy(): Promise<void>;
}

export interface Result {
  call: string;
  errno?: string;
  name: string;
  status: "pass" | "fail" | "excluded";
  /** Why it failed, or why the backend does not run it. */
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
  const { call, errno, name } = row;
  const common = { call, name, ...(errno !== undefined && { errno }) };
  const excluded = exclusion(row, world.backend);
  if (excluded !== undefined) return { ...common, status: "excluded", reason: excluded, ms: 0 };
  const start = performance.now();
  const ms = () => Math.round(performance.now() - start);
  try {
    await runRow(world, row);
    return { ...common, status: "pass", ms: ms() };
  } catch (error) {
    return { ...common, status: "fail", reason: describe(error), ms: ms() };
  }
}

/** The stack, with the message that Firefox leaves out of it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.stack?.includes(error.message) ? error.stack : `${error}\n${error.stack}`;
}
