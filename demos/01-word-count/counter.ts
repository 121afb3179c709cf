/** A process that counts the words of the chunks that it takes out of the ring. */
import type { Syscalls } from "wasm-ipc";
import { ChunkRing } from "./chunk-ring.ts";
import { COUNTS, DONE, openReportQueue, type Report, type ReportQueue } from "./report-queue.ts";
import { type Counts, countWords } from "./words.ts";

/** Bytes of one report; the kernel's own limit, MSGMAX, is 8192. */
const REPORT_BYTES = 8000;

export function main(sys: Syscalls, argv: string[]): number {
  const [, ring, queue] = argv as [string, string, string];
  using chunks = ChunkRing.open(sys, ring);
  const counts: Counts = new Map();
  const decoder = new TextDecoder();
  for (let chunk = chunks.take(); chunk.length > 0; chunk = chunks.take()) {
    countWords(decoder.decode(chunk), counts);
  }
  sendReports(openReportQueue(sys, { id: Number(queue) }), counts);
  return 0;
}

/** Sends the counts in as many messages as they need. */
function sendReports(queue: ReportQueue, counts: Counts): void {
  let report: Required<Report>["counts"] = [];
  let bytes = 0;
  for (const entry of counts) {
    const most = 3 * entry[0].length + 24; // of UTF-8, the number and the punctuation of JSON
    if (bytes + most > REPORT_BYTES && report.length > 0) {
      queue.send({ counts: report }, { type: COUNTS });
      report = [];
      bytes = 0;
    }
    report.push(entry);
    bytes += most;
  }
  queue.send({ counts: report }, { type: COUNTS });
  queue.send({}, { type: DONE });
}
