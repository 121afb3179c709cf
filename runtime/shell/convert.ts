/** unbash's tree to the shell's own; what Bash has and dash does not is refused. */
import {
  type Assignment,
  type CommandArgument,
  type CommandNode,
  type CompoundCommand,
  type CompoundList,
  type ParsedScript,
  type Word as ParsedWord,
  type PipelineNode,
  parse,
  type Redirection,
  type Script,
  type Statement,
} from "unbash";
import { SyntaxFailure } from "./failure.ts";
import { documentPieces, type WordContext, wordPieces } from "./parse-word.ts";
import { lineAt, syntaxFailure, tokenAt } from "./syntax-error.ts";
import type { Argument, Item, Node, Redirect, Sequence, Simple, Word } from "./tree.ts";

const NAME = /^[A-Za-z_]\w*$/;

/** One text; substitutions in backquotes have a text of their own. */
export class Converter implements WordContext {
  readonly #text: string;
  readonly #firstLine: number;
  /** A here-document has not been ended. */
  isOpen = false;

  constructor(text: string, firstLine: number) {
    this.#text = text;
    this.#firstLine = firstLine;
  }

  line(pos: number): number {
    return this.#firstLine + lineAt(this.#text, pos) - 1;
  }

  refuse(token: string, pos: number): never {
    throw new SyntaxFailure(`"${token}" unexpected`, this.line(pos), false);
  }

