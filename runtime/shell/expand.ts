/**
 * The expansions, in POSIX's order: tilde, parameters, commands and arithmetic from left to right; then
 * fields are split where IFS says, patterns become names of files, and quotes are gone.
 */
import { arithmetic } from "./arithmetic.ts";
import { ShellError } from "./failure.ts";
import { DEFAULT_IFS, Fields } from "./fields.ts";
import { glob } from "./glob.ts";
import { joiner, parameterValue, requireSet } from "./parameter.ts";
import { hasPattern, matches, plainText, type Segment, trimmed } from "./pattern.ts";
import type { Shell } from "./shell.ts";
import { substitute } from "./substitute.ts";
import type { Argument, Piece, Word } from "./tree.ts";

type Parameter = Extract<Piece, { kind: "parameter" }>;

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** One word on its way. */
class Expansion {
  readonly fields: Fields;
  readonly #shell: Shell;
  /** Whether anything is split: not in assignments, patterns and targets of redirections. */
  readonly #splits: boolean;

  constructor(shell: Shell, splits: boolean) {
    this.#shell = shell;
    this.#splits = splits;
    this.fields = new Fields(splits ? (shell.variables.get("IFS") ?? DEFAULT_IFS) : "");
  }

  /** @param isValue whether it is the operand of an expansion outside quotes: its text is split too */
  async word(word: Word, isValue = false): Promise<void> {
    for (const piece of word) await this.#piece(piece, isValue);
  }

  async #piece(piece: Piece, isValue: boolean): Promise<void> {
    switch (piece.kind) {
      case "text":
        if (isValue && !piece.isQuoted && this.#splits) this.fields.split(piece.text);
        else this.fields.add(piece.text, piece.isQuoted);
        return;
      case "parameter":
        return await this.#parameter(piece);
      case "length": {
        const value = this.#lengthValue(piece.name);
        return this.#result(value, piece.isQuoted);
      }
      case "command":
        return this.#result(await substitute(this.#shell, piece.body), piece.isQuoted);
      case "arithmetic": {
        const text = (await expandText(this.#shell, piece.word)).replace(/\n$/, "");
        return this.#result(arithmetic(text, this.#shell.variables), piece.isQuoted);
      }
      default:
        throw new ShellError("Bad substitution");
    }
  }

  #result(value: string, isQuoted: boolean): void {
    if (isQuoted) this.fields.add(value, true);
    else if (this.#splits) this.fields.split(value);
    else if (value !== "") this.fields.add(value, false);
  }

  #lengthValue(name: string): string {
    const shell = this.#shell;
    if (name === "@" || name === "*") return String(shell.positional.length);
    const value = parameterValue(shell, name);
    requireSet(shell, name, value);
    return String(byteLength(value ?? ""));
  }

  async #parameter(piece: Parameter): Promise<void> {
    const { name, operator, isQuoted } = piece;
    const shell = this.#shell;
    const isList = name === "@" || name === "*";
    const value = isList
      ? shell.positional.length === 0
        ? undefined
        : shell.positional.join(" ")
      : parameterValue(shell, name);
    if (operator === undefined || /[#%]/.test(operator)) {
      requireSet(shell, name, value);
      const trim = operator === undefined ? undefined : await this.#trimmer(piece);
      if (isList) this.#list(name, isQuoted, trim);
      else this.#result(trim === undefined ? (value ?? "") : trim(value ?? ""), isQuoted);
      return;
    }
    const isAbsent = value === undefined || (operator.startsWith(":") && value === "");
    if (operator.endsWith("+") ? isAbsent : !isAbsent) {
      if (operator.endsWith("+")) this.#result("", isQuoted);
      else if (isList) this.#list(name, isQuoted, undefined);
      else this.#result(value!, isQuoted);
      return;
    }
    await this.#instead(piece, operator);
  }

  /** `-` and `+` give their operand, `=` sets it, `?` ends the shell with it. */
  async #instead({ name, operand = [], isQuoted }: Parameter, operator: string): Promise<void> {
    const shell = this.#shell;
    if (operator.endsWith("?")) {
      const text = await expandText(shell, operand);
      const usual = `parameter not set${operator === ":?" ? " or null" : ""}`;
      throw new ShellError(`${name}: ${text === "" ? usual : text}`);
    }
    if (!operator.endsWith("=")) {
      if (isQuoted && operand.length === 0) this.fields.add("", true);
      await this.word(tilde(shell, operand), true);
      return;
    }
    if (!/^[A-Za-z_]/.test(name)) throw new ShellError("Bad substitution");
    const text = await expandText(shell, tilde(shell, operand));
    shell.variables.set(name, text);
    this.#result(text, isQuoted);
  }

