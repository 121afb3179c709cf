/** The static checks: style and layering, types, unused code, and the package as users get it. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, tool } from "./command.mjs";

/** Entries that are not modules with types. */
const UNTYPED = ["./kernel.wasm", "./worker.js", "./supervisor.js", "./programs.js"];

/** Checks the tarball itself: a file that is missing from `files` shows only there. */
async function checkPackage() {
  const folder = await mkdtemp(join(tmpdir(), "wasm-ipc-pack-"));
  try {
    const pack = ["npm", "pack", "--silent", "--pack-destination", folder];
    if ((await run(pack, { stdio: ["ignore", "ignore", "inherit"] })) !== 0) return false;
    const tarball = join(folder, (await readdir(folder))[0]);
    const publint = [...tool("publint/src/cli.js"), "run", tarball, "--strict"];
    const attw = [...tool("@arethetypeswrong/cli/dist/index.js"), tarball];
    const profile = ["--profile", "esm-only", "--no-summary", "--exclude-entrypoints", ...UNTYPED];
    return (await run(publint)) === 0 && (await run([...attw, ...profile])) === 0;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const passes = (command) => async () => (await run(command)) === 0;

/** Links and signatures of the public entries: a type that is used but not exported is an error. */
const DOCS = [
  ...tool("typedoc/bin/typedoc"),
  ...["--tsconfig", "tsconfig.lib.json", "--emit", "none", "--disableSources"],
  ...["--logLevel", "Warn", "--treatWarningsAsErrors"],
  ...["runtime/index.ts", "runtime/api/node-streams.ts", "host/linux/index.ts"],
  "assembly/abi/index.ts",
];

/** The build comes before what reads its output. asc has its own, looser idea of types than tsc. */
const CHECKS = {
  biome: passes([...tool("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"]),
  types: passes([process.execPath, "scripts/build.mjs"]),
  "kernel types": passes([...tool("typescript/bin/tsc"), "-p", "assembly"]),
  knip: passes([...tool("knip/bin/knip.js"), "--no-progress"]),
  docs: passes(DOCS),
  package: checkPackage,
};

const failed = [];
for (const [name, check] of Object.entries(CHECKS)) {
  process.stdout.write(`--- ${name}\n`);
  if (!(await check())) failed.push(name);
}
process.stdout.write(failed.length === 0 ? "ok\n" : `not ok: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
