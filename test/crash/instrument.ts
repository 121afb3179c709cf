/**
 * The kernel rewritten so that it can die at any store: a counter stands before each store, atomic
 * operation and bulk operation, and the instance traps at the one that was asked for, which is not
 * carried out. A bulk operation has a second point, at which half of it has been done. What ran
 * before stays in the shared memory, as after a terminated worker.
 *
 * Beside the counter: `crash_site`, the line of the source that the store belongs to (a setter's and
 * a logged store's is that of their caller), and `crash_hash` over the ranges of memory that mean
 * something, which `crash_watch` writes down at each point, so that states are told apart, and
 * `crash_trace`, which tells the sequences of sites apart that were passed since.
 */
import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import type { Build, TestKernel } from "../support/machine.ts";

/** What the rewriting adds. */
export interface CrashKernel extends TestKernel {
  /** Traps before the `count`-th point from now on; 0 for never. */
  crash_after(count: number): void;
  /** Points that are left before the trap: 0 once it has happened. */
  crash_left(): number;
  /** The site of the last store. */
  crash_site(): number;
  /** Where the ranges are that count: triples of (start, shift, counter), see crash-memory.ts. */
  crash_ranges(at: number): void;
  crash_hash(): bigint;
  /** From now on each point writes the hash and the site, 8 bytes each, at `at` and on; 0: no more. */
  crash_watch(at: number): void;
  /** Where the next two would go. */
  crash_watched(): number;
  /** A number for the sites passed since crash_watch(). */
  crash_trace(): number;
}

export interface CrashModule {
  module: WebAssembly.Module;
  /** Every line of a function that may store, by number. */
  sites: readonly string[];
}

const ADDED = `
 (global $crash_left (mut i32) (i32.const 0))
 (global $crash_site (mut i32) (i32.const 0))
 (global $crash_log (mut i32) (i32.const 0))
 (global $crash_ranges (mut i32) (i32.const 0))
 (global $crash_trace (mut i32) (i32.const 0))
 (export "crash_after" (func $crash_after))
 (export "crash_left" (func $crash_left))
 (export "crash_site" (func $crash_site))
 (export "crash_ranges" (func $crash_ranges))
 (export "crash_hash" (func $crash_hash))
 (export "crash_watch" (func $crash_watch))
 (export "crash_watched" (func $crash_watched))
 (export "crash_trace" (func $crash_trace))
 (func $crash_after (param $count i32) (global.set $crash_left (local.get $count)))
 (func $crash_left (result i32) (global.get $crash_left))
 (func $crash_site (result i32) (global.get $crash_site))
 (func $crash_ranges (param $at i32) (global.set $crash_ranges (local.get $at)))
 (func $crash_watch (param $at i32)
  (global.set $crash_log (local.get $at))
  (global.set $crash_trace (i32.const 0)))
 (func $crash_trace (result i32) (global.get $crash_trace))
 (func $crash_watched (result i32) (global.get $crash_log))
 (func $crash_point
  (if (global.get $crash_log) (then
   (i64.store (global.get $crash_log) (call $crash_hash))
   (global.set $crash_trace (i32.mul (i32.const 0x01000193)
    (i32.xor (i32.rotl (global.get $crash_trace) (i32.const 5)) (global.get $crash_site))))
   (i64.store offset=8 (global.get $crash_log) (i64.extend_i32_u (global.get $crash_site)))
   (global.set $crash_log (i32.add (global.get $crash_log) (i32.const 16)))))
  (if (global.get $crash_left) (then
   (global.set $crash_left (i32.sub (global.get $crash_left) (i32.const 1)))
   (if (i32.eqz (global.get $crash_left)) (then (unreachable))))))
 (func $crash_copy (param $to i32) (param $from i32) (param $size i32)
  (call $crash_point)
  (memory.copy (local.get $to) (local.get $from) (i32.shr_u (local.get $size) (i32.const 1)))
  (call $crash_point)
  (memory.copy (local.get $to) (local.get $from) (local.get $size)))
 (func $crash_fill (param $to i32) (param $value i32) (param $size i32)
  (call $crash_point)
  (memory.fill (local.get $to) (local.get $value) (i32.shr_u (local.get $size) (i32.const 1)))
  (call $crash_point)
  (memory.fill (local.get $to) (local.get $value) (local.get $size)))
 (func $crash_hash (result i64)
  (local $range i32) (local $at i32) (local $end i32) (local $shift i32) (local $counter i32)
  (local $even i64) (local $odd i64)
  (local.set $range (global.get $crash_ranges))
  (block $done (loop $ranges
   (local.set $at (i32.load (local.get $range)))
   (local.set $shift (i32.load offset=4 (local.get $range)))
   (local.set $counter (i32.load offset=8 (local.get $range)))
   (br_if $done (i32.eqz (i32.or (local.get $shift) (local.get $counter))))
   (local.set $end (if (result i32) (local.get $counter)
    (then (i32.add (local.get $at)
     (i32.shl (i32.load (local.get $counter)) (local.get $shift))))
    (else (local.get $shift))))
   (block $next (loop $words
    (br_if $next (i32.ge_u (local.get $at) (local.get $end)))
    (local.set $even (i64.mul (i64.xor (i64.rotl (local.get $even) (i64.const 29))
     (i64.load (local.get $at))) (i64.const 0x9E3779B97F4A7C15)))
    (local.set $odd (i64.mul (i64.xor (i64.rotl (local.get $odd) (i64.const 31))
     (i64.load offset=8 (local.get $at))) (i64.const 0xC2B2AE3D27D4EB4F)))
    (local.set $at (i32.add (local.get $at) (i32.const 16)))
    (br $words)))
   (local.set $range (i32.add (local.get $range) (i32.const 12)))
   (br $ranges)))
  (i64.xor (local.get $even) (i64.rotl (local.get $odd) (i64.const 17))))
`;

