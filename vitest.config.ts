/**
 * The tests that tsc has made of test/ in build/test. Each folder is a project. What ships is loaded
 * by Node itself, so the tests see the very modules that users get.
 */
import { readdirSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";

const BUILT = new URL("build/test/", import.meta.url);

/**
 * Folders with the same number run side by side, one file to a process, two processes at most: the
 * exhaustive model tests are so sharded. A third one, `stopped`, waits beside them for a minute. From 2
 * on a file has the machine for itself, because its workers and browsers want more than one core.
 */
const ORDER: Record<string, number> = {
  model: 1,
  stopped: 1,
  contract: 2,
  hammer: 3,
  crash: 4,
  browser: 5,
};
const PARALLEL_UNTIL = 1;

const folders = readdirSync(BUILT, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".test.js"))
  .map((entry) => `${entry.parentPath}/`.slice(BUILT.pathname.length).split("/")[0] ?? "");

const projects = [...new Set(folders)].map((folder) => {
  const groupOrder = ORDER[folder] ?? (["package", "demos"].includes(folder) ? 6 : 0);
  return {
    extends: true as const,
    test: {
      name: folder === "" ? "tidy" : folder,
      include: [folder === "" ? "build/test/*.test.js" : `build/test/${folder}/**/*.test.js`],
      maxWorkers: groupOrder === ORDER.stopped ? 3 : groupOrder <= PARALLEL_UNTIL ? 2 : 1,
      sequence: { groupOrder },
    },
  };
});

export default defineConfig({
  test: {
    pool: "forks",
    exclude: configDefaults.exclude.filter((pattern) => !pattern.includes("build")),
    server: { deps: { external: [/\/build\/(?!test\/)/] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects,
  },
});
