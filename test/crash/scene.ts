/**
 * A machine with a process that will die, A, three bystanders that may sleep, and an observer. The
 * state that the observer and the bystanders see is text, to be compared.
 */
import { ELOCK } from "../../assembly/abi/errno.ts";
import { IPC_NOWAIT } from "../../assembly/abi/ipc.ts";
import { MSG_COPY, MSG_STAT, MSGBUF_MTEXT, MSQID_DS_SIZE } from "../../assembly/abi/msg.ts";
import {
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  SEM_STAT,
  SEMID_DS_NSEMS,
} from "../../assembly/abi/sem.ts";
import { SHM_INFO, SHM_INFO_SIZE, SHM_STAT, SHMID_DS_SIZE } from "../../assembly/abi/shm.ts";
import { LIMITS, ROOT, TestMachine, type TestProcess, type TestTask } from "../support/machine.ts";
import type { CrashKernel } from "./instrument.ts";

/** More than any message of the scenarios. */
const TEXT_MAX = 400;

export class Scene {
  readonly machine: TestMachine;
  readonly a: TestTask;
  readonly b: TestTask;
  readonly c: TestTask;
  readonly d: TestTask;
  readonly observer: TestTask;
  /** Of A. */
  readonly pid: number;
  /** Ids and addresses that a scenario's preparation leaves for its call. */
  id = 0;
  other = 0;
  addr = 0;

  constructor(module: WebAssembly.Module) {
    this.machine = new TestMachine("debug", 32, module);
    // A small pool of blocks, so that recycled ones are used.
    const failed = this.machine.format({ MSGSEG: 12, MSGMNB: 600, MSGMAX: 300 });
    if (failed !== 0) throw new Error(`machine_format: ${failed}`);
    const b = this.machine.process();
    // A child of B, so that B can wait for it.
    const a = this.machine.process(ROOT, b.pid);
    const rest: TestProcess[] = Array.from({ length: 3 }, () => this.machine.process());
    const [c, d, observer] = rest.map((process) => process.main);
    this.pid = a.pid;
    this.a = a.main;
    this.b = b.main;
    this.c = c!;
    this.d = d!;
    this.observer = observer!;
  }

  get kernel(): CrashKernel {
    return this.a.kernel as CrashKernel;
  }

  /** The worker of A has ended: what a supervisor does then. @returns what is wrong, or "". */
  bury(): string {
    let result = 0;
    do {
      result = this.machine.root.call((kernel) =>
        kernel.thread_dead(kernel.task_serial(this.a.id)),
      );
    } while (result === -ELOCK);
    if (result !== 0) return `thread_dead: ${result}`;
    const broken = this.machine.check();
    return broken === 0 ? "" : `machine_check: rule ${broken}`;
  }

  /** Everything that a survivor can see, but times: they are the same second. */
  state(): string {
    const sleepers = [this.b, this.c, this.d].map((task) => [task.waitResult(), task.park]);
    return JSON.stringify([this.#sets(), this.#segments(), this.#queues(), sleepers]);
  }

  #ints(size: number): number[] {
    const at = this.observer.transfer >> 2;
    return Array.from(this.machine.i32.subarray(at, at + (size >> 2)));
  }

  #sets(): unknown[] {
    const { observer } = this;
    const ctl = (id: number, num: number, cmd: number): number =>
      observer.call((kernel) => kernel.sys_semctl(id, num, cmd, 0));
    const found: unknown[] = [];
    for (let index = 0; index < LIMITS.SEMMNI; index += 1) {
      const id = ctl(index, 0, SEM_STAT);
      if (id < 0) continue;
      const count = this.#ints(SEMID_DS_NSEMS + 4).at(-1)!;
      const each = (cmd: number) => Array.from({ length: count }, (_, num) => ctl(id, num, cmd));
      found.push([id, [GETVAL, GETPID, GETNCNT, GETZCNT].map(each)]);
    }
    return found;
  }

  #segments(): unknown[] {
    const { observer } = this;
    const found: unknown[] = [];
    for (let index = 0; index < LIMITS.SHMMNI; index += 1) {
      const id = observer.call((kernel) => kernel.sys_shmctl(index, SHM_STAT));
      if (id >= 0) found.push([id, this.#ints(SHMID_DS_SIZE)]);
    }
    observer.call((kernel) => kernel.sys_shmctl(0, SHM_INFO));
    return [...found, this.#ints(SHM_INFO_SIZE)];
  }

  #queues(): unknown[] {
    const { observer } = this;
    const found: unknown[] = [];
    for (let index = 0; index < LIMITS.MSGMNI; index += 1) {
      const id = observer.call((kernel) => kernel.sys_msgctl(index, MSG_STAT));
      if (id < 0) continue;
      const status = this.#ints(MSQID_DS_SIZE);
      const texts: string[] = [];
      for (let at = 0; ; at += 1) {
        const flags = IPC_NOWAIT | MSG_COPY;
        const size = observer.call((kernel) => kernel.sys_msgrcv(id, TEXT_MAX, at, flags));
        if (size < 0) break;
        const from = observer.transfer + MSGBUF_MTEXT;
        const text = this.machine.u8.subarray(from, from + size);
        texts.push(`${this.#ints(4)[0]}:${Array.from(text).join()}`);
      }
      found.push([id, status, texts]);
    }
    return found;
  }
}