const TURN = `
 (func $crash_turn
  (global.set $crash_turns (i32.sub (global.get $crash_turns) (i32.const 1)))
  (if (i32.eqz (global.get $crash_turns)) (then (unreachable))))
`;

/** A line of Stack IR that changes memory. */
const STORE = /^\s*[if](?:32|64)\.(?:store|atomic\.(?:store|rmw))/;
const BULK = /^\s*memory\.(copy|fill)\b/;
const LOOP = /^\s*loop\b/;
const FUNCTION = /^ \(func \$(\S+)/;
/** Functions that store on behalf of the line that calls them. */
const STORES_FOR_CALLER =
  /#set:|\/journal\/(?:put32|put64|putf64|journal_push|journal_write|journal_log64)$/;

/** The compiled kernel of a build as Stack IR, one instruction a line. */
export function kernelText(build: Build): string {
  const name = build === "debug" ? "kernel.debug.wasm" : "kernel.wasm";
  const original = binaryen.readBinary(readFileSync(new URL(`../../${name}`, import.meta.url)));
  const text = original.emitStackIR();
  original.dispose();
  return text;
}

/** A constant of the kernel's sources, which the debug build keeps by its name. */
export function kernelConstant(text: string, name: string): number {
  const found = new RegExp(`\\(global \\$assembly/${name} i32 \\(i32\\.const (-?\\d+)\\)\\)`).exec(
    text,
  );
  if (found === null) throw new Error(`the kernel has no constant ${name}`);
  return Number(found[1]);
}

/** The offset of a field, which the debug build keeps in the field's getter. */
export function kernelField(text: string, getter: string): number {
  const at = text.indexOf(` (func $assembly/${getter} `);
  const found = /i(?:32|64)\.load(?: offset=(\d+))?/.exec(text.slice(at));
  if (at < 0 || found === null) throw new Error(`the kernel has no getter ${getter}`);
  return Number(found[1] ?? 0);
}

function callee(line: string): string {
  return /^\s*call \$(\S+)$/.exec(line)?.[1] ?? "";
}

/**
 * Adds the points to the text of a kernel.
 *
 * @param turns how many turns of its loops an instance may make before it traps: a kernel that is
 *   wrong may not come to an end; 0 for any number
 */
export function crashModule(text: string, turns = 0): CrashModule {
  const sites = [""];
  let name = "";
  const lines = text.split("\n").flatMap((line) => {
    name = FUNCTION.exec(line)?.[1] ?? name;
    const bulk = BULK.exec(line)?.[1];
    const stores = STORE.test(line) || bulk !== undefined;
    const mark: string[] = [];
    if (!STORES_FOR_CALLER.test(name) && (stores || STORES_FOR_CALLER.test(callee(line)))) {
      sites.push(`${name}: ${line.trim()} (${sites.length})`);
      mark.push(`i32.const ${sites.length - 1}`, "global.set $crash_site");
    }
    if (turns > 0 && LOOP.test(line)) return [line, "call $crash_turn"];
    if (bulk !== undefined) return [...mark, `call $crash_${bulk}`];
    return stores ? [...mark, "call $crash_point", line] : [...mark, line];
  });
  const rewritten = lines.join("\n");
  // Imports come first in a module, and functions last.
  const at = rewritten.indexOf("\n (func ");
  const limit = ` (global $crash_turns (mut i32) (i32.const ${turns}))${TURN}`;
  return { module: assemble(rewritten.slice(0, at) + ADDED + limit + rewritten.slice(at)), sites };
}

function assemble(text: string): WebAssembly.Module {
  const parsed = binaryen.parseText(text);
  parsed.setFeatures(binaryen.Features.All);
  if (parsed.validate() !== 1) throw new Error("the rewritten kernel is not valid");
  const module = new WebAssembly.Module(parsed.emitBinary() as Uint8Array<ArrayBuffer>);
  parsed.dispose();
  return module;
}
