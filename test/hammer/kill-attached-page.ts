/** A worker of the page's own in the kill hammer: attaches itself, and works until it dies. */
import { attach, type MachineHandle } from "../../runtime/index.ts";
import { enterArena, Life, ROLES } from "./kill-life.ts";

addEventListener(
  "message",
  async ({ data }: MessageEvent<{ handle: MachineHandle; args: string[] }>) => {
    const machine = await attach(data.handle);
    const { arena, orders } = enterArena(machine.sys, data.args);
    await new Life(machine, arena, orders).run(ROLES.mortal);
    await machine.shutdown();
    postMessage("left");
  },
);
