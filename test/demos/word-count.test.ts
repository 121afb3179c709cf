/** demos/01-word-count as a command, and as a page of both browsers. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import {
  boot,
  ESRCH,
  MSG_INFO,
  SEM_INFO,
  SHM_INFO,
  SIGKILL,
  type Syscalls,
  SystemError,
} from "wasm-ipc";
import { defaultFile, reportOf } from "../../demos/01-word-count/index.ts";
import { pageFiles, servePage } from "../../demos/01-word-count/serve.ts";
import { wordCount } from "../../demos/01-word-count/word-count.ts";
import {
  countWords,
  disagreements,
  lengthOfWholeWords,
  mostFrequent,
} from "../../demos/01-word-count/words.ts";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

const COMMAND = fileURLToPath(new URL("../../demos/01-word-count/index.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "word-count-"));
afterAll(() => rmSync(folder, { recursive: true }));

function textFile(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function exists(sys: Syscalls, pid: number): boolean {
  try {
    sys.kill(pid, 0);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.errno === ESRCH) return false;
    throw error;
  }
}

/** What `npm start -- ARGS` does. */
function command(...args: string[]) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, [COMMAND, ...args], (error, stdout, stderr) => {
      done({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const EMPTY =
  /^-{6} Message Queues -{8}\n.*\n\n-{6} Shared Memory Segments -{8}\n.*\n\n-{6} Semaphore Arrays -{8}\n.*$/;
const ONE_EACH =
  /Queues -+\n.*\n0x00000000 0 .*\n\n.*Segments -+\n.*\n0x00000000 0 +0 +600 +98376 +[2-5]\b.*\n\n.*Arrays -+\n.*\n0x00000000 0 +0 +600 +3\b/;

/** Half a million words of several scripts, far more than the ring holds, cut at odd places. */
function longText(): string {
  const words = ["the", "Straße", "naïve", "слово", "漢字", "𠀀𠀁", "don’t", "x1", "é"];
  const gaps = [" ", "\n", ", ", "。", " — ", "😀"];
  const parts: string[] = [];
  for (let n = 0; n < 500_000; n += 1) {
    parts.push(words[(n * n + (n >> 3)) % words.length]!, gaps[(n >> 1) % gaps.length]!);
  }
  return parts.join("");
}

describe("word-count", () => {
  it("counts the longest Markdown file of the repository when no file is named", async () => {
    const { status, stdout, stderr } = await command();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toContain(`words of ${defaultFile()}`);
    expect(stdout).toContain("A plain count of the same text agrees.");
    expect(stdout.match(/^ +\d+ {2}\S+$/gm)).toHaveLength(10);
    const [, running, afterwards] = stdout.split(/^\$ ipcs -a .*$/m);
    expect(running).toMatch(ONE_EACH);
    expect(afterwards?.trim()).toMatch(EMPTY);
  });

  it("counts a text of several megabytes, of words of any script", async () => {
    const text = longText();
    const { status, stdout } = await command(textFile("long.txt", text));
    expect(status).toBe(0);
    for (const [word, times] of mostFrequent(countWords(text, new Map()), 10)) {
      expect(stdout).toMatch(new RegExp(`^ +${times} {2}${word}$`, "mu"));
    }
    expect(stdout).toContain("500000 words, 9 different. A plain count of the same text agrees.");
  });

  it("counts a file of one word, and one that begins with a byte order mark", async () => {
    expect((await command(textFile("one.txt", "once"))).stdout).toMatch(/^ +1 {2}once$/m);
    const marked = await command(textFile("bom.txt", "\ufeffword word"));
    expect(marked).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ +2 {2}word$/m) });
  });

  it.each([
    ["a missing file", () => join(folder, "missing"), "no such file"],
    ["a folder", () => folder, "is a directory"],
    ["a device", () => "/dev/null", "is not a regular file"],
    ["an empty file", () => textFile("empty", ""), "is empty"],
    ["NUL bytes", () => textFile("nul", "a\0b"), "not a text: it has NUL bytes"],
    [
      "bytes that are not UTF-8",
      () => textFile("latin1", new Uint8Array([0x63, 0x61, 0x66, 0xe9])),
      "not a text: it has bytes that are not UTF-8",
    ],
    [
      "a word that fills a chunk",
      () => textFile("endless", "y".repeat(5000)),
      "a word of more than 2048 letters: not a text",
    ],
  ])("refuses %s with one line", async (_, make, message) => {
    const path = make();
    expect(await command(path)).toEqual({
      status: 1,
      stdout: "",
      stderr: `word-count: ${path}: ${message}\n`,
    });
  });

  it.each([[["--unknown"]], [["one", "two"]]])("refuses the arguments %j", async (args) => {
    const usage = "usage: npm start -- [FILE | --page]\n";
    expect(await command(...args)).toEqual({ status: 2, stdout: "", stderr: usage });
  });
});

