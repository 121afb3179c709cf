/** The commands of the process model: a tree of processes on pooled workers, signals, and ends. */
import { EAGAIN, EINTR, EPERM, EWAIT } from "../../assembly/abi/errno.ts";
import { SA_NOCLDWAIT } from "../../assembly/abi/signal.ts";
import { type Build, LIMITS, TestMachine, TestTask } from "../support/machine.ts";
import { writeAttributes } from "../support/spawn-attributes.ts";
import { maskOf, type ProcCommand, signalsOf } from "./proc-choices.ts";
import { type ModelAttributes, type ModelProcess, ProcModel } from "./proc-model.ts";
import { pick, same } from "./replay.ts";

const PROC_MAX = 6;
const TASK_MAX = 12;

/** A process's thread. */
interface Thread {
  readonly pid: number;
  readonly task: TestTask;
  /** Asleep in waitpid, or woken by a child's end, or awake. */
  state: "awake" | "asleep" | "done";
  /** A caught signal has cleared its park word. */
  nudged: boolean;
  expected: number;
  wake: (result: number) => void;
}

const MACHINES = new Map<Build, TestMachine>();

export class ProcPlay {
  readonly machine: TestMachine;
  readonly model = new ProcModel(PROC_MAX);
  readonly threads = new Map<number, Thread>();
  /** Tasks in the pool, and the pid of every process that there ever was. */
  readonly pooled = new Map<number, TestTask>();
  readonly pids: number[] = [];

  constructor(build: Build) {
    const machine = MACHINES.get(build) ?? new TestMachine(build, 16);
    MACHINES.set(build, machine);
    this.machine = machine;
    same("machine_format", machine.format({ ...LIMITS, PROC_MAX, TASK_MAX }), 0);
    this.#boot();
  }

  /** A process that nobody spawned, as boot's own. */
  #boot(): void {
    if (this.pooled.size === TASK_MAX - 2) return;
    const { main, pid } = this.machine.process();
    same("the pid", pid, this.#create(undefined, { uid: 0, gid: 0 }));
    this.#start(pid, main);
  }

