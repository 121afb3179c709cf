/**
 * Variables: their values, which are exported or read-only, and those that a function has for itself.
 */
import { ShellError } from "./failure.ts";

interface Variable {
  /** Absent: known, but not set (`export x`, `local x`). */
  value?: string;
  isExported?: boolean;
  isReadonly?: boolean;
}

/** As a child shell is handed them. */
export type VariableTable = readonly (readonly [name: string, variable: Variable])[];

export const VARIABLE_NAME = /^[A-Za-z_]\w*$/;

export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export class Variables {
  readonly #all = new Map<string, Variable>();
  /** For each function that runs: what its local variables were before. */
  readonly #scopes: Map<string, Variable | undefined>[] = [];

  /** A table that toTable() made. */
  static from(table: VariableTable): Variables {
    const variables = new Variables();
    for (const [name, variable] of table) variables.#all.set(name, { ...variable });
    return variables;
  }

  toTable(): VariableTable {
    return [...this.#all];
  }

  get(name: string): string | undefined {
    return this.#all.get(name)?.value;
  }

  /** @throws {ShellError} it is read-only */
  set(name: string, value: string): void {
    const variable = this.#all.get(name);
    if (variable === undefined) {
      this.#all.set(name, { value });
      return;
    }
    if (variable.isReadonly) throw new ShellError(`${name}: is read only`);
    variable.value = value;
  }

  /** @throws {ShellError} it is read-only */
  unset(name: string): void {
    if (this.#all.get(name)?.isReadonly) throw new ShellError(`${name}: is read only`);
    this.#all.delete(name);
  }

  export(name: string): void {
    this.#at(name).isExported = true;
  }

  makeReadonly(name: string): void {
    this.#at(name).isReadonly = true;
  }

  #at(name: string): Variable {
    let variable = this.#all.get(name);
    if (variable === undefined) {
      variable = {};
      this.#all.set(name, variable);
    }
    return variable;
  }

  /** Names with values, in order: all, or the exported or the read-only ones. */
  list(which?: "isExported" | "isReadonly"): [name: string, value: string | undefined][] {
    return [...this.#all]
      .filter(([, variable]) =>
        which === undefined ? variable.value !== undefined : variable[which],
      )
      .map(([name, { value }]) => [name, value] as [string, string | undefined])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** What a program is given, with what stands before its name. */
  environment(more: readonly (readonly [string, string])[] = []): Record<string, string> {
    const result: Record<string, string> = {};
    for (const [name, { value, isExported }] of this.#all) {
      if (isExported && value !== undefined) result[name] = value;
    }
    for (const [name, value] of more) result[name] = value;
    return result;
  }

  /** Sets variables for the time of a command. @returns what undoes it */
  temporary(assignments: readonly (readonly [string, string])[]): () => void {
    const before = assignments.map(([name]) => [name, this.#all.get(name)] as const);
    for (const [name, value] of assignments) {
      const variable = this.#all.get(name);
      if (variable?.isReadonly) throw new ShellError(`${name}: is read only`);
      this.#all.set(name, { value, isExported: true });
    }
    return () => {
      for (const [name, variable] of before.reverse()) this.#put(name, variable);
    };
  }

  #put(name: string, variable: Variable | undefined): void {
    if (variable === undefined) this.#all.delete(name);
    else this.#all.set(name, variable);
  }

  /** A function begins. @returns what ends it */
  enter(): () => void {
    const scope = new Map<string, Variable | undefined>();
    this.#scopes.push(scope);
    return () => {
      this.#scopes.pop();
      for (const [name, variable] of scope) this.#put(name, variable);
    };
  }

  /** A variable that the running function has for itself; it keeps its value, as in dash. */
  makeLocal(name: string): void {
    const scope = this.#scopes.at(-1)!;
    if (scope.has(name)) return;
    const variable = this.#all.get(name);
    scope.set(name, variable);
    this.#all.set(name, { ...variable });
  }

  get isInFunction(): boolean {
    return this.#scopes.length > 0;
  }
}

/** A value in quotes that the shell reads back: 'b '"'"'c'. */
export function quoted(value: string): string {
  return (
    value
      .split(/('+)/)
      .map((part) => (part.startsWith("'") ? `"${part}"` : part === "" ? "" : `'${part}'`))
      .join("") || "''"
  );
}
