/** Round trips between two threads without us: Atomics, postMessage, Comlink. */
/// <reference path="../host/comlink-node.d.ts" />
import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { bindHere, bindThere, type Side } from "./affinity.ts";
import { type AtomicsTurns, atomicsHere, PING_BYTES } from "./atomics.ts";
import { PAUSE_NS, timeTurnsAsync } from "./handover.ts";
import type { Backend, Parties } from "./party.ts";
import type { PartnerMessage, RemoteEcho } from "./worker-partner.ts";

/** A bare worker and the three ways to reach it. */
class Partner {
  readonly #worker: Worker;
  readonly #words = new Int32Array(new SharedArrayBuffer(PING_BYTES));
  readonly #echo: MessagePort;
  readonly #remote: Comlink.Remote<RemoteEcho>;
  #answered = () => {};

  static async start(side: Side): Promise<Partner> {
    const worker = new Worker(new URL("./worker-partner.js", import.meta.url));
    const [thread] = (await once(worker, "message")) as [number];
    bindThere(thread, side);
    return new Partner(worker);
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#echo = this.#channel("echo");
    this.#echo.on("message", () => this.#answered());
    this.#remote = Comlink.wrap<RemoteEcho>(nodeEndpoint(this.#channel("comlink")));
  }

  #channel(kind: "echo" | "comlink"): MessagePort {
    const { port1, port2 } = new MessageChannel();
    const message: PartnerMessage = { kind, port: port2 };
    this.#worker.postMessage(message, [port2]);
    return port1;
  }

  atomics(turns: AtomicsTurns): number {
    const message: PartnerMessage = { kind: "atomics", words: this.#words, turns };
    this.#worker.postMessage(message);
    return atomicsHere(this.#words, turns);
  }

  /** A value goes to the worker and comes back. */
  postMessage(n: number, value: unknown, pauseNs: number): Promise<number> {
    const message = { value, pauseNs };
    const turn = () =>
      new Promise<void>((resolve) => {
        this.#answered = resolve;
        this.#echo.postMessage(message);
      });
    return timeTurnsAsync(n, pauseNs, turn);
  }

  comlink(n: number): Promise<number> {
    return timeTurnsAsync(n, PAUSE_NS, () => this.#remote.echo(1));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

const BYTES = new Uint8Array(64);

function parties(partner: Partner, side: Side): Parties {
  return {
    [`atomics-${side}`]: (n) => partner.atomics({ n, pauseNs: PAUSE_NS, spin: false }),
    [`post-message-${side}`]: (n) => partner.postMessage(n, 1, PAUSE_NS),
    [`post-message-64-${side}`]: (n) => partner.postMessage(n, BYTES, PAUSE_NS),
    [`comlink-${side}`]: (n) => partner.comlink(n),
  };
}

export async function openJavascriptPairs(): Promise<Backend> {
  const apart = await Partner.start("apart");
  const together = await Partner.start("one-core");
  bindHere();
  return {
    parties: {
      ...parties(apart, "apart"),
      ...parties(together, "one-core"),
      "post-message-64-running": (n) => apart.postMessage(n, BYTES, 0),
      "atomics-running": (n) => apart.atomics({ n, pauseNs: 0, spin: true }),
    },
    async close() {
      await apart.close();
      await together.close();
    },
  };
}
