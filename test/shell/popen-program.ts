/** The textbook's program: lines to sort by popen, and its status. */
import type { Machine, Syscalls } from "../../runtime/index.ts";

export async function main(_sys: Syscalls, [, command, ...lines]: string[], machine: Machine) {
  const sort = await machine.popen(command!, "w");
  for (const line of lines) sort.stream.write(new TextEncoder().encode(`${line}\n`));
  const { status } = await sort.close();
  console.log(`status ${status}`);
}
