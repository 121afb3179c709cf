/**
 * The other side of the JavaScript round trips: a bare worker with an ordinary event loop. Its
 * first message is its thread's number.
 */
/// <reference path="../host/comlink-node.d.ts" />
import { type MessagePort, parentPort } from "node:worker_threads";
import * as Comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { systemThread } from "./affinity.ts";
import { type AtomicsTurns, atomicsThere } from "./atomics.ts";
import { PAUSE_NS, pause } from "./handover.ts";

export type PartnerMessage =
  | { kind: "atomics"; words: Int32Array; turns: AtomicsTurns }
  | { kind: "echo"; port: MessagePort }
  | { kind: "comlink"; port: MessagePort };

export interface RemoteEcho {
  echo(value: number): number;
}

const remote: RemoteEcho = {
  echo(value) {
    pause(PAUSE_NS);
    return value;
  },
};

parentPort?.on("message", (message: PartnerMessage) => {
  if (message.kind === "atomics") {
    atomicsThere(message.words, message.turns);
  } else if (message.kind === "echo") {
    const { port } = message;
    port.on("message", (message: { value: unknown; pauseNs: number }) => {
      pause(message.pauseNs);
      port.postMessage(message);
    });
  } else {
    Comlink.expose(remote, nodeEndpoint(message.port));
  }
});

parentPort?.postMessage(systemThread());
