/**
 * The runtime's own code, with a thread that dies between its steps: before and after each entry into
 * the kernel, half-way through each write into a transfer area, and with a notification in hand.
 */

import type { Syscalls } from "../../host/contract.ts";
import type { KernelExports } from "../../runtime/instance.ts";
import { syscalls } from "../../runtime/syscalls/index.ts";
import { Thread } from "../../runtime/thread.ts";
import { Death, type MortalTask } from "./mortal.ts";
import type { Scene } from "./scene.ts";

/** Counts steps, and dies at the one that was asked for. */
export class Steps {
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  step(): void {
    this.#left -= 1;
    if (this.#left === 0) throw new Death();
  }
}

/** The exports, with a step before and after each. */
function mortalKernel(scene: Scene, kernel: KernelExports, steps: Steps): KernelExports {
  const { woken } = scene.machine;
  let inHand = 0;
  const entries = Object.entries(kernel).map(([name, entry]) => [
    name,
    (...args: number[]) => {
      // Who asks for the next address has notified the one before.
      if (name === "wake_next" && inHand !== 0) woken.add(inHand);
      steps.step();
      const result = (entry as (...given: number[]) => number)(...args);
      if (name === "wake_next") inHand = result;
      steps.step();
      return result;
    },
  ]);
  return Object.fromEntries(entries);
}

/** A view into which a write may stop half-way: by `set`, or one element after another. */
function mortalView<View extends Uint8Array | Uint16Array>(view: View, steps: Steps): View {
  return new Proxy(view, {
    get(target, name) {
      if (name === "set") {
        return (source: ArrayLike<number>, offset: number) => {
          steps.step();
          target.set(Array.from(source).slice(0, source.length >> 1), offset);
          steps.step();
          target.set(source, offset);
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, name, value) {
      steps.step();
      return Reflect.set(target, name, value, target);
    },
  });
}

/** Bytes of which a copy gets some, and dies: what `TypedArray.set` reads one after another. */
export function mortalBytes(bytes: Uint8Array, steps: Steps): Uint8Array {
  return new Proxy(Array.from(bytes), {
    get(target, name) {
      if (typeof name === "string" && /^\d+$/.test(name)) steps.step();
      return Reflect.get(target, name);
    },
  }) as unknown as Uint8Array;
}

/** A's thread, as the runtime has it, and its system calls. */
export function mortalThread(
  scene: Scene,
  task: MortalTask,
  steps: Steps,
): { thread: Thread; sys: Syscalls } {
  const thread = new Thread(task.kernel, scene.machine.memory, task.id, true);
  const views = {
    u8: mortalView(thread.u8, steps),
    u16: mortalView(thread.u16, steps),
  };
  Object.assign(thread, views);
  thread.kernel = mortalKernel(scene, task.kernel, steps);
  return { thread, sys: syscalls(thread) };
}

/** Runs a step that may be cut off. @returns whether it was. */
export async function diesIn(step: () => unknown): Promise<boolean> {
  try {
    await step();
  } catch (error) {
    if (error instanceof Death) return true;
    throw error;
  }
  return false;
}
