/** true(1): does nothing, and succeeds. */
export function main(): number {
  return 0;
}
