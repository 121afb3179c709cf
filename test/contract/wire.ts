/** Steps and results between the rows and the processes, as JSON: also what JSON has no word for. */
import { HANDLER } from "./row.ts";

export interface Command {
  id: number;
  step: string;
  args: unknown;
}

/** What a step threw. */
export interface Failure {
  name: string;
  message: string;
  code?: string;
  errno?: number;
  syscall?: string;
  stack?: string;
}

export type Reply = { id: number; value: unknown } | { id: number; failure: Failure };

type Tagged = { $: string; of?: unknown };

export function encode(value: unknown): unknown {
  switch (typeof value) {
    case "undefined":
      return { $: "undefined" };
    case "bigint":
      return { $: "bigint", of: String(value) };
    case "function":
      return { $: "handler" };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: "number", of: Object.is(value, -0) ? "-0" : String(value) };
    case "object":
      return value === null ? null : encodeObject(value);
    default:
      return value;
  }
}

function encodeObject(value: object): unknown {
  if (value instanceof Uint8Array) return { $: "u8", of: [...value] };
  if (value instanceof Uint16Array) return { $: "u16", of: [...value] };
  if (Array.isArray(value)) return value.map(encode);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
}

export function decode(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  const { $: tag, of } = value as Tagged;
  if (tag === undefined) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]));
  }
  if (tag === "undefined") return undefined;
  if (tag === "bigint") return BigInt(of as string);
  if (tag === "number") return Number(of);
  if (tag === "u8") return Uint8Array.from(of as number[]);
  if (tag === "u16") return Uint16Array.from(of as number[]);
  return HANDLER;
}

export function failure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { name: "thrown", message: String(thrown) };
  const { name, message, code, errno, syscall, stack } = thrown as Error & Partial<Failure>;
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    ...(errno !== undefined && { errno }),
    ...(syscall !== undefined && { syscall }),
    ...(stack !== undefined && { stack }),
  };
}

/** What a step threw, thrown again on the rows' side. */
export class StepError extends Error {
  readonly code: string | undefined;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;

  constructor({ name, message, code, errno, syscall, stack }: Failure) {
    super(message);
    this.name = name;
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    if (stack !== undefined) this.stack = stack;
  }
}
