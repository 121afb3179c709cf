/** The driver's side of a process on Linux: a socket, and /proc to see what it sleeps in. */
import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { ProcBase } from "./proc-base.ts";
import type { Command, Reply } from "./wire.ts";

/** futex(2), and its operation's bit for a word of one process only, such as the engine's own. */
const FUTEX = process.arch === "x64" ? 202 : 98;
const FUTEX_PRIVATE_FLAG = 128;

/** Numbers of semop, semtimedop, msgsnd, msgrcv and wait4, from the kernel's system call tables. */
const BLOCKING = new Set(
  process.arch === "x64" ? [65, 220, 69, 70, 61] : [193, 192, 189, 188, 260],
);

export class LinuxProc extends ProcBase {
  readonly pid: number;
  readonly #socket: Socket;

  constructor(pid: number, socket: Socket) {
    super();
    this.pid = pid;
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) =>
      this.receive(JSON.parse(line) as Reply),
    );
    // The kernel closes the socket after it has detached segments and applied SEM_UNDO (do_exit()).
    socket.on("close", () => this.hasEnded("its socket is closed"));
    socket.on("error", () => undefined);
  }

  protected send(command: Command): void {
    this.#socket.write(`${JSON.stringify(command)}\n`);
  }

  /** proc_pid_syscall(5) shows the call that a task is blocked in, and "running" otherwise. */
  protected sleepers(): number {
    if (!this.alive) return 0;
    return readdirSync(`/proc/${this.pid}/task`).filter((task) => this.#sleeps(task)).length;
  }

  #sleeps(task: string): boolean {
    const folder = `/proc/${this.pid}/task/${task}`;
    const [number, , operation] = readFileSync(`${folder}/syscall`, "latin1")
      .split(" ")
      .map(Number);
    const mutex = number === FUTEX && (operation! & FUTEX_PRIVATE_FLAG) === 0;
    if (!mutex && !BLOCKING.has(number!)) return false;
    const stat = readFileSync(`${folder}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("S");
  }

  async kill(signal: number): Promise<void> {
    process.kill(this.pid, signal);
  }
}
