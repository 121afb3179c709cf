/**
 * What a child shell is handed: there is no fork, so ( ), a part of a pipeline and a command in the
 * background are run by another shell, which begins as this one is. Its environment has the state.
 */
import type { Shell } from "./shell.ts";
import type { Node } from "./tree.ts";
import { Variables, type VariableTable } from "./variables.ts";

interface State {
  readonly name: string;
  readonly pid: number;
  readonly positional: readonly string[];
  readonly variables: VariableTable;
  readonly functions: readonly (readonly [string, Node])[];
  readonly options: readonly string[];
  readonly status: number;
  readonly lastBackground: number;
  readonly line: number;
  readonly tested: number;
  readonly loops: number;
  readonly returns: number;
  /** What it runs. */
  readonly node: Node;
}

/** Options that a child shell does not have: it has no terminal of its own. */
const OWN = ["interactive", "monitor", "stdin"];

export function encodeState(shell: Shell, node: Node): string {
  const { name, pid, positional, status, lastBackground, line, tested, loops, returns } = shell;
  const state: State = {
    ...{ name, pid, positional, status, lastBackground, line, tested, loops, returns, node },
    variables: shell.variables.toTable(),
    functions: [...shell.functions],
    options: shell.options.names.filter((each) => !OWN.includes(each)),
  };
  return JSON.stringify(state);
}

/** @returns what the shell is to run */
export function adoptState(shell: Shell, text: string): Node {
  const state = JSON.parse(text) as State;
  shell.pid = state.pid;
  shell.name = state.name;
  shell.positional = state.positional;
  shell.variables = Variables.from(state.variables);
  for (const [name, body] of state.functions) shell.functions.set(name, body);
  for (const name of state.options) shell.options.set(name, true);
  shell.status = state.status;
  shell.lastBackground = state.lastBackground;
  shell.line = state.line;
  shell.tested = state.tested;
  shell.loops = state.loops;
  shell.returns = state.returns;
  return state.node;
}