  #fail(message: string, pos: number): never {
    throw new SyntaxFailure(message, this.line(pos), false);
  }

  /** A `!` that negates nothing. */
  #failAfter(pos: number): never {
    const isAtEnd = this.#text.slice(pos).trim() === "";
    const message = `${tokenAt(this.#text, pos)} unexpected`;
    throw new SyntaxFailure(isAtEnd ? "end of file unexpected" : message, this.line(pos), isAtEnd);
  }

  script(script: Script, { pos }: { readonly pos: number }): Sequence {
    const { source, commands } = script;
    const { errors } = script as ParsedScript;
    const text = source ?? this.#text;
    const firstLine = source === undefined ? this.#firstLine : this.line(pos);
    if (errors !== undefined && errors.length > 0) throw syntaxFailure(text, errors, firstLine);
    const converter = source === undefined ? this : new Converter(source, firstLine);
    return converter.sequence(commands);
  }

  quotedText(text: string, pos: number): Word {
    // A here-document whose delimiter is no line of it.
    let end = "E";
    while (text.includes(end)) end += "E";
    const source = `:<<${end}\n${text}${text.endsWith("\n") ? "" : "\n"}${end}\n`;
    const parsed = parse(source);
    const firstLine = this.line(pos) - 1;
    if (parsed.errors !== undefined) throw syntaxFailure(source, parsed.errors, firstLine);
    const converter = new Converter(source, firstLine);
    const command = converter.sequence(parsed.commands).items[0]!.node as Simple;
    const [document] = command.redirects;
    return document!.kind === "here" ? document!.body : [];
  }

  sequence(statements: readonly Statement[]): Sequence {
    return { kind: "sequence", items: statements.map((each) => this.item(each)) };
  }

  item({ command, background, pos, end }: Statement): Item {
    const node = command.type === "AndOr" ? this.#andOr(command) : this.#pipeline(command);
    const text = this.#text.slice(pos, end).replace(/\s*[;&]\s*$/, "");
    return { node, isBackground: background === true, text };
  }

  #list(list: CompoundList): Sequence {
    return this.sequence(list.commands);
  }

  #andOr({ commands, operators }: Extract<Statement["command"], { type: "AndOr" }>): Node {
    const [first, ...others] = commands.map((each) => this.#pipeline(each));
    return {
      kind: "and-or",
      first: first!,
      rest: others.map((node, at) => [operators[at]!, node]),
    };
  }

  #pipeline(node: PipelineNode): Node {
    if (node.type !== "Pipeline") return this.#command(node);
    const bars = node.operators.indexOf("|&");
    if (bars >= 0) this.refuse("&", node.commands[bars]!.end);
    const time = node.prefixes.find(({ type }) => type === "Time");
    if (time !== undefined) this.#fail("word unexpected", time.pos);
    if (node.commands.length === 0) this.#failAfter(node.end);
    const commands = node.commands.map((each) => this.#command(each));
    const isNegated = node.prefixes.length % 2 === 1;
    if (commands.length === 1 && !isNegated) return commands[0]!;
    return { kind: "pipeline", isNegated, commands };
  }

  #command(node: CommandNode): Node {
    switch (node.type) {
      case "Command":
        return this.#simple(node);
      case "Redirected": {
        const redirects = node.redirects.map((each) => this.#redirect(each));
        return {
          kind: "redirected",
          node: this.#compound(node.command),
          redirects,
          line: this.line(node.pos),
        };
      }
      case "Function": {
        const name = node.name.text;
        const isKeyword = this.#text.startsWith("function", node.pos);
        if (isKeyword && name !== "function") this.#fail("word unexpected", node.name.pos);
        if (!NAME.test(name)) this.#fail("Bad function name", node.pos);
        const { body } = node;
        if (body.type === "CompoundList") this.#fail("word unexpected", body.pos);
        return { kind: "function", name, body: this.#command(body) };
      }
      case "Coproc":
        return this.#fail("word unexpected", node.body.pos);
      default:
        return this.#compound(node);
    }
  }

  #compound(node: CompoundCommand): Node {
    switch (node.type) {
      case "Subshell":
        return { kind: "subshell", body: this.#list(node.body), line: this.line(node.pos) };
      case "BraceGroup":
        return this.#list(node.body);
      case "If": {
        const clauses = [node, ...node.elif].map(({ clause, then }) => ({
          test: this.#list(clause),
          body: this.#list(then),
        }));
        const otherwise = node.else === undefined ? null : this.#list(node.else);
        return { kind: "if", clauses, otherwise };
      }
      case "While": {
        const { kind, clause, body } = node;
        const isUntil = kind === "until";
        return { kind: "while", isUntil, test: this.#list(clause), body: this.#list(body) };
      }
      case "For": {
        const name = node.name.text;
        if (!NAME.test(name)) this.#fail("Bad for loop variable", node.name.pos);
        const words = node.wordlist?.map((word) => ({ word: this.word(word) })) ?? null;
        return { kind: "for", name, words, body: this.#list(node.body) };
      }
      case "Case":
        return this.#case(node);
      case "ArithmeticCommand":
      case "ArithmeticFor":
        return this.refuse("(", node.pos);
      default:
        // [[ ]] and select.
        return this.#fail("word unexpected", node.pos);
    }
  }

  #case({ word, items }: Extract<CompoundCommand, { type: "Case" }>): Node {
    return {
      kind: "case",
      word: this.word(word),
      items: items.map(({ pattern, body, terminator, end }) => {
        if (terminator !== undefined && terminator !== ";;") this.refuse(";&", end);
        return { patterns: pattern.map((each) => this.word(each)), body: this.#list(body) };
      }),
    };
  }

  word(word: ParsedWord): Word {
    return wordPieces(word, this);
  }

  #simple(node: Extract<CommandNode, { type: "Command" }>): Simple {
    const assignments: [string, Word][] = [];
    const words: Argument[] = [];
    const redirects: Redirect[] = [];
    const add = (part: CommandArgument | Redirection, isPrefix: boolean) => {
      if (part.type === "Word") {
        words.push({ word: this.word(part) });
      } else if (part.type === "Assignment") {
        const value = this.#value(part);
        const plain = part.append !== true && part.index === undefined;
        if (isPrefix && plain && words.length === 0) assignments.push([part.name, value]);
        else words.push(this.#assignmentWord(part, value, plain));
      } else {
        const split = this.#wideDescriptor(part);
        if (split !== undefined) words.push({ word: [split] });
        redirects.push(this.#redirect(part));
      }
    };
    for (const part of node.prefix) add(part, true);
    if (node.name !== undefined) words.push({ word: this.word(node.name) });
    for (const part of node.suffix) add(part, false);
    return { kind: "simple", line: this.line(node.pos), assignments, words, redirects };
  }

  #value(part: Assignment): Word {
    const { value } = part;
    if (value.type === "ArrayValue") this.refuse("(", value.pos);
    return this.word(value);
  }

  /** `a=b` after a command's name, and `a+=b` and `a[1]=b`, which are plain words here. */
  #assignmentWord(part: Assignment, value: Word, isAssignment: boolean): Argument {
    const text = part.text.slice(0, part.text.indexOf("=") + 1);
    return { word: [{ kind: "text", text, isQuoted: false }, ...value], isAssignment };
  }

  /** dash has descriptors of one digit: `12>f` is a word and a redirection. */
  #wideDescriptor(part: Redirection): Word[number] | undefined {
    const { descriptor } = part;
    if (descriptor?.type !== "FileDescriptor" || descriptor.end - descriptor.pos <= 1)
      return undefined;
    return {
      kind: "text",
      text: this.#text.slice(descriptor.pos, descriptor.end),
      isQuoted: false,
    };
  }

  #redirect(part: Redirection): Redirect {
    const { descriptor, operator, pos } = part;
    if (descriptor?.type === "FileDescriptorVariable") this.#fail("word unexpected", pos);
    const isInput = operator.startsWith("<");
    const wide = this.#wideDescriptor(part) !== undefined;
    const fd = wide ? undefined : descriptor?.value;
    const number = fd ?? (isInput ? 0 : 1);
    if (part.type === "HereString") this.#fail("redirection unexpected", pos);
    if (part.type === "HereDoc") {
      const { body, delimiter, closing } = part;
      if (closing === undefined) this.isOpen = true;
      const hasTabs = operator === "<<-";
      const text = hasTabs ? body.text.replace(/^\t+/gm, "") : body.text;
      const word: Word =
        delimiter?.quoted === true
          ? [{ kind: "text", text, isQuoted: true }]
          : hasTabs
            ? this.quotedText(text, body.pos)
            : documentPieces(text, body.parts, this);
      return { kind: "here", fd: number, body: word };
    }
    const { target } = part;
    if (target === undefined) this.#fail(`${tokenAt(this.#text, part.end)} unexpected`, pos);
    if (operator === "&>" || operator === "&>>") this.#fail("redirection unexpected", pos);
    const word = this.word(target!);
    if (operator === ">&" || operator === "<&") {
      return { kind: "duplicate", fd: number, target: word };
    }
    return { kind: "file", operator: operator as "<", fd: number, target: word };
  }
}
