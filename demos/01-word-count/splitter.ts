/** The process that reads the text and puts it into the ring, cut between words. */
import { ipcs, type Syscalls } from "wasm-ipc";
import { CHUNK_BYTES, ChunkRing } from "./chunk-ring.ts";
import { FAILED, openReportQueue, SPLIT } from "./report-queue.ts";
import { lengthOfWholeWords } from "./words.ts";

/** A unit of a JavaScript string takes at most three bytes of UTF-8. */
const CHUNK_LENGTH = CHUNK_BYTES / 3;

export async function main(sys: Syscalls, argv: string[]): Promise<number> {
  const [, ring, queue, counters, address] = argv as [string, string, string, string, string];
  using chunks = ChunkRing.open(sys, ring);
  const reports = openReportQueue(sys, { id: Number(queue) });
  try {
    await split(address, chunks);
    reports.send({ objects: ipcs(sys) }, { type: SPLIT });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reports.send({ error: message }, { type: FAILED });
  }
  // The end of the text, for each counter: an empty chunk.
  for (let left = Number(counters); left > 0; left -= 1) chunks.put(new Uint8Array(0));
  return 0;
}

async function split(address: string, chunks: ChunkRing): Promise<void> {
  const encoder = new TextEncoder();
  let text = "";
  for await (const piece of textOf(address)) {
    text += piece;
    while (text.length > CHUNK_LENGTH) {
      const length = lengthOfWholeWords(text, CHUNK_LENGTH);
      if (length === 0) throw new Error(`a word of more than ${CHUNK_LENGTH} letters: not a text`);
      chunks.put(encoder.encode(text.slice(0, length)));
      text = text.slice(length);
    }
  }
  if (text !== "") chunks.put(encoder.encode(text));
}

/** The text at an address, piece by piece. A character may span two pieces of bytes. */
async function* textOf(address: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of bytesOf(address)) yield checked(decoder, bytes);
  yield checked(decoder);
}

function checked(decoder: TextDecoder, bytes?: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(bytes, { stream: bytes !== undefined });
  } catch (cause) {
    throw new Error("not a text: it has bytes that are not UTF-8", { cause });
  }
  if (text.includes("\0")) throw new Error("not a text: it has NUL bytes");
  return text;
}

/** The bytes of a file on Node, of an address in a page, piece by piece. */
async function* bytesOf(address: string): AsyncGenerator<Uint8Array> {
  const files = globalThis.process?.getBuiltinModule("node:fs");
  if (files !== undefined) {
    yield* files.createReadStream(address);
    return;
  }
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP status ${response.status}`);
  const reader = response.body!.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}
