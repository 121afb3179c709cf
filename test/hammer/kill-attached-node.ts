/** A worker of the user's own in the kill hammer, on Node: attaches itself, and works until it dies. */
import { workerData } from "node:worker_threads";
import { attach, type MachineHandle } from "../../runtime/index.ts";
import { enterArena, Life, ROLES } from "./kill-life.ts";

const { handle, args } = workerData as { handle: MachineHandle; args: string[] };
const machine = await attach(handle);
const { arena, orders } = enterArena(machine.sys, args);
await new Life(machine, arena, orders).run(ROLES.mortal);
await machine.shutdown();
