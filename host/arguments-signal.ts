/** The same demands as in arguments.ts, for signals and their timer. */
import { int, refuse } from "./arguments.ts";
import { timeval } from "./arguments-files.ts";
import type { Disposition, Itimerval, SignalHandler } from "./contract-signal.ts";

/** A disposition with everything said. */
export interface Action {
  readonly handler: 0 | 1 | SignalHandler;
  readonly flags: number;
  readonly mask: readonly number[];
  /** As it was given. */
  readonly given: Disposition;
}

/** sigaction()'s disposition: SIG_DFL, SIG_IGN, a handler or a structure. */
export function disposition(value: unknown): Action {
  const given = value as Disposition;
  const simple = handlerOf(value);
  if (simple !== undefined) return { handler: simple, flags: 0, mask: [], given };
  const fields = typeof value === "object" && value !== null ? value : {};
  const { sa_handler, sa_flags = 0, sa_mask = [] } = fields as Record<string, unknown>;
  const handler = handlerOf(sa_handler);
  if (handler === undefined) {
    const wanted = "SIG_DFL, SIG_IGN, a function, or an object with sa_handler";
    return refuse("sigaction", "the disposition", value, wanted);
  }
  const flags = int(sa_flags, "sigaction", "sa_flags");
  return { handler, flags, mask: signalSet(sa_mask, "sigaction", "sa_mask"), given };
}

function handlerOf(value: unknown): 0 | 1 | SignalHandler | undefined {
  if (value === 0 || value === 1) return value;
  return typeof value === "function" ? (value as SignalHandler) : undefined;
}

/** sigset_t: the numbers of its signals. */
export function signalSet(value: unknown, call: string, name: string): number[] {
  if (!Array.isArray(value)) return refuse(call, name, value, "an array of signals");
  return value.map((signal) => int(signal, call, `a signal of ${name}`));
}

/** struct itimerval; negative fields, and microseconds past a second, are the kernel's to refuse. */
export function itimerval(value: unknown, call: string): Itimerval {
  const { it_interval, it_value } = Object(value) as Itimerval;
  const interval = timeval(it_interval, call);
  const first = timeval(it_value, call);
  if (interval !== null && first !== null) return { it_interval: interval, it_value: first };
  return refuse(call, "the timer", value, "an object with it_interval and it_value");
}
