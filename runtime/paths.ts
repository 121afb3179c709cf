/** Paths in the transfer area: bytes of UTF-8, a second path PATH_MAX bytes after the first. */
import { PATH_MAX } from "../assembly/abi/limits.ts";
import type { Thread } from "./thread.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const ASCII = 0x80;

/** Writes a path. @returns its bytes; PATH_MAX, and nothing is written, when it has as many or more */
function put(thread: Thread, path: string, at: number): number {
  const { u8 } = thread;
  const { length } = path;
  if (length >= PATH_MAX) return PATH_MAX;
  // A loop is faster than the encoder up to a few hundred characters.
  for (let index = 0; index < length; index++) {
    const code = path.charCodeAt(index);
    if (code >= ASCII) return putEncoded(thread, path, at);
    u8[at + index] = code;
  }
  return length;
}

function putEncoded(thread: Thread, path: string, at: number): number {
  const bytes = encoder.encode(path);
  if (bytes.length >= PATH_MAX) return PATH_MAX;
  thread.u8.set(bytes, at);
  return bytes.length;
}

export function putPath(thread: Thread, path: string): number {
  return put(thread, path, thread.transfer);
}

export function putSecondPath(thread: Thread, path: string): number {
  return put(thread, path, thread.transfer + PATH_MAX);
}

/** The text of so many bytes of the transfer area from `offset` on. */
export function takeText(thread: Thread, length: number, offset = 0): string {
  const at = thread.transfer + offset;
  // A decoder takes no shared memory in a page.
  return decoder.decode(thread.u8.slice(at, at + length));
}
