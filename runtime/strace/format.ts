/**
 * How strace prints values: numbers as the names that C programs write for them, bytes as text, structures
 * with the names of their fields. See strace(1).
 */

/** One call, as far as it is known: `result` is undefined before its return and after a failure. */
export interface Call {
  readonly args: readonly unknown[];
  readonly result: unknown;
}

/** Prints one argument of a call, or its result. */
export interface Format {
  (value: unknown, call: Call): string;
  /** What the call fills in: it is printed when the call has returned. */
  readonly isOutput?: true;
}

/** strace(1), -s: bytes of a buffer or a path that are printed. */
const TEXT_BYTES = 32;
/** Elements of an array that are printed. */
const ELEMENTS = 32;

export function output(format: Format): Format {
  return Object.assign((value: unknown, call: Call) => format(value, call), {
    isOutput: true as const,
  });
}

/** A value that is not of the kind a call takes: the call refuses it, and the line shows it. */
function foreign(value: unknown): string {
  return typeof value === "string" ? quoted(value) : String(value);
}

export const int: Format = (value) => foreign(value);

/** What shmat() returns: an address, with the bytes there. */
function isAttachment(value: unknown): value is { addr: number } {
  return typeof value === "object" && value !== null && "addr" in value && "shmid" in value;
}

export const pointer: Format = (value) => {
  if (value === null || value === undefined || value === 0) return "NULL";
  if (typeof value === "number") return `0x${value.toString(16)}`;
  return isAttachment(value) ? pointer(value.addr, NO_CALL) : foreign(value);
};

export const NO_CALL: Call = { args: [], result: undefined };

/** Permission bits. */
export const octal: Format = (value) =>
  typeof value === "number" && value >= 0
    ? value.toString(8).padStart(3, "0").padStart(4, "0")
    : foreign(value);

/** A number that is one of these names. */
export function oneOf(names: Readonly<Record<string, number>>): Format {
  const byNumber = new Map(Object.entries(names).map(([name, value]) => [value, name]));
  return (value) => byNumber.get(value as number) ?? foreign(value);
}

/**
 * Bits that have names; what is left has none and is printed by `rest`.
 * @param choice the names of the values of `mask`'s bits, of which there is always one
 */
export function bits(
  names: Readonly<Record<string, number>>,
  { rest = hex, mask = 0, choice = {} }: BitsOptions = {},
): Format {
  const chosen = oneOf(choice);
  const named = Object.entries(names).filter(([, bit]) => bit !== 0);
  // A name for several bits goes before their own names, else the lowest bit is first.
  const isSeveral = (bit: number) => Number((bit & (bit - 1)) !== 0);
  named.sort(([, a], [, b]) => isSeveral(b) - isSeveral(a) || (a >>> 0) - (b >>> 0));
  return (value, call) => {
    if (typeof value !== "number") return foreign(value);
    const words = mask === 0 ? [] : [chosen(value & mask, call)];
    let left = value & ~mask;
    for (const [name, bit] of named) {
      if (((left & bit) ^ bit) !== 0) continue;
      words.push(name);
      left &= ~bit;
    }
    if (left !== 0 || words.length === 0) words.push(rest(left, call));
    return words.join("|");
  };
}

interface BitsOptions {
  rest?: Format;
  mask?: number;
  choice?: Readonly<Record<string, number>>;
}

export const hex: Format = (value) =>
  typeof value === "number" && value !== 0 ? `0x${(value >>> 0).toString(16)}` : foreign(value);

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

function escaped(code: number): string {
  const char = String.fromCharCode(code);
  if (ESCAPES[char] !== undefined) return ESCAPES[char];
  return code >= 0x20 && code < 0x7f ? char : `\\${code.toString(8)}`;
}

function quotedBytes(bytes: Uint8Array): string {
  const text = Array.from(bytes.subarray(0, TEXT_BYTES), escaped).join("");
  return `"${text}"${bytes.length > TEXT_BYTES ? "..." : ""}`;
}

function quoted(text: string): string {
  return quotedBytes(new TextEncoder().encode(text));
}

/** A path: all of it, as strace prints paths. */
export const path: Format = (value) => {
  if (typeof value !== "string") return foreign(value);
  return `"${Array.from(new TextEncoder().encode(value), escaped).join("")}"`;
};

/** The first `size` bytes of a buffer; all of it when the caller gave no size. */
function buffer(value: unknown, size: unknown): string {
  if (!(value instanceof Uint8Array)) return foreign(value);
  return quotedBytes(typeof size === "number" ? value.subarray(0, Math.max(0, size)) : value);
}

/** Bytes that a call takes; their number is the argument after them. */
export const bytes: Format = (value, { args }) => buffer(value, args[args.indexOf(value) + 1]);

/** Bytes that a call has filled in: as many as its result says; after a failure where they would have come. */
export const received = output((value, { result }) => {
  if (typeof result === "number") return buffer(value, result);
  return value instanceof Uint8Array ? `{${value.length} bytes}` : foreign(value);
});

export const vector: Format = (value) =>
  list(value, (part) => `{${buffer(part, undefined)}, ${(part as Uint8Array).length}}`);

export const receivedVector = output((value, { result }) => {
  let left = typeof result === "number" ? result : 0;
  return list(value, (part) => {
    const size = Math.min(left, (part as Uint8Array).length);
    left -= size;
    return `{${buffer(part, size)}, ${(part as Uint8Array).length}}`;
  });
});

/** An array, of which each element is printed by `format`. */
export function list(value: unknown, format: (element: unknown) => string): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value !== "object") return foreign(value);
  const all = Array.from(value as ArrayLike<unknown>);
  const shown = all.slice(0, ELEMENTS).map(format);
  return `[${[...shown, ...(all.length > ELEMENTS ? ["..."] : [])].join(", ")}]`;
}

export function array(format: Format): Format {
  return (value, call) => list(value, (element) => format(element, call));
}

/** A structure's fields by their own formats; fields that it lacks are left out. */
export function struct(fields: Readonly<Record<string, Format>>): Format {
  return (value, call) => {
    if (value === null || value === undefined) return "NULL";
    if (typeof value !== "object") return foreign(value);
    const entries = Object.entries(fields).filter(([name]) => name in value);
    const print = ([name, format]: [string, Format]) =>
      `${name}=${format((value as Record<string, unknown>)[name], call)}`;
    return `{${entries.map(print).join(", ")}}`;
  };
}

/** Any value: what a call returns. */
export const anything: Format = (value, call) => {
  if (value === undefined) return "?";
  if (value === null || typeof value !== "object") return foreign(value);
  if (isAttachment(value)) return pointer(value.addr, call);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return list(value, (element) => anything(element, call));
  }
  const fields = Object.entries(value).map(([name, field]) => {
    return `${name}=${(name.endsWith("mode") ? octal : anything)(field, call)}`;
  });
  return `{${fields.join(", ")}}`;
};
