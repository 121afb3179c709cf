/**
 * The release kernel rewritten so that a call can be stopped before any access to memory and gone on
 * with later, in one thread: Binaryen's Asyncify unwinds the call's stack into a page behind the
 * machine's memory. So two calls can be interleaved exactly as two threads could have done it.
 */
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { WASM_PAGE_SIZE } from "../../assembly/abi/limits.ts";
import type { TestKernel } from "../support/machine.ts";

// Those of the kernel: with more of them Binaryen writes what Node 20 does not read.
const { Features } = binaryen;
const FEATURES =
  Features.Atomics |
  Features.BulkMemory |
  Features.BulkMemoryOpt |
  Features.MutableGlobals |
  Features.NontrappingFPToInt |
  Features.SignExt;

/** A line of Stack IR that touches memory. */
const ACCESS = /^(\s*)((?:[if](?:32|64)\.(?:load|store|atomic)|memory\.(?:copy|fill)).*)$/gm;

interface AsyncifyExports extends TestKernel {
  asyncify_start_unwind(data: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(data: number): void;
  asyncify_stop_rewind(): void;
}

let compiled: WebAssembly.Module | undefined;

function stoppableKernel(): WebAssembly.Module {
  if (compiled !== undefined) return compiled;
  const file = new URL("../../kernel.wasm", import.meta.url);
  const original = binaryen.readBinary(readFileSync(file));
  const text = original
    .emitStackIR()
    .replace(ACCESS, (_line, indent: string, access: string) => {
      return `${indent}call $point\n${indent}${access}`;
    })
    .replace(/\n \(import /, '\n (import "env" "point" (func $point))\n (import ');
  original.dispose();
  const rewritten = binaryen.parseText(text);
  rewritten.setFeatures(FEATURES);
  binaryen.setPassArgument("asyncify-imports", "env.point");
  rewritten.runPasses(["asyncify"]);
  if (rewritten.validate() !== 1) throw new Error("the rewritten kernel is not valid");
  compiled = new WebAssembly.Module(rewritten.emitBinary() as Uint8Array<ArrayBuffer>);
  rewritten.dispose();
  return compiled;
}

/** What the call of a coroutine has come to: its result, or undefined when it was stopped. */
export type Turn = number | undefined;

/** One thread's kernel instance, whose calls can be stopped. */
export class Coroutine {
  readonly kernel: AsyncifyExports;
  readonly #i32: Int32Array;
  readonly #data: number;
  #call: (() => number) | undefined;
  #state: "running" | "unwinding" | "rewinding" = "running";
  /** Accesses that the current turn may still do before it is stopped. */
  #left = Number.POSITIVE_INFINITY;
  /** Accesses so far, in every turn. */
  points = 0;

  /** `page` is a page of WebAssembly behind those of the machine. */
  constructor(memory: WebAssembly.Memory, page: number) {
    this.#i32 = new Int32Array(memory.buffer);
    this.#data = page * WASM_PAGE_SIZE;
    const env = { memory, point: () => this.#point() };
    const { exports } = new WebAssembly.Instance(stoppableKernel(), { env });
    this.kernel = exports as unknown as AsyncifyExports;
  }

  #point(): void {
    if (this.#state === "rewinding") {
      this.kernel.asyncify_stop_rewind();
      this.#state = "running";
    } else if (this.#left === 0) {
      // The stack's limits, as Asyncify wants them: this structure, then room for it.
      this.#i32[this.#data >> 2] = this.#data + 8;
      this.#i32[(this.#data >> 2) + 1] = this.#data + WASM_PAGE_SIZE;
      this.kernel.asyncify_start_unwind(this.#data);
      this.#state = "unwinding";
      return;
    }
    this.points += 1;
    this.#left -= 1;
  }

  /** Whether a call was stopped and must be resumed. */
  get suspended(): boolean {
    return this.#call !== undefined;
  }

  /** Drops a call that was stopped, as when its thread dies. */
  forget(): void {
    this.#call = undefined;
  }

  /** Begins a call, or resumes the one that was stopped, for at most `points` accesses. */
  turn(points: number, call?: () => number): Turn {
    this.#left = points;
    const resumed = this.#call;
    if (resumed !== undefined) {
      this.kernel.asyncify_start_rewind(this.#data);
      this.#state = "rewinding";
    }
    const run = resumed ?? call!;
    const result = run();
    if (this.#state === "unwinding") {
      this.kernel.asyncify_stop_unwind();
      this.#state = "running";
      this.#call = run;
      return undefined;
    }
    this.#call = undefined;
    return result;
  }
}
