/** What no compiler checks: every documented error has a row, and the house rules for files. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DOCUMENTED } from "./contract/documented.ts";
import { TABLES } from "./contract/tables.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["assembly", "bench", "demos", "host", "runtime", "scripts", "test"];
/** Files longer than this want to be two. */
const LINES_MAX = 300;
/** Tables of cases, which are read one row at a time, and what the build makes. */
const MAY_BE_LONG = [/^test\/contract\/tables\//, /-cases\.ts$/, /^runtime\/generated\//];

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" }).map(
      (path) => `${folder}/${path}`,
    ),
  ).filter((path) => /\.(ts|mjs)$/.test(path));
}

const read = (path: string) => readFileSync(ROOT + path, "utf8");

/** Comments are what people read; strings may say what they like. */
const comments = (text: string) => text.match(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm) ?? [];

describe("the contract", () => {
  const shown = new Set(TABLES.map(({ call, errno }) => `${call} ${errno}`));

  it.each(DOCUMENTED)("has a row for every documented errno of $call()", ({ call, errnos }) => {
    expect(errnos.filter((errno) => !shown.has(`${call} ${errno}`))).toEqual([]);
  });

  it("has a reason for every documented errno without a row, and no row for it", () => {
    for (const { call, unreachable = {} } of DOCUMENTED) {
      for (const [errno, reason] of Object.entries(unreachable)) {
        expect(reason, `${call} ${errno}`).toMatch(/\w+ \w+ \w+/);
        expect(shown.has(`${call} ${errno}`), `${call} ${errno} has a row`).toBe(false);
      }
    }
  });

  it("shows no errno that is not documented", () => {
    const known = new Set(
      DOCUMENTED.flatMap(({ call, errnos }) => errnos.map((e) => `${call} ${e}`)),
    );
    const calls = new Set(DOCUMENTED.map(({ call }) => call));
    const unknown = TABLES.filter(({ call, errno }) => calls.has(call) && errno !== undefined)
      .map(({ call, errno }) => `${call} ${errno}`)
      .filter((pair) => !known.has(pair));
    expect(unknown).toEqual([]);
  });

  it("has rows that are sentences about a call, each once", () => {
    for (const { name, call } of TABLES) expect(name).toMatch(new RegExp(`^${call}\\(\\) \\w+,? `));
    const names = TABLES.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("has rows that say why when a backend does not run them", () => {
    for (const { name, linux, kernel, page } of TABLES) {
      for (const reason of [linux, kernel, page]) {
        if (reason !== undefined) expect(reason, name).toMatch(/\w+ \w+ \w+/);
      }
    }
  });
});

describe("the sources", () => {
  it(`have at most ${LINES_MAX} lines`, () => {
    const long = sources()
      .filter((path) => !MAY_BE_LONG.some((pattern) => pattern.test(path)))
      .map((path) => `${path}: ${read(path).split("\n").length - 1}`)
      .filter((line) => Number(line.split(": ")[1]) > LINES_MAX);
    expect(long).toEqual([]);
  });

  it("skip no test and single out none", () => {
    const pattern = /\b(it|test|describe)(\.\w+)*\.(skip|only|todo|skipIf|runIf|fails)\b/;
    const found = sources().filter((path) => path.startsWith("test/") && pattern.test(read(path)));
    expect(found).toEqual([]);
  });

  it("leave nothing to do in comments", () => {
    const pattern = new RegExp(
      `\\b(${["TO", "FIX", "XX"].map((word, i) => word + ["DO", "ME", "X"][i]).join("|")})\\b`,
    );
    const found = sources().filter((path) =>
      comments(read(path)).some((text) => pattern.test(text)),
    );
    expect(found).toEqual([]);
  });

  it("begin with a comment that says what they are", () => {
    const found = sources()
      .filter((path) => /^(assembly|host|runtime|scripts)\//.test(path) && !path.endsWith(".d.ts"))
      .filter((path) => !/^(#!.*\n)?\/\*\*/.test(read(path)));
    expect(found).toEqual([]);
  });

  it("of the kernel say what a death in them leaves", () => {
    const found = sources()
      .filter((path) => /^assembly\/[\w-]+\.ts$/.test(path))
      .filter((path) => !/\bCrash: \S/.test(read(path).split("*/")[0]!));
    expect(found).toEqual([]);
  });
});

describe("the ABI's numbers", () => {
  const files = readdirSync(`${ROOT}assembly/abi`).filter((name) => name !== "index.ts");
  const constants = files.flatMap((file) =>
    [...read(`assembly/abi/${file}`).matchAll(/^export const (\w+) = ([^;]+);/gm)].map(
      ([, name, value]) => ({ file, name: name!, value: value! }),
    ),
  );

  /** Constants of one kind must differ: commands of one call, errors, signals. */
  const KINDS: Readonly<Record<string, (name: string, file: string) => boolean>> = {
    "errno.ts": (_, file) => file === "errno.ts",
    signals: (name, file) => file === "signal.ts" && /^SIG[A-Z0-9]+$/.test(name),
    "shmctl's commands": (name) =>
      /^(IPC_(RMID|SET|STAT|INFO)|SHM_(LOCK|UNLOCK|STAT|INFO|STAT_ANY))$/.test(name),
    "semctl's commands": (name) =>
      /^(IPC_(RMID|SET|STAT|INFO)|GET\w+|SETVAL|SETALL|SEM_(STAT|INFO|STAT_ANY))$/.test(name),
    "msgctl's commands": (name) =>
      /^(IPC_(RMID|SET|STAT|INFO)|MSG_(STAT|INFO|STAT_ANY))$/.test(name),
    "shmat's flags": (name) => /^SHM_(RDONLY|RND|REMAP|EXEC)$/.test(name),
    "msgrcv's flags": (name) => /^(IPC_NOWAIT|MSG_(NOERROR|EXCEPT|COPY))$/.test(name),
    "open's flags": (name) => /^O_/.test(name),
    "fcntl's commands": (name, file) => file === "fcntl.ts" && /^F_(?!(RD|WR|UN)LCK)/.test(name),
    "poll's events": (name) => /^POLL[A-Z]+$/.test(name),
    "epoll's events": (name) => /^EPOLL[A-Z]+$/.test(name),
    "types of files": (name) => /^S_IF[A-Z]+$/.test(name),
    limits: (name, file) => file === "layout.ts" && /^LIMIT_/.test(name) && name !== "LIMIT_COUNT",
    "words of the superblock": (name, file) => file === "layout.ts" && /^SB_/.test(name),
  };

  it("are named once in all files, because `export *` drops a name that is there twice", () => {
    const names = constants.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(Object.keys(KINDS))("are different among %s", (kind) => {
    const chosen = constants.filter(({ name, file }) => KINDS[kind]!(name, file));
    expect(chosen.length).toBeGreaterThan(3);
    const values = chosen.map(({ value }) => Number(value));
    expect(values.some(Number.isNaN), "a value is not a plain number").toBe(false);
    expect(chosen.filter((_, index) => values.indexOf(values[index]!) !== index)).toEqual([]);
  });
});
