/** Assertions about types that tsc checks and that do nothing when they run. */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `expectType<Wanted>()(value)` compiles only when the value's type is exactly `Wanted`. */
export function expectType<Wanted>() {
  return <Given>(_value: Given, ..._same: Same<Wanted, Given> extends true ? [] : [never]) => {};
}
