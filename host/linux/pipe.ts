/** pipe(2) of the running kernel. */
import { Struct } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

/** @returns the end to read from and the end to write to. */
export function pipe2(libc: Libc, call: "pipe" | "pipe2", flags: number): [number, number] {
  const s = new Struct(8);
  checked(libc.pipe2(s.bytes, flags), call);
  return [s.i32(0), s.i32(4)];
}
