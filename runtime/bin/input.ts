/** Reading a descriptor: in parts as they come, by line, or whole. */
import type { Syscalls } from "../../host/contract.ts";
import { CHUNK_BYTES, joined, readOnce } from "../api/descriptor.ts";

const NO_BYTES = new Uint8Array(0);

/**
 * Every part that read() gives, until the end. A part is good until the next one is asked for.
 * @throws {SystemError} as read()
 */
export function* parts(sys: Syscalls, fd: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = readOnce(sys, fd, buffer);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

/**
 * Every line with its delimiter; the last one has none when the file ends without. A line is good
 * until the next one is asked for.
 * @param look is given each part before its lines
 * @throws {SystemError} as read()
 */
export function* lines(
  sys: Syscalls,
  fd: number,
  delimiter: number,
  look?: (part: Uint8Array) => void,
): Generator<Uint8Array> {
  // Parts of a line that is longer than one read: joined once, at its end.
  let begun: Uint8Array[] = [];
  for (const part of parts(sys, fd)) {
    look?.(part);
    let from = 0;
    for (let at = part.indexOf(delimiter); at >= 0; at = part.indexOf(delimiter, from)) {
      const end = part.subarray(from, at + 1);
      from = at + 1;
      if (begun.length === 0) {
        yield end;
      } else {
        begun.push(end);
        yield joined(begun);
        begun = [];
      }
    }
    if (from < part.length) begun.push(part.slice(from));
  }
  if (begun.length > 0) yield joined(begun);
}

/** Everything up to the end. @throws {SystemError} as read() */
export function whole(sys: Syscalls, fd: number): Uint8Array {
  const all: Uint8Array[] = [];
  for (const part of parts(sys, fd)) all.push(part.slice());
  return all.length === 0 ? NO_BYTES : joined(all);
}

/** A line without its delimiter. */
export function withoutDelimiter(line: Uint8Array, delimiter: number): Uint8Array {
  return line[line.length - 1] === delimiter ? line.subarray(0, line.length - 1) : line;
}

const CHUNK_CHARACTERS = 8192;

/** Bytes as characters of the same number: what regular expressions and comparisons work on. */
export function byteText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK_CHARACTERS) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK_CHARACTERS));
  }
  return text;
}

/** The bytes of a text that byteText() made. */
export function textBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** A text of the command line as byteText() would give its bytes. */
export function utf8Text(text: string): string {
  return byteText(new TextEncoder().encode(text));
}
