/** A process of the rows on our kernel: a program that takes steps from a BroadcastChannel. */
import type { Syscalls } from "../../host/contract.ts";
import type { Machine, SpawnOptions } from "../../runtime/index.ts";
import { Agent } from "./steps.ts";
import type { Command } from "./wire.ts";

/** What the driver gives the step "spawnAgent". */
export interface ChildOptions extends SpawnOptions {
  channel: string;
}

/** Returns when it is told to exit. */
export function main(
  sys: Syscalls,
  [program, name]: [string, string],
  machine: Machine,
): Promise<number> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(name);
    const agent = new Agent(sys, {
      exit: (code) => {
        // The reply goes out first.
        setTimeout(() => {
          channel.close();
          resolve(code);
        });
      },
      spawnAgent: async (options) => {
        const { channel: childName, ...credentials } = options as ChildOptions;
        return (await machine.spawn(program, [childName], credentials)).pid;
      },
      signalScript: async (script) => {
        const url = new URL("./signal-script-program.js", import.meta.url);
        const child = await machine.spawn(url, script, { stdio: ["ignore", "pipe", "inherit"] });
        const text = new TextDecoder().decode(await child.stdout!.readAllAsync());
        child.stdout!.close();
        const { status } = await child.wait();
        return { lines: text.split("\n").slice(0, -1), status };
      },
    });
    channel.onmessage = async ({ data }: MessageEvent<Command>) => {
      channel.postMessage(await agent.answer(data));
    };
    channel.postMessage({ pid: sys.getpid() });
  });
}
