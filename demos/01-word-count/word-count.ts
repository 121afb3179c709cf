/**
 * Counts the words of a text with several processes: one splits it, some count, this one adds up.
 * The same on Node and in a page, where this thread may not block: so it waits with `await`.
 */
import { type Child, ipcs, type Machine } from "wasm-ipc";
import { ChunkRing } from "./chunk-ring.ts";
import {
  COUNTS,
  createReportQueue,
  DONE,
  FAILED,
  type ReportQueue,
  SPLIT,
} from "./report-queue.ts";
import { add, type Counts } from "./words.ts";

/** How many processes count. */
export const COUNTERS = 3;

export interface WordCount {
  counts: Counts;
  /** What `ipcs -a` showed to the splitter when it had put the last word into the ring. */
  objectsWhileRunning: string;
  /** What it showed when everything was removed. */
  objectsAfterwards: string;
}

/**
 * @param address - of the text: a path on Node, a URL in a page.
 * @throws {Error} the text cannot be read, or is none.
 */
export async function wordCount(machine: Machine, address: string): Promise<WordCount> {
  const { sys } = machine;
  const counts: Counts = new Map();
  let objectsWhileRunning: string;
  {
    using chunks = ChunkRing.create(sys);
    using queue = createReportQueue(sys);
    const ids = [chunks.name, String(queue.id)];
    const splitterArgs = [...ids, String(COUNTERS), address];
    const children = [await machine.spawn(programUrl("splitter"), splitterArgs)];
    while (children.length <= COUNTERS) {
      children.push(await machine.spawn(programUrl("counter"), ids));
    }
    const collecting = collect(queue, counts);
    [objectsWhileRunning] = await Promise.all([collecting, ...children.map(succeed)]);
  }
  return { counts, objectsWhileRunning, objectsAfterwards: ipcs(sys) };
}

/** The programs are beside this module, also when a bundler has put it into another one. */
function programUrl(name: string): URL {
  return new URL(`./${name}.js`, import.meta.url);
}

/** Adds up what comes in until every counter is done. @returns what the splitter saw. */
async function collect(queue: ReportQueue, counts: Counts): Promise<string> {
  let objects = "";
  let failure: string | undefined;
  for (let running = COUNTERS; running > 0; ) {
    const { type, value } = await queue.receiveAsync();
    if (type === COUNTS) for (const [word, times] of value.counts!) add(counts, word, times);
    else if (type === DONE) running -= 1;
    else if (type === SPLIT) objects = value.objects!;
    else if (type === FAILED) failure = value.error!;
  }
  if (failure !== undefined) throw new Error(failure);
  return objects;
}

/** @throws {Error} when the process ends with another exit status than 0. */
async function succeed(child: Child): Promise<void> {
  const { code, signal } = await child.wait();
  if (code === 0) return;
  throw new Error(`process ${child.pid} ended with ${signal ? `signal ${signal}` : `${code}`}`);
}
