/**
 * The interleaved run: every round takes one sample of every party of every row, so that whatever
 * the machine does meanwhile happens to all of them alike.
 */
import type { AgentProcess } from "./agent-process.ts";
import { isCalm, LoadMeter } from "./calm.ts";
import type { Sample } from "./party.ts";
import type { Placement, PlacementProbe } from "./placement.ts";
import type { Reference, Row } from "./rows.ts";

/** An agent that runs, or the reason why it does not. */
export type Agents = ReadonlyMap<string, AgentProcess | Error>;

export interface Measured {
  round: number;
  /** Nanoseconds an operation. */
  ns: number;
  /** No other job took part of the machine; true where that cannot be known. */
  calm: boolean;
  placement: Placement | undefined;
}

/** One column of a row: our own, another build's, or a reference. */
export interface Column {
  reference: Reference;
  /** Why there are no samples. */
  missing?: string;
  samples: Measured[];
}

export interface RowResult {
  row: Row;
  /** Ours first. */
  columns: Column[];
}

/** Long enough for a timer's noise, short enough for many rounds. */
const ONE_PARTY_MS = 20;
const TWO_PARTY_MS = 40;
/** V8 has compiled a loop for good after this long; a native party needs only its caches. */
const WARM_MS = 400;

/** A party of a row with the number of operations that fill a sample. */
class Runner {
  readonly agent: AgentProcess;
  readonly column: Column;
  n = 1;

  constructor(agent: AgentProcess, column: Column) {
    this.agent = agent;
    this.column = column;
  }

  sample(): Promise<Sample> {
    return this.agent.sample(this.column.reference.party, this.n);
  }

  /** Runs until compiled, then chooses `n`. */
  async warmUp(row: Row): Promise<void> {
    if (row.fixed !== undefined) {
      this.n = row.fixed;
      await this.sample();
      return;
    }
    const target = (row.kind === "alone" ? ONE_PARTY_MS : TWO_PARTY_MS) * 1e6;
    const end = performance.now() + WARM_MS;
    while (performance.now() < end) {
      // The pauses of a parked round trip are not in `ns`: the wall clock chooses `n`.
      const start = performance.now();
      await this.sample();
      const wall = Math.max(0.01, performance.now() - start) * 1e6;
      this.n = Math.max(1, Math.round(Math.min(this.n * 16, (this.n * target) / wall)));
    }
  }
}

/** Our own agents, and what the table calls them. */
const OWN: Record<string, string> = { ours: "ours", against: "the build of --against" };

function columnsOf(row: Row, agents: Agents): Column[] {
  const pairs = row.between ? "-pairs" : "";
  const own = Object.keys(OWN)
    .filter((name) => agents.has(name))
    .map((name) => ({
      name: OWN[name] ?? name,
      agent: `${name}${pairs}`,
      party: row.id,
      wanted: {},
    }));
  return [...own, ...row.references].map((reference) => {
    const column: Column = { reference, samples: [] };
    const agent = agents.get(reference.agent);
    if (agent instanceof Error) column.missing = agent.message;
    else if (!agent?.parties.has(reference.party)) column.missing = "its agent has no such party";
    return column;
  });
}

export class Measurement {
  readonly results: RowResult[];
  /** Other jobs' share of the machine, one number a row and round. */
  readonly load: number[] = [];
  readonly #runners = new Map<Row, Runner[]>();
  readonly #probe: PlacementProbe;
  readonly #meter = new LoadMeter();

  constructor(rows: readonly Row[], agents: Agents, probe: PlacementProbe) {
    this.#probe = probe;
    this.results = rows.map((row) => ({ row, columns: columnsOf(row, agents) }));
    for (const { row, columns } of this.results) {
      const present = columns.filter((column) => column.missing === undefined);
      const runners = present.map(
        (column) => new Runner(agents.get(column.reference.agent) as AgentProcess, column),
      );
      this.#runners.set(row, runners);
    }
  }

  /** A party that fails takes its agent with it: its columns say so, and the others go on. */
  async #try(row: Row, runner: Runner, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      runner.column.missing = (error as Error).message;
      const rest = this.#runners.get(row)?.filter((other) => other !== runner) ?? [];
      this.#runners.set(row, rest);
    }
  }

  async warmUp(): Promise<void> {
    for (const [row, runners] of this.#runners) {
      for (const runner of [...runners]) {
        await this.#try(row, runner, () => runner.warmUp(row));
      }
    }
  }

  async round(number: number): Promise<void> {
    for (const [row, runners] of this.#runners) {
      // Another first one each time: nobody always comes after the same neighbour.
      const shift = runners.length === 0 ? 0 : number % runners.length;
      const order = [...runners.slice(shift), ...runners.slice(0, shift)];
      const taken: { column: Column; measured: Measured }[] = [];
      let agentsUs = 0;
      this.#meter.start();
      for (const runner of order) {
        await this.#try(row, runner, async () => {
          const placement = row.kind === "pair" ? this.#probe.probe() : undefined;
          const { ns, cpuUs } = await runner.sample();
          agentsUs += cpuUs;
          const measured = { round: number, ns: ns / runner.n, calm: true, placement };
          taken.push({ column: runner.column, measured });
        });
      }
      const others = this.#meter.others(agentsUs);
      if (others !== undefined) this.load.push(others);
      for (const { column, measured } of taken) {
        column.samples.push({ ...measured, calm: isCalm(others) });
      }
    }
  }
}