  #create(parent: ModelProcess | undefined, attributes: ModelAttributes): number | null {
    const pid: number | null = this.model.create(parent, attributes, () => {
      this.threads.get(pid!)!.nudged = true;
    });
    return pid;
  }

  #start(pid: number, task: TestTask): void {
    this.pids.push(pid);
    const wake = (result: number) => {
      const thread = this.threads.get(pid)!;
      thread.state = "done";
      thread.expected = result;
    };
    this.threads.set(pid, { pid, task, state: "awake", nudged: false, expected: 0, wake });
  }

  run(commands: readonly ProcCommand[]): void {
    for (const command of commands) {
      this.#step(command);
      this.#verify();
    }
  }

  #step(command: ProcCommand): void {
    const { what, who } = command;
    const threads = [...this.threads.values()];
    const thread = pick(who, threads);
    if (what === "join") this.#join();
    else if (what === "reap") this.#reap();
    else if (thread === undefined) this.#boot();
    else if (thread.state !== "awake") this.#resume(thread, command);
    else if (what === "spawn") this.#spawn(thread, command);
    else if (what === "exit") this.#exit(thread, command);
    else if (what === "wait") this.#wait(thread, command);
    else if (what === "group") this.#group(thread, command);
    else if (what === "kill") {
      const groups = this.pids.map((each) => -each);
      const pid = pick(command.pid, [...this.pids, ...groups, 0, -1, 1, 999, -999])!;
      const kernel = thread.task.call((exports) => exports.sys_kill(pid, command.sig));
      same(`kill(${pid})`, kernel, this.model.kill(thread.pid, pid, command.sig));
    } else if (what === "action") {
      const { sig, extra } = command;
      const disposition = pick(extra, [0, 1, 2, 2, 2, 3])!;
      const flags = pick(extra >> 3, [0, 0, SA_NOCLDWAIT])!;
      const kernel = thread.task.call((exports) => exports.sys_sigaction(sig, disposition, flags));
      same("sigaction", kernel, this.model.action(thread.pid, sig, disposition, flags !== 0));
    } else if (what === "mask") {
      const set = signalsOf(command.extra);
      const kernel = thread.task.call((exports) => exports.signal_mask_set(maskOf(set)));
      this.model.mask(thread.pid, set);
      same("signal_mask_set", kernel, 0);
    } else if (what === "take") {
      const kernel = thread.task.call((exports) => exports.signal_take());
      same("signal_take", kernel, this.model.take(thread.pid));
    }
  }

  /** A worker joins the pool and parks. */
  #join(): void {
    const kernel = this.machine.instance();
    const id = kernel.pool_join(0);
    const room = TASK_MAX - 2 - this.threads.size - this.pooled.size;
    if (room === 0) {
      same("pool_join", id, -EAGAIN);
      return;
    }
    const task = new TestTask(this.machine, kernel, id);
    task.drain();
    same("the pooled worker's park word", task.park, 1);
    this.pooled.set(id, task);
  }

  #spawn(parent: Thread, { extra }: ProcCommand): void {
    const id = parent.task.call((kernel) => kernel.pool_claim());
    if (this.pooled.size === 0) {
      same("pool_claim", id, -EAGAIN);
      return;
    }
    const worker = this.pooled.get(id);
    if (worker === undefined) throw new Error(`pool_claim: task ${id} is not in the pool`);
    const self = this.model.processes.get(parent.pid)!;
    const uid = pick(extra, [-1, -1, 100, self.uid])!;
    const gid = pick(extra >> 2, [-1, 10, self.gid])!;
    const foreign = (wanted: number, own: number) => wanted !== -1 && wanted !== own;
    const denied = self.uid !== 0 && (foreign(uid, self.uid) || foreign(gid, self.gid));
    const extras = this.#attributes(extra);
    const ids = { ...(uid !== -1 && { uid }), ...(gid !== -1 && { gid }) };
    const { sigmask, sigdefault, ...rest } = extras;
    const masks = {
      ...(sigmask && { sigmask: maskOf(sigmask) }),
      ...(sigdefault && { sigdefault: maskOf(sigdefault) }),
    };
    const given = { ...ids, ...rest, ...masks };
    const flags = writeAttributes(this.machine.i32, parent.task.transfer, given);
    const kernel = parent.task.call((exports) => exports.sys_spawn(id, flags));
    const strange = extras.pgroup !== undefined && extras.pgroup !== 0;
    const refused = denied || (strange && !this.model.mayJoin(parent.pid, extras.pgroup!));
    const attributes = { uid: self.uid, gid: self.gid, ...ids, ...extras };
    const pid = refused ? -EPERM : (this.#create(self, attributes) ?? -EAGAIN);
    same("sys_spawn", kernel, pid);
    if (pid < 0) {
      same(
        "pool_unclaim",
        parent.task.call((exports) => exports.pool_unclaim(id)),
        0,
      );
      return;
    }
    this.pooled.delete(id);
    this.#start(pid, worker);
    if (worker.park === 1) throw new Error("the spawned worker was not woken");
  }

  /** Group, session and signals of a child, mostly as its parent has them. */
  #attributes(extra: number): Omit<ModelAttributes, "uid" | "gid"> {
    const pgroup = pick(extra >> 4, [undefined, undefined, 0, 0, ...this.pids, 999]);
    const signals = extra >> 6;
    return {
      ...(pgroup !== undefined && { pgroup }),
      ...((extra >> 5) % 8 === 0 && { session: true }),
      ...(signals % 3 === 0 && { sigmask: signalsOf(signals) }),
      ...(signals % 5 === 0 && { sigdefault: signalsOf(signals) }),
    };
  }

  #exit({ pid, task }: Thread, { extra }: ProcCommand): void {
    const status = (extra & 0xff) << 8;
    // The last one stays for long, or nobody would be left to spawn.
    if (this.threads.size === 1 && extra % 16 !== 0) return;
    if (extra % 3 === 0) {
      // Its worker dies instead.
      this.#gone(pid, 9, () =>
        this.machine.root.call((kernel) => kernel.thread_dead(kernel.task_serial(task.id))),
      );
      return;
    }
    const killed = this.model.processes.get(pid)!.killed !== 0;
    this.#gone(pid, status, () => task.call((kernel) => kernel.sys_exit(status)), killed ? 1 : 0);
    same("task_free", task.kernel.task_free(task.id), 0);
  }

  #gone(pid: number, status: number, call: () => number, result = 0): void {
    this.threads.delete(pid);
    this.model.exit(pid, status);
    same("the end of a process", call(), result);
  }

  /** The supervisor ends one process that a signal has killed. */
  #reap(): void {
    const killed = [...this.model.processes.values()].filter(
      (each) => each.killed !== 0 && each.state === "live",
    );
    const id = this.machine.root.call((kernel) => kernel.proc_next_killed());
    const found = killed.find(({ pid }) => this.threads.get(pid)?.task.id === id);
    if (killed.length === 0 || found === undefined) {
      same("proc_next_killed", id, killed.length === 0 ? 0 : "one of the killed");
      return;
    }
    this.#gone(found.pid, 0, () =>
      this.machine.root.call((kernel) => kernel.proc_exit(found.pid, 0)),
    );
    same(
      "thread_dead",
      this.machine.root.call((kernel) => kernel.thread_dead(kernel.task_serial(id))),
      0,
    );
  }

  #wait(thread: Thread, { pid, extra }: ProcCommand): void {
    const groups = this.pids.map((each) => -each);
    const wanted = pick(pid, [...this.pids, ...groups, -1, -1, 0, 0])!;
    const options = pick(extra, [0, 0, 0, 1, 2, 3, 4])!;
    const kernel = thread.task.call((exports) => exports.sys_waitpid(wanted, options));
    const model = this.model.wait(thread.pid, wanted, options);
    if (typeof model === "number") {
      same("waitpid", kernel, model);
      if (kernel !== -EWAIT) return;
      thread.state = "asleep";
      thread.nudged = false;
      this.model.processes.get(thread.pid)!.waiters.push(thread.wake);
      return;
    }
    const ended = model.find((child) => child.pid === kernel);
    if (ended === undefined) throw new Error(`waitpid: ${kernel} is none of the ended children`);
    same("the status", this.machine.i32[thread.task.transfer >> 2], ended.status);
    this.model.processes.delete(ended.pid);
  }

  #group({ pid, task }: Thread, { pid: choices, extra }: ProcCommand): void {
    if (extra % 3 === 0) {
      const session = task.call((exports) => exports.sys_setsid());
      same("setsid", session, this.model.setsid(pid));
      return;
    }
    const target = pick(choices, [0, 0, 0, pid, ...this.pids, 999, -3])!;
    const pgid = pick(extra >> 2, [0, 0, ...this.pids, 999, -1])!;
    const kernel = task.call((exports) => exports.sys_setpgid(target, pgid));
    same(`setpgid(${target}, ${pgid})`, kernel, this.model.setpgid(pid, target, pgid));
  }

  /** Looks at a thread in waitpid: as woken, as interrupted, or too early. */
  #resume(thread: Thread, { extra }: ProcCommand): void {
    const interrupts = extra % 2 === 0;
    const result = interrupts ? thread.task.waitCancel(EINTR) : thread.task.waitResult();
    if (thread.state === "done") {
      same("the end of waitpid", result, thread.expected);
      thread.state = "awake";
    } else if (interrupts) {
      same("an interrupted waitpid", result, -EINTR);
      thread.state = "awake";
      const process = this.model.processes.get(thread.pid)!;
      process.waiters = process.waiters.filter((wake) => wake !== thread.wake);
    } else {
      same("an early look", result, -EWAIT);
      thread.nudged = false;
    }
  }

  #verify(): void {
    for (const { pid, task, state, nudged } of this.threads.values()) {
      const asleep = state === "asleep" && !nudged;
      if (state !== "awake" && (task.park === 1) !== asleep) {
        throw new Error(`park word of process ${pid} is ${task.park}, the model: ${state}`);
      }
      const { ppid, uid, gid, pgid, sid, pending, blocked, held } = this.model.processes.get(pid)!;
      const get = (call: "sys_getpid" | "sys_getppid" | "sys_geteuid" | "sys_getegid") =>
        task.call((kernel) => kernel[call]());
      const ids = [get("sys_getpid"), get("sys_getppid"), get("sys_geteuid"), get("sys_getegid")];
      for (const call of ["sys_getpgid", "sys_getsid"] as const) {
        ids.push(task.call((kernel) => kernel[call](0)));
      }
      same("ids", ids, [pid, ppid, uid, gid, pgid, sid]);
      task.kernel.task_enter(task.id);
      const words = this.machine.i32;
      same("pending signals", words[task.kernel.signal_pending_at() >> 2], maskOf([...pending]));
      same("blocked signals", task.kernel.signal_mask(), maskOf([...blocked]));
      same("held signals", task.kernel.signal_held(), maskOf([...held]));
    }
    same("pool_size", this.machine.root.kernel.pool_size(), this.pooled.size);
    same("machine_check", this.machine.check(), 0);
  }
}
