/** Assertions for rows: no test runner runs in a page. */
import { StepError } from "./wire.ts";

function shown(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    ArrayBuffer.isView(item) ? [...(item as Uint8Array)] : item,
  );
}

/** Deep equality of plain values; a typed array equals the array of its numbers. */
export function equal(actual: unknown, expected: unknown, what = "result"): void {
  if (shown(actual) !== shown(expected)) {
    throw new Error(`${what} is ${shown(actual)}, wanted ${shown(expected)}`);
  }
}

export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`not true: ${what}`);
}

/** Some fields of an object. */
export function matches(actual: unknown, expected: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(expected)) {
    equal((actual as Record<string, unknown>)[name], value, name);
  }
}

/** The call must fail with this errno's name, or "TypeError". @returns the error */
export async function fails(code: string, call: Promise<unknown>): Promise<StepError> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    if ((error.code ?? error.name) !== code) {
      throw new Error(`failed with ${error.code ?? error.name}, wanted ${code}: ${error.stack}`);
    }
    if (code !== "TypeError") {
      ok(error.name === "SystemError" && error.errno! > 0 && error.syscall, "it is a SystemError");
    }
    return error;
  }
  throw new Error(`returned ${shown(value)}, wanted ${code}`);
}

/** Seconds since the Epoch that are now, give or take the clocks' grain. */
export function isNow(seconds: number, what: string): void {
  const now = Date.now() / 1000;
  ok(Math.abs(seconds - now) <= 3, `${what} ${seconds} is about now, ${now}`);
}
