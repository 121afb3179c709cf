/** false(1): does nothing, and fails. */
export function main(): number {
  return 1;
}
