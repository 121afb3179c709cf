/** Order of names and lines in the locale C: by bytes, which UTF-16 does not keep past U+FFFF. */
const encoder = new TextEncoder();

/** Negative, 0 or positive, as memcmp() and then the length say. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) {
    const difference = a[at]! - b[at]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function compareNames(a: string, b: string): number {
  return compareBytes(encoder.encode(a), encoder.encode(b));
}
