/** The driver's side of a process on Linux: a socket, and /proc to see what it sleeps in. */
import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { ProcBase } from "./proc-base.ts";
import type { Command, Reply } from "./wire.ts";

/** futex(2), and its operation's bit for a word of one process only, such as the engine's own. */
const FUTEX = process.arch === "x64" ? 202 : 98;
const FUTEX_PRIVATE_FLAG = 128;

/** Numbers from the kernel's system call tables: x86-64's, and those of asm-generic. */
const NUMBERS: Readonly<Record<string, readonly [x64: number, generic: number]>> = {
  semop: [65, 193],
  semtimedop: [220, 192],
  msgsnd: [69, 189],
  msgrcv: [70, 188],
  wait4: [61, 260],
  read: [0, 63],
  write: [1, 64],
  readv: [19, 65],
  writev: [20, 66],
  poll: [7, 73],
  ppoll: [271, 73],
  select: [23, 72],
  pselect6: [270, 72],
  openat: [257, 56],
  fcntl: [72, 25],
  flock: [73, 32],
};
const column = process.arch === "x64" ? 0 : 1;
const BLOCKING = new Set(Object.values(NUMBERS).map((pair) => pair[column]));

/** epoll_wait and epoll_pwait are also where Node's own threads idle: with room for 1024 events. */
const EPOLL = new Set(process.arch === "x64" ? [232, 281] : [22]);
const NODE_MAXEVENTS = 1024;

/** Whether a line of proc_pid_syscall(5) is a call that rows make: its number and hexadecimal arguments. */
function isBlocking(line: string): boolean {
  const [number, _first, second, maxevents] = line.split(" ");
  if (Number(number) === FUTEX) return (Number(second) & FUTEX_PRIVATE_FLAG) === 0;
  if (EPOLL.has(Number(number))) return Number(maxevents) !== NODE_MAXEVENTS;
  return BLOCKING.has(Number.parseInt(number!, 10));
}

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
    if (!isBlocking(readFileSync(`${folder}/syscall`, "latin1"))) return false;
    const stat = readFileSync(`${folder}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("S");
  }

  async kill(signal: number): Promise<void> {
    process.kill(this.pid, signal);
  }
}
