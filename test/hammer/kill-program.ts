/** A pooled process of the kill hammer: `main(sys, [self, role, ...orders], machine)`. */
import type { Machine, Syscalls } from "../../runtime/index.ts";
import { enterArena, Life, ROLES } from "./kill-life.ts";

export async function main(sys: Syscalls, argv: string[], machine: Machine): Promise<number> {
  const [program, role, ...args] = argv;
  const { arena, orders } = enterArena(sys, args);
  const { until, steps } = ROLES[role as keyof typeof ROLES];
  const life = new Life(machine, arena, orders);
  return life.run({ until, steps, ...(role === "mortal" && { program: program! }) });
}
