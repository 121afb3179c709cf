/** `trap`: commands for signals, and for the shell's end. */
import { NSIG } from "../../../assembly/abi/signal.ts";
import type { Shell } from "../shell.ts";
import { signalName, signalNumber } from "../signal-names.ts";
import { TRAP_EXIT } from "../trap.ts";
import { quoted } from "../variables.ts";
import type { Builtin } from "./builtin.ts";

function conditionNumber(text: string): number | undefined {
  return text.toUpperCase() === "EXIT" ? TRAP_EXIT : signalNumber(text);
}

function list(shell: Shell): number {
  for (const [signal, action] of shell.traps.list()) {
    const name = signal === TRAP_EXIT ? "EXIT" : signalName(signal);
    shell.print(`trap -- ${quoted(action)} ${name}\n`);
  }
  return 0;
}

export const trap: Builtin = (shell, given) => {
  const args = given[0] === "--" ? given.slice(1) : given;
  const [first] = args;
  if (first === undefined) return list(shell);
  // One word alone, or a number first: it is reset.
  const isReset = args.length === 1 || (/^\d+$/.test(first) && Number(first) < NSIG);
  const action = isReset || first === "-" ? undefined : first;
  for (const text of isReset ? args : args.slice(1)) {
    const signal = conditionNumber(text);
    if (signal === undefined) {
      shell.complain(`trap: ${text}: bad trap\n`);
      return 1;
    }
    shell.traps.set(signal, action);
  }
  return 0;
};