describe("wordCount()", () => {
  it("rejects when one of its processes is killed, and removes what it made", async () => {
    await using machine = await boot();
    const { sys } = machine;
    const counting = wordCount(machine, textFile("killed.txt", longText()));
    // Process 3 is the splitter. When it holds the ring it has been started.
    const killed = (async () => {
      while (sys.shmctl(0, SHM_INFO).used_ids === 0 || !exists(sys, 3)) {
        await new Promise((done) => setImmediate(done));
      }
      sys.kill(3, SIGKILL);
    })();
    await expect(counting).rejects.toThrow("process 3 ended with signal 9");
    await killed;
    expect(sys.semctl(0, 0, SEM_INFO).semusz).toBe(0);
    expect(sys.msgctl(0, MSG_INFO).msgpool).toBe(0);
  });
});

describe("words", () => {
  it("are never cut, and a text can be cut where one ends", () => {
    expect(lengthOfWholeWords("one two three", 9)).toBe(8);
    expect(lengthOfWholeWords("don’t", 4)).toBe(0);
    expect(lengthOfWholeWords("a 𠀀𠀁", 5)).toBe(2);
  });

  it("that two counts disagree about are named, and make the report say so", () => {
    const counts = countWords("one two two", new Map());
    const plain = countWords("one two three", new Map());
    expect(disagreements(counts, plain)).toEqual(["two", "three"]);
    const result = { counts, objectsWhileRunning: "", objectsAfterwards: "" };
    expect(reportOf("file", result, plain).agrees).toBe(false);
    expect(reportOf("file", result, plain).text).toContain("DISAGREES about: two three");
    expect(reportOf("file", result, counts).agrees).toBe(true);
  });
});

describe("word-count as a page", () => {
  it("is served with the headers that isolate it", async () => {
    await using server = await servePage(defaultFile());
    const page = await fetch(server.origin);
    expect(page.headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
    expect(page.headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
    expect(await page.text()).toContain('src="page.js"');
    expect((await fetch(`${server.origin}/splitter.js`)).status).toBe(200);
    expect((await fetch(`${server.origin}/nothing`)).status).toBe(404);
  });

  it.each(BROWSERS)("counts in %s what is served and what is chosen", async (browser) => {
    const files = [...(await pageFiles(defaultFile()))].map(
      ([name, content]) => [`/demo/${name}`, content] as const,
    );
    const { counted, refused, chosen } = (await runInBrowser(browser, {
      entry: new URL("./word-count-page.js", import.meta.url),
      files: new Map(files),
    })) as Record<string, Record<string, unknown>>;
    expect(counted).toMatchObject({
      result: "done",
      state: expect.stringContaining("A plain count of the same text agrees."),
      whileRunning: expect.stringMatching(ONE_EACH),
      afterwards: expect.stringMatching(EMPTY),
    });
    expect(counted?.words).toHaveLength(10);
    expect(refused).toMatchObject({
      result: "failed",
      state: "latin1.txt: not a text: it has bytes that are not UTF-8",
      words: [],
    });
    expect(chosen).toMatchObject({
      result: "done",
      words: ["straße4,000", "naïve2,000", "𠀀𠀁2,000"],
    });
  });
});
