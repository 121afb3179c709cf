/** `:`, `true`, `false`, and what leaves a loop, a function or the shell. */
import { ExitJump, LoopJump, ReturnJump } from "../failure.ts";
import { type Builtin, naturalNumber } from "./builtin.ts";

export const colon: Builtin = () => 0;
export const no: Builtin = () => 1;

function jump(kind: "break" | "continue"): Builtin {
  return (shell, [count], name) => {
    const depth = count === undefined ? 1 : naturalNumber(count, name);
    if (shell.loops > 0) {
      shell.status = 0;
      throw new LoopJump(kind, Math.max(depth, 1));
    }
    return 0;
  };
}

export const breakLoop = jump("break");
export const continueLoop = jump("continue");

export const leave: Builtin = (shell, [status], name) => {
  if (status !== undefined) shell.status = naturalNumber(status, name) & 0xff;
  throw shell.returns > 0 ? new ReturnJump() : new ExitJump();
};

export const exit: Builtin = (shell, [status], name) => {
  if (status !== undefined) shell.status = naturalNumber(status, name) & 0xff;
  throw new ExitJump();
};
