/**
 * A thread of a machine: its kernel instance, its process, and the task that it acts for. Views are
 * made once, because the memory never grows. The task is the thread's own, except while an
 * asynchronous call enters the kernel with a task of its own (see wait.ts).
 */
import { EINTR, ESRCH } from "../assembly/abi/errno.ts";
import { SB_LIMITS, SB_STATE, STATE_DOWN } from "../assembly/abi/layout.ts";
import { MSGBUF_MTEXT } from "../assembly/abi/msg.ts";
import type { SegmentAttachment } from "../host/attachment.ts";
import { SystemError } from "../host/errno.ts";
import type { KernelExports } from "./instance.ts";
import type { CaughtSignal } from "./signals.ts";

/** Where a task's words are: i32 indices of its park and wake words, the address of its transfer area. */
export interface TaskArea {
  readonly id: number;
  readonly park: number;
  readonly wake: number;
  readonly transfer: number;
}

/** Tasks of finished asynchronous calls that are kept for the next ones. */
const SPARE_TASKS = 4;

export class Thread {
  kernel: KernelExports;
  readonly buffer: SharedArrayBuffer;
  readonly u8: Uint8Array<SharedArrayBuffer>;
  readonly u16: Uint16Array<SharedArrayBuffer>;
  readonly i32: Int32Array<SharedArrayBuffer>;
  readonly u32: Uint32Array<SharedArrayBuffer>;

  pid = 0;
  /** Whether a call may put this thread to sleep. */
  readonly canBlock: boolean;
  /** i32 index of the process's word of caught signals that are pending. */
  signal = 0;
  readonly transferSize: number;
  /** Bytes of message text that a transfer area holds: MSGMAX or more. */
  readonly textRoom: number;

  /** The task that the kernel acts for now. The three numbers after it are its own, kept flat. */
  area!: TaskArea;
  park = 0;
  wake = 0;
  transfer = 0;

  main!: TaskArea;
  readonly handlers = new Map<number, CaughtSignal>();
  readonly attachments = new Map<number, SegmentAttachment>();
  /** Asynchronous calls that have not settled. */
  readonly pending = new Set<Promise<unknown>>();
  /** Their tasks. */
  readonly borrowed = new Set<TaskArea>();
  /** Whether a supervisor ends this thread with its process: it is a pooled worker. */
  supervised = false;
  /** Told before each sleep of a call. */
  sleeps: (() => void) | undefined;
  /** Set when this thread leaves the machine: nothing may wait any more. */
  leaving = false;
  /** The kernel, which `kernel` is until this thread is retired. */
  readonly #exports: KernelExports;
  #spare: TaskArea[] = [];
  #lastBytes: Uint8Array<SharedArrayBuffer>;

  /** `task` is a task of a living process, this thread's own from now on. */
  constructor(kernel: KernelExports, memory: WebAssembly.Memory, task: number, canBlock: boolean) {
    this.kernel = kernel;
    this.#exports = kernel;
    this.buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.u8 = new Uint8Array(this.buffer);
    this.u16 = new Uint16Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.u32 = new Uint32Array(this.buffer);
    this.#lastBytes = this.u8.subarray(0, 0);
    this.canBlock = canBlock;
    this.transferSize = kernel.task_transfer_size();
    this.textRoom = this.transferSize - MSGBUF_MTEXT;
    this.begin(task);
  }

  /** Acts for the process of `task`; the one before, if there was one, has ended, and left nothing. */
  begin(task: number): void {
    const kernel = this.#exports;
    this.kernel = kernel;
    this.main = areaOf(kernel, task);
    this.enter(this.main);
    this.pid = kernel.sys_getpid();
    this.signal = kernel.signal_pending_at() >>> 2;
    this.handlers.clear();
    this.#spare = [];
    this.leaving = false;
  }

  /** Makes the kernel act for the task of `area`. */
  enter(area: TaskArea): void {
    this.kernel.task_enter(area.id);
    this.area = area;
    this.park = area.park;
    this.wake = area.wake;
    this.transfer = area.transfer;
  }

  /** The machine's bytes at an address. Calls of one size follow one another, and a view costs 30 ns. */
  bytesAt(at: number, size: number): Uint8Array<SharedArrayBuffer> {
    const last = this.#lastBytes;
    if (last.byteOffset === at && last.length === size) return last;
    this.#lastBytes = this.u8.subarray(at, at + size);
    return this.#lastBytes;
  }

  /** A task for one asynchronous call. @throws {SystemError} EAGAIN when the task table is full. */
  borrow(syscall: string): TaskArea {
    const area = this.#spare.pop() ?? this.#newTask(syscall);
    this.borrowed.add(area);
    return area;
  }

  #newTask(syscall: string): TaskArea {
    const task = this.kernel.task_create(this.pid, 0);
    if (task === -ESRCH) throw new SystemError(EINTR, syscall, "this process has ended");
    if (task < 0) throw new SystemError(-task, syscall, "no task is free, see TASK_MAX");
    return areaOf(this.kernel, task);
  }

  /** Takes a call's task back, for another one if `clean`. @returns whether it is kept, else it must be freed. */
  giveBack(area: TaskArea, clean: boolean): boolean {
    this.borrowed.delete(area);
    if (!clean || this.#spare.length >= SPARE_TASKS) return false;
    this.#spare.push(area);
    return true;
  }

  /** Gives up every task, after the end of the process; no call is pending. */
  freeTasks(): void {
    for (const { id } of [...this.#spare, this.main]) this.kernel.task_free(id);
  }

  /** The limit at slot `slot`, one of LIMIT_*. */
  limit(slot: number): number {
    return this.i32[(SB_LIMITS >> 2) + slot]!;
  }

  /**
   * This thread's task is given up: another may have its slot, so the kernel is entered no more.
   * Every call is refused from now on, as the kernel refuses those of a process that has ended.
   */
  retire(): void {
    this.leaving = true;
    this.kernel = new Proxy({} as KernelExports, {
      get: (_exports, name) => () => (String(name).startsWith("sys_") ? -EINTR : 0),
    });
    for (const attachment of this.attachments.values()) attachment.detached();
    this.attachments.clear();
  }

  /** Whether nothing may wait here any more. */
  isClosed(): boolean {
    return this.leaving || this.isDown();
  }

  /** Whether the machine has been shut down. */
  isDown(): boolean {
    return Atomics.load(this.i32, SB_STATE >> 2) === STATE_DOWN;
  }
}

function areaOf(kernel: KernelExports, task: number): TaskArea {
  return {
    id: task,
    park: kernel.task_park_at(task) >>> 2,
    wake: kernel.task_wake_at(task) >>> 2,
    transfer: kernel.task_transfer_at(task),
  };
}