  async #trimmer({ operator, operand }: Parameter): Promise<(value: string) => string> {
    const pattern = await expandPattern(this.#shell, operand!);
    return (value) => trimmed(value, operator!, pattern);
  }

  /** $@ and $*. */
  #list(name: string, isQuoted: boolean, trim: ((value: string) => string) | undefined): void {
    const { positional } = this.#shell;
    const values = trim === undefined ? positional : positional.map(trim);
    if (!this.#splits || (isQuoted && name === "*")) {
      const between = name === "@" ? " " : joiner(this.#shell);
      this.#result(values.join(between), isQuoted);
      return;
    }
    for (const [at, value] of values.entries()) {
      if (at > 0) this.fields.end();
      this.#result(value, isQuoted);
    }
  }
}

/** `~` and `~/x` at the beginning; of `~name` nothing is known, and it stays. */
function tilde(shell: Shell, word: Word, end = /^~(?=\/|$)/): Word {
  const [first, ...rest] = word;
  const home = shell.variables.get("HOME");
  if (first?.kind !== "text" || first.isQuoted || home === undefined) return word;
  if (!end.test(first.text) || (first.text === "~" && rest.length > 0)) return word;
  const text = first.text.slice(1);
  return [{ kind: "text", text: home, isQuoted: true }, { ...first, text }, ...rest];
}

/** In an assignment a tilde may stand after every colon, too, and after the name's `=`. */
function tildes(shell: Shell, word: Word, hasName: boolean): Word {
  const parts: Piece[][] = [[]];
  for (const piece of word) {
    if (piece.kind !== "text" || piece.isQuoted) {
      parts.at(-1)!.push(piece);
      continue;
    }
    for (const text of piece.text.split(hasName ? /(?<=[:=])/ : /(?<=:)/)) {
      parts.at(-1)!.push({ ...piece, text });
      if (/[:=]$/.test(text)) parts.push([]);
    }
  }
  return parts.flatMap((part) => tilde(shell, part, /^~(?=[/:]|$)/));
}

async function expandSegments(shell: Shell, word: Word): Promise<Segment[]> {
  const expansion = new Expansion(shell, false);
  await expansion.word(word);
  expansion.fields.end();
  return expansion.fields.all[0] ?? [];
}

/** A text that is not split: a here-document, the operand of `${x:=y}`, an expression. */
export async function expandText(shell: Shell, word: Word): Promise<string> {
  return plainText(await expandSegments(shell, word));
}

/** The target of a redirection, or the word of `case`. */
export async function expandWord(shell: Shell, word: Word): Promise<string> {
  return expandText(shell, tilde(shell, word));
}

/** The value of an assignment. */
export async function expandValue(shell: Shell, word: Word): Promise<string> {
  return expandText(shell, tildes(shell, word, false));
}

/** A pattern of `case`, or of `${x%p}`. */
async function expandPattern(shell: Shell, word: Word): Promise<Segment[]> {
  return expandSegments(shell, tilde(shell, word));
}

/** Whether a word matches one of the patterns of `case`. */
export async function matchesAny(
  shell: Shell,
  text: string,
  patterns: readonly Word[],
): Promise<boolean> {
  for (const pattern of patterns) {
    if (matches(await expandPattern(shell, pattern), text)) return true;
  }
  return false;
}

/** A command's words. @param declares whether `a=~/b` among them is expanded as an assignment */
export async function expandWords(
  shell: Shell,
  words: readonly Argument[],
  declares = false,
): Promise<string[]> {
  const result: string[] = [];
  for (const { word, isAssignment } of words) {
    if (declares && isAssignment) {
      result.push(await expandText(shell, tildes(shell, word, true)));
      continue;
    }
    const expansion = new Expansion(shell, true);
    await expansion.word(tilde(shell, word));
    expansion.fields.end();
    for (const field of expansion.fields.all) result.push(...names(shell, field));
  }
  return result;
}

/** Names of files, or the word itself when there are none. */
function names(shell: Shell, field: readonly Segment[]): string[] {
  const found = shell.options.has("noglob") || !hasPattern(field) ? [] : glob(shell.sys, field);
  return found.length > 0 ? found : [plainText(field)];
}
