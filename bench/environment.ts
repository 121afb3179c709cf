/** Where and with what a run took place, for the head of its table. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository: this file runs as build/bench/environment.js. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const PACKAGES = ["async-mutex", "comlink", "koffi"];

function version(name: string): string {
  const text = readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8");
  return `${name} ${(JSON.parse(text) as { version: string }).version}`;
}

function processor(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  let family = "";
  if (type() === "Linux") {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const field = (name: string) => text.match(new RegExp(`^${name}\\s*: (.*)$`, "m"))?.[1] ?? "?";
    family = ` (family ${field("cpu family")}, model ${field("model")}, ${field("cpu MHz")} MHz)`;
  }
  return `${cpus().length} x ${model}${family}`;
}

/** One line a fact. */
export function environment(compiler: string): string[] {
  return [
    `machine: ${processor()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `date: ${new Date().toISOString()}`,
    `system: ${type()} ${release()}; C compiler: ${compiler}`,
    `Node ${process.versions.node} (V8 ${process.versions.v8}), ${PACKAGES.map(version).join(", ")}`,
  ];
}
