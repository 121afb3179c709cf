/** $(( )): C's integer expressions in 64 bits, without `++`, `--` and `,`, as dash has them. */
import { ShellError } from "./failure.ts";
import type { Variables } from "./variables.ts";

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)|([A-Za-z_]\w*)|(<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>&|^!~?:=()]))/y;

/** Binary operators from the loosest to the tightest, `?:` and assignments apart. */
const LEVELS = ["||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >>", "+ -", "* / %"].map(
  (level) => level.split(" "),
);

type Token = readonly [kind: "number" | "name" | "operator" | "end", text: string];

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);

/** C's literals; others than these are no numbers. */
function parseNumber(text: string): bigint | undefined {
  const [, sign, digits] = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)\s*$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const isOctal = /^0[0-7]/.test(digits);
  const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  const limit = 2n ** 63n;
  const magnitude = value >= limit ? limit - (sign === "-" ? 0n : 1n) : value;
  return sign === "-" ? -magnitude : magnitude;
}

class Evaluator {
  readonly #text: string;
  readonly #variables: Variables;
  #at = 0;
  #token: Token = ["end", ""];

  constructor(text: string, variables: Variables) {
    this.#text = text;
    this.#variables = variables;
    this.#next();
  }

  run(): bigint {
    const value = this.#assignment(true);
    if (this.#token[0] !== "end") this.#fail("expecting EOF");
    return value;
  }

  #fail(what: string): never {
    throw new ShellError(`arithmetic expression: ${what}: "${this.#text}"`);
  }

  #next(): Token {
    const before = this.#token;
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (found === null) {
      const isOver = this.#text.slice(this.#at).trim() === "";
      this.#token = isOver ? ["end", ""] : ["operator", this.#text.slice(this.#at)];
      return before;
    }
    this.#at = TOKEN.lastIndex;
    const [, number, name, operator] = found;
    if (number !== undefined) this.#token = ["number", number];
    else if (name !== undefined) this.#token = ["name", name];
    else this.#token = ["operator", operator!];
    return before;
  }

  #takes(...operators: string[]): string | undefined {
    const [kind, text] = this.#token;
    if (kind !== "operator" || !operators.includes(text)) return undefined;
    this.#next();
    return text;
  }

  /** @param counts whether it is evaluated: of `a && b`, b is only read when a is 0 */
  #assignment(counts: boolean): bigint {
    const [kind, name] = this.#token;
    if (kind !== "name") return this.#choice(counts);
    const [at, token] = [this.#at, this.#token];
    this.#next();
    const operator = this.#takes("=", ..."* / % + - << >> & ^ |".split(" ").map((op) => `${op}=`));
    if (operator === undefined) {
      this.#at = at;
      this.#token = token;
      return this.#choice(counts);
    }
    const right = this.#assignment(counts);
    if (!counts) return 0n;
    const value =
      operator === "=" ? right : this.#apply(operator.slice(0, -1), this.#value(name), right);
    this.#variables.set(name, String(value));
    return value;
  }

  #choice(counts: boolean): bigint {
    const test = this.#binary(0, counts);
    if (this.#takes("?") === undefined) return test;
    const yes = this.#assignment(counts && test !== 0n);
    if (this.#takes(":") === undefined) this.#fail("expecting ':'");
    const no = this.#choice(counts && test === 0n);
    return test === 0n ? no : yes;
  }

  #binary(level: number, counts: boolean): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary(counts);
    let left = this.#binary(level + 1, counts);
    for (let op = this.#takes(...operators); op !== undefined; op = this.#takes(...operators)) {
      const isDecided = (op === "||" && left !== 0n) || (op === "&&" && left === 0n);
      const right = this.#binary(level + 1, counts && !isDecided);
      left = counts ? this.#apply(op, left, right) : 0n;
    }
    return left;
  }

  #unary(counts: boolean): bigint {
    const operator = this.#takes("-", "+", "!", "~");
    if (operator !== undefined) {
      const value = this.#unary(counts);
      if (operator === "-") return wrap(-value);
      if (operator === "!") return truth(value === 0n);
      return operator === "~" ? ~value : value;
    }
    if (this.#takes("(") !== undefined) {
      const value = this.#assignment(counts);
      if (this.#takes(")") === undefined) this.#fail("expecting ')'");
      return value;
    }
    const [kind, text] = this.#token;
    if (kind !== "number" && kind !== "name") this.#fail("expecting primary");
    this.#next();
    if (kind === "number") return parseNumber(text)!;
    return counts ? this.#value(text) : 0n;
  }

  #value(name: string): bigint {
    const text = this.#variables.get(name);
    if (text === undefined || text === "") return 0n;
    const value = parseNumber(text);
    if (value === undefined) throw new ShellError(`Illegal number: ${text}`);
    return value;
  }

  #apply(operator: string, left: bigint, right: bigint): bigint {
    const results: Readonly<Record<string, () => bigint>> = {
      "||": () => truth(left !== 0n || right !== 0n),
      "&&": () => truth(left !== 0n && right !== 0n),
      "|": () => left | right,
      "^": () => left ^ right,
      "&": () => left & right,
      "==": () => truth(left === right),
      "!=": () => truth(left !== right),
      "<": () => truth(left < right),
      ">": () => truth(left > right),
      "<=": () => truth(left <= right),
      ">=": () => truth(left >= right),
      // As the processor shifts: the count's low six bits.
      "<<": () => left << (right & 63n),
      ">>": () => left >> (right & 63n),
      "+": () => left + right,
      "-": () => left - right,
      "*": () => left * right,
      "/": () => (right === 0n ? this.#fail("division by zero") : left / right),
      "%": () => (right === 0n ? this.#fail("division by zero") : left % right),
    };
    return wrap(results[operator]!());
  }
}

/** @throws {ShellError} it is no expression, divides by zero, or has a variable that is no number */
export function arithmetic(text: string, variables: Variables): string {
  return String(new Evaluator(text, variables).run());
}
