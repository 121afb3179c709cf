/** Who waits for whom, a sentence a call that sleeps, and the deadlocks among them. */
import type { MachineSnapshot, ProcessSnapshot } from "../snapshot/types.ts";
import { type WaitEdge, waitGraph } from "../snapshot/wait-graph.ts";

class Sentences {
  readonly #snapshot: MachineSnapshot;
  readonly #processes: ReadonlyMap<number, ProcessSnapshot>;

  constructor(snapshot: MachineSnapshot) {
    this.#snapshot = snapshot;
    this.#processes = new Map(snapshot.processes.map((process) => [process.pid, process]));
  }

  sentence(edge: WaitEdge): string {
    const { pid, wait } = edge;
    const how = wait.blocks ? "waits" : "waits meanwhile";
    return `${this.#who(pid)} ${how} in ${wait.call} for ${this.#what(edge)}\n`;
  }

  #who(pid: number): string {
    const process = this.#processes.get(pid);
    return process === undefined ? `pid ${pid}` : `pid ${pid} (${process.command})`;
  }

  /** "pid 7 (a) or pid 9 (b)". */
  #whom({ for: pids, needs }: WaitEdge): string {
    return pids.map((pid) => this.#who(pid)).join(needs === "any" ? " or " : " and ");
  }

  #what(edge: WaitEdge): string {
    const { wait } = edge;
    const whom = edge.for.length === 0 ? undefined : this.#whom(edge);
    const of = whom === undefined ? "" : ` of ${whom}`;
    switch (wait.call) {
      case "semop": {
        const taken = whom === undefined ? "" : `, which ${whom} has to undo`;
        return `semaphore ${wait.sem_num} of set ${wait.semid}${taken}`;
      }
      case "msgsnd":
        return `room in queue ${wait.msqid}`;
      case "msgrcv":
        return `a message in queue ${wait.msqid}`;
      case "waitpid":
        return whom === undefined ? "a child" : `the end of ${whom}`;
      case "pthread_mutex_lock":
        return `a mutex${of}${this.#place(wait.mutex)}`;
      case "read":
        return `bytes in pipe ${wait.pipe}${whom === undefined ? "" : ` from ${whom}`}`;
      case "write":
        return `room in pipe ${wait.pipe}${whom === undefined ? "" : `, which ${whom} reads`}`;
      case "poll":
      case "epoll_wait": {
        if (wait.entries.length === 0) return wait.forever ? "a signal" : "a time or a signal";
        const fds = wait.entries.map(({ fd }) => fd).join(", ");
        const from = whom === undefined ? "" : `: ${whom}`;
        return `${wait.entries.length === 1 ? "descriptor" : "descriptors"} ${fds}${from}`;
      }
      case "open":
        return `a ${wait.until} of FIFO ${wait.ino}`;
      case "fcntl":
      case "flock":
        return `a lock${of} on ${this.#file(wait.lock.file)}`;
      case "volume":
        return "the disk of a volume";
      default:
        return "something else";
    }
  }

  #place(mutex: number): string {
    const found = this.#snapshot.mutexes.find((each) => each.mutex === mutex);
    return found?.shmid == null ? "" : ` in segment ${found.shmid}`;
  }

  #file(file: number): string {
    const found = this.#snapshot.locks.find((lock) => lock.file === file);
    return found?.path ?? (file < 0 ? "a stream of the host" : `file ${file}`);
  }
}

/** The sentences of these processes, and every deadlock of the machine. */
export function waitsText(snapshot: MachineSnapshot, pids?: ReadonlySet<number>): string {
  const sentences = new Sentences(snapshot);
  const { edges, deadlocked, cycles } = waitGraph(snapshot);
  const shown = edges.filter(({ pid }) => pids === undefined || pids.has(pid));
  const inCycle = new Set(cycles.flat());
  const behind = deadlocked.filter((pid) => !inCycle.has(pid));
  return [
    ...shown.map((edge) => sentences.sentence(edge)),
    ...cycles.map((cycle) => `deadlock: ${[...cycle, cycle[0]].join(" -> ")}\n`),
    ...(behind.length === 0 ? [] : [`behind it: ${behind.join(", ")}\n`]),
  ].join("");
}
