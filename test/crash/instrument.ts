/**
 * The kernel rewritten so that it can die at any store: a counter stands before each store, atomic
 * operation and bulk operation, and the instance traps at the one that was asked for, which is not
 * carried out. What ran before it stays in the shared memory, as after a terminated worker.
 */
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import type { TestKernel } from "../support/machine.ts";

/** What the rewriting adds. */
export interface CrashKernel extends TestKernel {
  /** Traps before the `count`-th store from now on; 0 for never. */
  crash_after(count: number): void;
  /** Stores that are left before the trap: 0 once it has happened. */
  crash_left(): number;
}

const COUNTER = `
 (global $crash_left (mut i32) (i32.const 0))
 (export "crash_after" (func $crash_after))
 (export "crash_left" (func $crash_left))
 (func $crash_after (param $count i32) (global.set $crash_left (local.get $count)))
 (func $crash_left (result i32) (global.get $crash_left))
 (func $crash_point
  (if (global.get $crash_left) (then
   (global.set $crash_left (i32.sub (global.get $crash_left) (i32.const 1)))
   (if (i32.eqz (global.get $crash_left)) (then (unreachable))))))
`;

/** A line of Stack IR that changes memory. */
const STORE =
  /^(\s*)((?:[if](?:32|64)\.(?:store|atomic\.(?:store|rmw))|memory\.(?:copy|fill)).*)$/gm;

/** The debug kernel with its counter, and how many places can be the last one. */
export function crashKernel(): { module: WebAssembly.Module; places: number } {
  const file = new URL("../../kernel.debug.wasm", import.meta.url);
  const original = binaryen.readBinary(readFileSync(file));
  const text = original.emitStackIR();
  original.dispose();
  let places = 0;
  const counted = text.replace(STORE, (_line, indent: string, instruction: string) => {
    places += 1;
    return `${indent}call $crash_point\n${indent}${instruction}`;
  });
  // Imports come first in a module, and functions last.
  const at = counted.indexOf("\n (func ");
  const rewritten = binaryen.parseText(counted.slice(0, at) + COUNTER + counted.slice(at));
  rewritten.setFeatures(binaryen.Features.All);
  if (rewritten.validate() !== 1) throw new Error("the rewritten kernel is not valid");
  const module = new WebAssembly.Module(rewritten.emitBinary() as Uint8Array<ArrayBuffer>);
  rewritten.dispose();
  return { module, places };
}
