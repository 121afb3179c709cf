/** What the tests of volumes share. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BootOptions,
  boot,
  directory,
  type Machine,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  type Syscalls,
} from "../../runtime/index.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A directory of the host that goes with the test. */
export function hostFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "wasm-ipc-volume-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function readFd(sys: Syscalls, fd: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(sys.fstat(fd).st_size, 1));
  return bytes.subarray(0, sys.pread(fd, bytes, bytes.length, 0));
}

export function readBytes(sys: Syscalls, path: string): Uint8Array {
  const fd = sys.open(path, O_RDONLY);
  try {
    return readFd(sys, fd);
  } finally {
    sys.close(fd);
  }
}

export function readText(sys: Syscalls, path: string): string {
  return decoder.decode(readBytes(sys, path));
}

/** A descriptor of a file that has this text now. */
export function openWith(sys: Syscalls, path: string, text: string): number {
  const fd = sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644);
  sys.write(fd, encoder.encode(text));
  return fd;
}

export function writeText(sys: Syscalls, path: string, text: string): void {
  sys.close(openWith(sys, path, text));
}

/** The names in a directory of the machine. */
export function namesIn(sys: Syscalls, path: string): string[] {
  const fd = sys.open(path, O_RDONLY | O_DIRECTORY);
  const names: string[] = [];
  for (let part = sys.getdents(fd); part.length > 0; part = sys.getdents(fd)) {
    names.push(...part.map(({ d_name }) => d_name));
  }
  sys.close(fd);
  return names.filter((name) => name !== "." && name !== "..").sort();
}

export interface Mounted extends AsyncDisposable {
  machine: Machine;
  sys: Machine["sys"];
  /** A path of the host. */
  on: (...names: string[]) => string;
  text: (...names: string[]) => string;
}

/** A machine with a new directory of the host at /v, in which `prepare` puts things. */
export async function mounted(
  prepare: (path: string) => void = () => {},
  options: BootOptions & { readonly?: boolean } = {},
): Promise<Mounted> {
  const folder = hostFolder();
  const { readonly = false, ...rest } = options;
  prepare(folder.path);
  const volumes = { "/v": directory(folder.path, { readonly }) };
  const machine = await boot({ pool: 0, ...rest, volumes });
  const on = (...names: string[]) => join(folder.path, ...names);
  return {
    machine,
    sys: machine.sys,
    on,
    text: (...names) => readFileSync(on(...names), "utf8"),
    async [Symbol.asyncDispose]() {
      await machine.shutdown();
      folder[Symbol.dispose]();
    },
  };
}
