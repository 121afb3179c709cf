/**
 * A page and its workers. Nothing tells a page that a worker has ended, so every worker holds a Web
 * Lock of its own name for as long as it lives, and who wants to know asks for the same lock.
 */
import type { Endpoint } from "comlink";
import { ENOENT } from "../assembly/abi/errno.ts";
import { holdLock, pledge, watchThreads } from "./browser-threads.ts";
import { SystemError } from "./errno.ts";
import type { Host, HostedProcess, HostWorker, WorkerSource } from "./host.ts";

/** What this file needs of WorkerGlobalScope, whose types exclude those of a page. */
interface WorkerScope {
  readonly name: string;
  readonly location: { readonly href: string };
  close(): void;
}

const workerScope = globalThis as unknown as WorkerScope;

function requireSharedMemory(): void {
  if (typeof SharedArrayBuffer !== "undefined" && globalThis.crossOriginIsolated) return;
  throw new Error(
    "boot: this page may not share memory between threads. Serve it, and every script that its " +
      "workers load, with the two headers `Cross-Origin-Opener-Policy: same-origin` and " +
      "`Cross-Origin-Embedder-Policy: require-corp`.",
  );
}

let mayBlock: boolean | undefined;

function canBlock(): boolean {
  mayBlock ??= probe();
  return mayBlock;
}

/** Atomics.wait throws before it compares where the thread may not block; else 0 is not 1. */
function probe(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

class PageWorker implements HostWorker {
  readonly endpoint: Endpoint;
  readonly #worker: Worker;
  readonly #name: string;

  constructor(source: WorkerSource, name: string) {
    this.#name = name;
    const url =
      "code" in source
        ? URL.createObjectURL(new Blob([source.code], { type: "text/javascript" }))
        : source.url;
    this.#worker = new Worker(url, { type: "module", name });
    this.endpoint = this.#worker;
    // The address must stay until the worker has fetched it, of which its first message tells.
    if ("code" in source) {
      this.#worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
    }
  }

  onError(report: (reason: unknown) => void): void {
    this.#worker.addEventListener("error", (event) => {
      report(event.error ?? new Error(event.message ?? `worker ${this.#name} cannot be loaded`));
    });
  }

  async ended(): Promise<number> {
    await navigator.locks.request(this.#name, () => {});
    return 0;
  }

  terminate(): void {
    this.#worker.terminate();
  }

  unref(): void {}
}

async function load(url: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The console's own, before a process's output may go elsewhere. */
const { log, error } = console;

/** What a process prints goes to its descriptors when they are not the page's console. */
function takeOverConsole({ write, isHosted }: HostedProcess): void {
  const methods = { log: 1, info: 1, debug: 1, warn: 2, error: 2 } as const;
  for (const [name, fd] of Object.entries(methods) as [keyof typeof methods, 1 | 2][]) {
    const shown = console[name].bind(console);
    console[name] = (...values: unknown[]) => {
      if (isHosted(fd)) shown(...values);
      else write(fd, new TextEncoder().encode(`${values.map(String).join(" ")}\n`));
    };
  }
}

/** What was written without the end of its line, a text a stream. */
const unended = ["", "", ""];
const decoders = [1, 2].map(() => new TextDecoder());

/** The console has lines: a text is shown when its line is whole. */
function writeStandard(stream: number, bytes: Uint8Array): void {
  const decoder = decoders[stream - 1]!;
  const lines = (unended[stream]! + decoder.decode(bytes.slice(), { stream: true })).split("\n");
  unended[stream] = lines.pop()!;
  for (const line of lines) (stream === 1 ? log : error)(line);
}

let hosted: HostedProcess | undefined;

function becomeProcess(next: HostedProcess): void {
  takeOverConsole(next);
  if (hosted === undefined) {
    // Reported here: it is not to be reported once more by every worker above.
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      hosted?.fail(event.error ?? event.message);
    });
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      hosted?.fail(event.reason);
    });
  }
  hosted = next;
}

async function importText(code: string): Promise<Record<string, unknown>> {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

export const host: Host = {
  requireSharedMemory,
  canBlock,
  canBeTerminated: canBlock,
  clock: () => performance.timeOrigin + performance.now(),
  keepAlive: () => () => {},
  startWorker: (source, name) => new PageWorker(source, name),
  parentEndpoint: () => globalThis as unknown as Endpoint,
  announce: () => holdLock(workerScope.name),
  becomeProcess,
  endWorker() {
    workerScope.close();
  },
  watchThreads,
  pledge,
  onPageHide(leave) {
    // A page that is kept to be shown again has left as well: its lock does not let it be kept.
    if (globalThis.document !== undefined) globalThis.addEventListener("pagehide", leave);
    return () => globalThis.removeEventListener("pagehide", leave);
  },
  baseUrl: () => globalThis.document?.baseURI ?? workerScope.location.href,
  load,
  async programUrl(program, base) {
    return new URL(program, base).href;
  },
  importText,
  async evaluateBundle(code, name) {
    return (await importText(`${code}export default ${name};`)).default;
  },
  async openDirectory() {
    throw new Error("a page has no directory of a host; directory() is for Node");
  },
  fileIdentity(path) {
    throw new SystemError(ENOENT, "ftok", `a page has no file ${path}`);
  },
  readStandard: () => 0,
  writeStandard,
  logError(text) {
    error(text);
  },
};
