/** Commands that run in the background, and those that were put there: `%1`, `%+`, `%name`. */
import { W_EXIT_SHIFT, W_SIGNAL_MASK } from "../../assembly/abi/wait.ts";
import { signalText } from "./signal-names.ts";

/** $? of a status word: 128 and the signal for who was ended by one. */
export function exitStatus(status: number): number {
  const signal = status & W_SIGNAL_MASK;
  return signal !== 0 ? 128 + signal : (status >> W_EXIT_SHIFT) & 0xff;
}

export class Job {
  readonly id: number;
  readonly text: string;
  /** The process group, with job control; else 0. */
  readonly group: number;
  /** `wait` has given its status; until another job is made, `jobs` tells of it. */
  wasAwaited = false;
  /** Status words of its processes; undefined while one runs. The last one's is the job's. */
  readonly processes: Map<number, number | undefined>;

  constructor(id: number, text: string, group: number, pids: readonly number[]) {
    this.id = id;
    this.text = text;
    this.group = group;
    this.processes = new Map(pids.map((pid) => [pid, undefined]));
  }

  get lastPid(): number {
    return [...this.processes.keys()].at(-1)!;
  }

  get running(): number[] {
    return [...this.processes].filter(([, status]) => status === undefined).map(([pid]) => pid);
  }

  get isDone(): boolean {
    return this.running.length === 0;
  }

  /** The status word of its last process. */
  get status(): number {
    return this.processes.get(this.lastPid) ?? 0;
  }

  /** "Running", "Done", "Done(2)", "Terminated". */
  get state(): string {
    if (!this.isDone) return "Running";
    const signal = this.status & W_SIGNAL_MASK;
    if (signal !== 0) return signalText(signal);
    const code = exitStatus(this.status);
    return code === 0 ? "Done" : `Done(${code})`;
  }
}

export class Jobs {
  /** From the oldest to the current one. */
  #all: Job[] = [];

  get all(): readonly Job[] {
    return [...this.#all].sort((a, b) => a.id - b.id);
  }

  /** As they are listed: the current one first. */
  get fromCurrent(): readonly Job[] {
    return [...this.#all].reverse();
  }

  get current(): Job | undefined {
    return this.#all.at(-1);
  }

  /** Those that were waited for make room. */
  add(text: string, group: number, pids: readonly number[]): Job {
    this.#all = this.#all.filter((job) => !job.isDone || !job.wasAwaited);
    const used = new Set(this.#all.map(({ id }) => id));
    let id = 1;
    while (used.has(id)) id++;
    const job = new Job(id, text, group, pids);
    this.#all.push(job);
    return job;
  }

  remove(job: Job): void {
    this.#all = this.#all.filter((each) => each !== job);
  }

  /** Makes it the one that `%+` names. */
  makeCurrent(job: Job): void {
    this.remove(job);
    this.#all.push(job);
  }

  /** A process has ended. */
  note(pid: number, status: number): void {
    for (const { processes } of this.#all) if (processes.has(pid)) processes.set(pid, status);
  }

  withPid(pid: number): Job | undefined {
    return this.#all.find(({ processes }) => processes.has(pid));
  }

  /** "%1", "%%", "%-", "%sort", "%?x"; undefined when there is none, or several begin so. */
  named(name: string): Job | undefined {
    const rest = name.slice(1);
    if (rest === "" || rest === "%" || rest === "+") return this.current;
    if (rest === "-") return this.#all.at(-2);
    if (/^\d+$/.test(rest)) return this.#all.find(({ id }) => id === Number(rest));
    const isInside = rest.startsWith("?");
    const found = this.#all.filter(({ text }) =>
      isInside ? text.includes(rest.slice(1)) : text.startsWith(rest),
    );
    return found.length === 1 ? found[0] : undefined;
  }

  /** A line of `jobs`. */
  line(job: Job, isLong = false): string {
    const mark = job === this.current ? "+" : job === this.#all.at(-2) ? "-" : " ";
    const pid = isLong ? `${job.lastPid} ` : "";
    return `[${job.id}] ${mark} ${pid}${job.state.padEnd(26)} ${job.text}`;
  }
}
