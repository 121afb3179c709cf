/** The shortest life of a process. */
export function main(): number {
  return 0;
}
