/**
 * Node: worker_threads, and what the runtime needs of node:fs. A worker's end is its `exit` event;
 * how an attached thread's is heard is in node-threads.ts.
 */
import { Blob, resolveObjectURL } from "node:buffer";
import { readSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import type { Endpoint } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { openDirectory } from "./directory-disk.ts";
import { SystemError } from "./errno.ts";
import type { Host, HostedProcess, HostWorker, WorkerSource } from "./host.ts";
import { takeOverStreams, writeFully } from "./node-stdio.ts";
import { pledge, watchThreads } from "./node-threads.ts";

/** The longest delay that setInterval() takes. */
const LONGEST_MS = 0x7fff_ffff;

let holds = 0;
let holdTimer: NodeJS.Timeout | undefined;

/** performance.now() begins anew on each thread. */
function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

let hosted: HostedProcess | undefined;

function becomeProcess(next: HostedProcess): void {
  takeOverStreams(next.write);
  if (hosted === undefined) {
    process.on("exit", (code) => hosted?.exit(code));
    process.on("uncaughtException", (error) => hosted?.fail(error));
  }
  hosted = next;
}

/** A function is evaluated at once; a module takes several ms. */
async function evaluateBundle(code: string, name: string): Promise<unknown> {
  return compileFunction(`${code}return ${name};`, [], { filename: `wasm-ipc/${name}.js` })();
}

/** A ref'd timer: a pending Atomics.waitAsync alone lets Node end (nodejs/node#61941). */
function keepAlive(): () => void {
  holds += 1;
  holdTimer ??= setInterval(() => {}, LONGEST_MS);
  holdTimer.ref();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holds -= 1;
    if (holds === 0) holdTimer?.unref();
  };
}

/**
 * Node's own options for a worker: those of this process, of which `--eval` and `--input-type` say
 * what the main thread runs. Named only when they must be, because some that are inherited without
 * a word are refused when named.
 */
function execArgv(): { execArgv?: string[] } {
  const given = process.execArgv;
  if (!given.some((option) => option.startsWith("--input-type"))) return {};
  const kept = given.filter((option, index) => {
    if (/^(--input-type|--eval|--print|-e$|-p$|-pe$)/.test(option)) return false;
    return !/^(--input-type|--eval|--print|-e|-p|-pe)$/.test(given[index - 1] ?? "");
  });
  return { execArgv: kept };
}

class NodeWorker implements HostWorker {
  readonly endpoint: Endpoint;
  readonly #worker: Worker;
  readonly #ended: Promise<number>;

  constructor(source: WorkerSource, name: string) {
    this.#worker =
      "code" in source
        ? new Worker(source.code, { eval: true, name, ...execArgv() })
        : new Worker(new URL(source.url), { name });
    this.endpoint = nodeEndpoint(this.#worker);
    this.#ended = new Promise((done) => this.#worker.once("exit", done));
  }

  onError(report: (reason: unknown) => void): void {
    this.#worker.on("error", report);
  }

  ended(): Promise<number> {
    return this.#ended;
  }

  terminate(): void {
    void this.#worker.terminate();
  }

  unref(): void {
    this.#worker.unref();
  }
}

async function programUrl(program: string | URL): Promise<string> {
  const text = String(program);
  // Two letters at least: "C:" is a drive.
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) return pathToFileURL(resolve(text)).href;
  if (!text.startsWith("blob:")) return text;
  // Node imports no blob: address, and resolves one only on the thread that made it.
  const blob = resolveObjectURL(text);
  if (!(blob instanceof Blob)) throw new Error(`spawn: there is no blob at ${text}`);
  return `data:text/javascript,${encodeURIComponent(await blob.text())}`;
}

async function load(url: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const address = new URL(url, pathToFileURL("./"));
  if (address.protocol === "file:") return new Uint8Array(await readFile(address));
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function fileIdentity(path: string): { inode: bigint; device: bigint } {
  try {
    const { ino, dev } = statSync(path, { bigint: true });
    return { inode: ino, device: dev };
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    throw new SystemError(-errno, "ftok", path);
  }
}

/** A call of node:fs, whose errors are those of the system. */
function standard<T>(call: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    throw new SystemError(-errno, call);
  }
}

function readStandard(bytes: Uint8Array): number {
  // node:fs takes no shared memory.
  const own = new Uint8Array(bytes.length);
  const count = standard("read", () => readSync(0, own));
  bytes.set(own.subarray(0, count));
  return count;
}

function writeStandard(stream: number, bytes: Uint8Array): void {
  standard("write", () => writeFully(stream, bytes.slice()));
}

export const host: Host = {
  requireSharedMemory() {},
  canBlock: () => true,
  canBeTerminated: () => !isMainThread,
  clock,
  keepAlive,
  startWorker: (source, name) => new NodeWorker(source, name),
  parentEndpoint() {
    if (parentPort === null) throw new Error("this thread is not a worker");
    return nodeEndpoint(parentPort);
  },
  async announce() {},
  becomeProcess,
  endWorker() {
    process.exit();
  },
  watchThreads,
  pledge,
  onPageHide: () => () => {},
  baseUrl: () => pathToFileURL("./").href,
  load,
  programUrl,
  importText: (code) => import(`data:text/javascript,${encodeURIComponent(code)}`),
  evaluateBundle,
  openDirectory,
  fileIdentity,
  readStandard,
  writeStandard,
  logError(text) {
    writeFully(2, `${text}\n`);
  },
};
