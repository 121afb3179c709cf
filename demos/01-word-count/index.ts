/**
 * `npm start -- [FILE]`: counts the words of a text file with four processes that share memory, a
 * semaphore set and a message queue, and checks the result against a plain count.
 * `npm start -- --page` serves the same as a page.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { boot } from "wasm-ipc";
import { COUNTERS, type WordCount, wordCount } from "./word-count.ts";
import { type Counts, countWords, disagreements, mostFrequent, totalOf } from "./words.ts";

const USAGE = "usage: npm start -- [FILE | --page]\n";
/** The longest string that JavaScript is sure to hold: the plain count has the whole text in one. */
const MOST_BYTES = 500_000_000;
/** Seen from build/demos/01-word-count/. */
const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** The longest Markdown file of the repository. */
export function defaultFile(): string {
  let longest = { path: "", size: -1 };
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !["node_modules", "build"].includes(entry.name)) {
          look(path);
        }
      } else if (entry.isFile() && entry.name.endsWith(".md")) {
        const { size } = statSync(path);
        if (size > longest.size) longest = { path, size };
      }
    }
  };
  look(REPOSITORY);
  return relative(process.cwd(), longest.path);
}

/** @returns what is wrong with the file before anybody reads it, if anything. */
function complaint(file: string): string | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return "no such file";
  if (status.isDirectory()) return "is a directory";
  if (!status.isFile()) return "is not a regular file";
  if (status.size === 0) return "is empty";
  if (status.size > MOST_BYTES) return `has more than ${MOST_BYTES} bytes`;
  return undefined;
}

/** @returns the report, and whether both counts agree. */
export function reportOf(file: string, { counts, ...objects }: WordCount, plain: Counts) {
  const wrong = disagreements(counts, plain);
  const lines = mostFrequent(counts, 10).map(
    ([word, times]) => `${String(times).padStart(9)}  ${word}`,
  );
  const verdict =
    wrong.length === 0
      ? "A plain count of the same text agrees."
      : `A plain count of the same text DISAGREES about: ${wrong.slice(0, 10).join(" ")}`;
  const text = `The most frequent words of ${file}, by 1 splitter and ${COUNTERS} counters:

${lines.join("\n")}

${totalOf(counts)} words, ${counts.size} different. ${verdict}

$ ipcs -a    # while it ran
${objects.objectsWhileRunning}
$ ipcs -a    # afterwards
${objects.objectsAfterwards}`;
  return { text, agrees: wrong.length === 0 };
}

async function run(file: string): Promise<number> {
  try {
    const problem = complaint(file);
    if (problem !== undefined) throw new Error(problem);
    await using machine = await boot();
    const result = await wordCount(machine, file);
    const plain = countWords(readFileSync(file, "utf8"), new Map());
    const { text, agrees } = reportOf(file, result, plain);
    process.stdout.write(text);
    return agrees ? 0 : 1;
  } catch (error) {
    process.stderr.write(`word-count: ${file}: ${(error as Error).message}\n`);
    return 1;
  }
}

async function main(args: string[]): Promise<number> {
  if (args[0] === "--page" && args.length === 1) {
    const { servePage } = await import("./serve.ts");
    const { origin } = await servePage(defaultFile());
    process.stdout.write(`Open ${origin}/ (Ctrl+C ends)\n`);
    return 0;
  }
  if (args.length > 1 || args[0]?.startsWith("-")) {
    process.stderr.write(USAGE);
    return 2;
  }
  return await run(args[0] ?? defaultFile());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = await main(process.argv.slice(2));
}
