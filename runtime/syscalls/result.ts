/** The results of calls that return nothing but success, or one plain number. */

export function zero(): 0 {
  return 0;
}

export function same(result: number): number {
  return result;
}
