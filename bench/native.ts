/** The native references, compiled by the machine's own C compiler when there is one. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./environment.ts";

export interface NativeProgram {
  path: string;
  /** First line of `cc --version`. */
  compiler: string;
  remove(): void;
}

/** @throws {Error} when there is no C compiler or it fails. */
export function compileNative(): NativeProgram {
  const cc = process.env.CC ?? "cc";
  const folder = join(ROOT, "bench/native");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".c"));
  const compiler = execFileSync(cc, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? cc;
  const out = mkdtempSync(join(tmpdir(), "wasm-ipc-bench-"));
  const path = join(out, "agent");
  execFileSync(cc, ["-O2", "-o", path, ...sources.map((name) => join(folder, name))], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { path, compiler, remove: () => rmSync(out, { recursive: true }) };
}
