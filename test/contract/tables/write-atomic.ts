/** write(2) by many at once: pipe(7), "PIPE_BUF". */
import { equal, ok } from "../check.ts";
import { closeAll, family, PAGE } from "../objects-files.ts";
import { type Row, row, type World } from "../row.ts";
import type { Run } from "../steps-files.ts";

const RECORDS = 60;

/** Each writer writes records of its own byte. @returns runs of equal bytes, in order */
async function writeTogether({ proc }: World, writers: number, size: number): Promise<Run[]> {
  const { parent, pipe, kids } = await family(proc, writers);
  await closeAll(parent, pipe[1]);
  const calls = kids.map((kid, index) =>
    kid.start<number[]>("writeRecords", pipe[1], index, size, RECORDS),
  );
  for (const call of calls) call.then(() => undefined);
  const all = parent.start<Run[]>("readToEnd", pipe[0]);
  for (const [index, call] of calls.entries()) {
    equal(await call, [size], "what every write() returned");
    await closeAll(kids[index]!, pipe[1]);
  }
  return all;
}

function total(runs: readonly Run[], byte: number): number {
  return runs.filter(([each]) => each === byte).reduce((sum, [, length]) => sum + length, 0);
}

async function atomic(world: World, writers: number, size: number): Promise<void> {
  const runs = await writeTogether(world, writers, size);
  for (const [byte, length] of runs) {
    ok(length % size === 0, `a run of ${length} bytes ${byte} is whole records of ${size}`);
  }
  for (let byte = 0; byte < writers; byte++) equal(total(runs, byte), size * RECORDS);
}

export const writeAtomic: readonly Row[] = [
  row("write() of 4096 bytes, PIPE_BUF, is never torn by nine other writers", (world) =>
    atomic(world, 10, PAGE),
  ),
  row("write() of 4095 bytes is never torn by nine other writers", (world) =>
    atomic(world, 10, PAGE - 1),
  ),
  row("write() of 100 bytes is never torn by two other writers", (world) => atomic(world, 3, 100)),
  row("write() of 4097 bytes by ten writers loses and doubles nothing", async (world) => {
    const size = PAGE + 1;
    const runs = await writeTogether(world, 10, size);
    for (let byte = 0; byte < 10; byte++) equal(total(runs, byte), size * RECORDS);
  }),
];
