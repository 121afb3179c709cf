/**
 * A task whose kernel may die at any store, and whose runtime may die between a kernel entry and a
 * notification: the loop that notifies is the runtime's own.
 */
import type { KernelExports } from "../../runtime/instance.ts";
import { notifyListed } from "../../runtime/wake.ts";
import { type TestMachine, TestTask } from "../support/machine.ts";
import type { CrashKernel } from "./instrument.ts";

/** What a runtime step that was cut off throws. */
export class Death extends Error {}

export class MortalTask extends TestTask {
  readonly mortal: CrashKernel;
  readonly serial: number;
  /** Dies with so many addresses in hand, the last of them not notified; 0 for never. */
  diesAtNotification = 0;
  readonly #listed: KernelExports;
  #inHand = 0;

  constructor(machine: TestMachine, kernel: CrashKernel, id: number) {
    super(machine, kernel, id);
    this.mortal = kernel;
    this.serial = kernel.task_serial(id);
    this.#listed = { ...kernel, wake_next: () => this.#wakeNext() };
  }

  override drain(): void {
    this.#inHand = 0;
    notifyListed(this.machine.i32, this.#listed);
  }

  /** The runtime asks for the next address when it has notified the one before. */
  #wakeNext(): number {
    if (this.#inHand !== 0) this.machine.woken.add(this.#inHand);
    this.#inHand = this.kernel.wake_next();
    if (this.#inHand !== 0 && this.diesAtNotification > 0) {
      this.diesAtNotification -= 1;
      if (this.diesAtNotification === 0) throw new Death();
    }
    return this.#inHand;
  }

  /** Runs `step`, in which the kernel dies at its `point`-th store, or the runtime. @returns whether it died. */
  dies(point: { store?: number; notification?: number }, step: () => unknown): boolean {
    this.mortal.crash_after(point.store ?? 0);
    this.diesAtNotification = point.notification ?? 0;
    try {
      step();
    } catch (error) {
      if (error instanceof Death) return true;
      // A failed assertion traps as well, with points left.
      const counted = error instanceof WebAssembly.RuntimeError && point.store !== undefined;
      if (counted && this.mortal.crash_left() === 0) return true;
      throw error;
    }
    this.mortal.crash_after(0);
    this.diesAtNotification = 0;
    return false;
  }
}
