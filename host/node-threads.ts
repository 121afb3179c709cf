/**
 * Who lives, in Node. An attached thread holds one end of a channel; the supervisor's end closes when
 * the thread ends (seen after 1 ms). The port travels by way of the main thread, which may be blocked
 * and may drop it when the sender ends at once. So on Linux the thread also broadcasts, directly, who
 * it is to the kernel: its thread id and start time, at which the supervisor looks in /proc. See proc(5).
 *
 * On macOS and Windows nothing but the port tells: a death is heard once the main thread is free.
 */
import { readFileSync, readlinkSync } from "node:fs";
import {
  BroadcastChannel,
  MessageChannel,
  type MessagePort,
  postMessageToThread,
  threadId,
} from "node:worker_threads";
import type { Pledge, PledgeOptions, ThreadWatch } from "./host.ts";

/** How long a thread waits for the port's arrival where nothing else tells of its end. */
const ARRIVAL_MS = 1000;

/** A thread as Linux knows it; the same id is another thread when it started at another time. */
interface LinuxThread {
  serial: number;
  id: number;
  /** Field 22 of its stat, in clock ticks since the system booted. */
  start: string;
}

interface PortMessage {
  wasmIpc: string;
  serial: number;
  port: MessagePort;
}

const HELLO = "hello";

const channelName = (bootId: string) => `wasm-ipc ${bootId}`;

/** Field 22 of a thread's stat. @throws when there is no such thread. */
function startTime(id: number): string {
  const stat = readFileSync(`/proc/self/task/${id}/stat`, "latin1");
  // The second field is the thread's name in parentheses, which may hold anything.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3] ?? "";
}

/** This thread, or undefined where there is no /proc. */
function thisThread(serial: number): LinuxThread | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    // Read on this very thread: the calls of node:fs that block are made by their caller.
    const id = Number(/\/task\/(\d+)$/.exec(readlinkSync("/proc/thread-self"))?.[1]);
    return { serial, id, start: startTime(id) };
  } catch (error) {
    // There is no /proc here, or it may not be read: then the port alone must tell.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

/** Whether Linux says that the thread is gone; when it says nothing, it is not. */
function isGone({ id, start }: LinuxThread): boolean {
  try {
    return startTime(id) !== start;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code === "ENOENT" || code === "ESRCH";
  }
}

class NodeThreadWatch implements ThreadWatch {
  readonly address = threadId;
  readonly #onDeath: (serial: number) => void;
  readonly #onLinux = new Map<number, LinuxThread>();
  /** Threads whose port has arrived. */
  readonly #ports = new Set<number>();

  constructor(bootId: string, onDeath: (serial: number) => void) {
    this.#onDeath = onDeath;
    process.on("workerMessage", (message: PortMessage) => {
      if (message?.wasmIpc === bootId) this.#take(message);
    });
    const channel = new BroadcastChannel(channelName(bootId));
    channel.onmessage = ({ data }: { data: LinuxThread }) => this.#onLinux.set(data.serial, data);
  }

  #take({ serial, port }: PortMessage): void {
    this.#ports.add(serial);
    port.on("close", () => this.#onDeath(serial));
    // A close is also what a port shows that never arrived: after this it is the supervisor's end.
    port.postMessage(HELLO);
    port.start();
  }

  listen(): void {}

  async look(serials: Iterable<number>): Promise<void> {
    // What was sent before the question is in the queues of this thread: one whole turn of its loop.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (const serial of serials) this.#look(serial);
  }

  #look(serial: number): void {
    const thread = this.#onLinux.get(serial);
    if (thread !== undefined && isGone(thread)) this.#onDeath(serial);
  }

  tick(): void {
    for (const serial of this.#onLinux.keys()) {
      if (!this.#ports.has(serial)) this.#look(serial);
    }
  }

  forget(serial: number): void {
    this.#onLinux.delete(serial);
    this.#ports.delete(serial);
  }
}

export function watchThreads(bootId: string, onDeath: (serial: number) => void): ThreadWatch {
  return new NodeThreadWatch(bootId, onDeath);
}

/** A port that nobody refers to would be collected, and closed by that. */
const heldPorts = new Set<MessagePort>();

export async function pledge(options: PledgeOptions): Promise<Pledge> {
  const { address, bootId, serial, onSupervisorEnd, onFailure } = options;
  const thread = thisThread(serial);
  if (thread !== undefined) {
    const channel = new BroadcastChannel(channelName(bootId));
    // It is in the supervisor's queue when this returns, whatever becomes of this thread.
    channel.postMessage(thread);
    channel.close();
  }
  const { port1, port2 } = new MessageChannel();
  heldPorts.add(port1);
  let greeted = false;
  let withdrawn = false;
  port1.on("message", () => {
    greeted = true;
  });
  port1.on("close", () => {
    heldPorts.delete(port1);
    if (greeted && !withdrawn) onSupervisorEnd();
  });
  port1.unref();
  const message: PortMessage = { wasmIpc: bootId, serial, port: port2 };
  const sent = postMessageToThread(address as number, message, [port2]).catch((error) => {
    // On Linux the supervisor knows of this thread already.
    if (!withdrawn && thread === undefined) onFailure(error);
  });
  // The answer comes by way of the main thread, which may be blocked until this thread has a task.
  if (thread === undefined) await within(ARRIVAL_MS, sent);
  return {
    withdraw() {
      withdrawn = true;
      port1.close();
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
