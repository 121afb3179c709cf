/** The O_* flags that arm64 and 32-bit Arm number in another way: asm/fcntl.h. */
import { O_DIRECT, O_DIRECTORY, O_LARGEFILE, O_NOFOLLOW } from "../../assembly/abi/fcntl.ts";

const ARM64: readonly (readonly [generic: number, native: number])[] = [
  [O_DIRECTORY, 0o40000],
  [O_NOFOLLOW, 0o100000],
  [O_DIRECT, 0o200000],
  [O_LARGEFILE, 0o400000],
];

function translate(flags: number, from: 0 | 1): number {
  if (process.arch !== "arm64") return flags;
  let result = flags;
  for (const pair of ARM64) result &= ~pair[from];
  for (const pair of ARM64) if (flags & pair[from]) result |= pair[1 - from]!;
  return result;
}

/** Flags as this processor's kernel takes them. */
export function nativeFlags(flags: number): number {
  return translate(flags, 0);
}

/** Flags of this processor's kernel as assembly/abi numbers them. */
export function genericFlags(flags: number): number {
  return translate(flags, 1);
}
