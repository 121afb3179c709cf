/**
 * Every test on every backend. Browsers that are missing are installed where that can be done
 * without a question, and otherwise named with the command to run: no backend is left out silently.
 */
import { must, run, tool } from "./command.mjs";
import { checkConformance } from "./conformance.mjs";

const { BROWSERS, debianPackageOf, findBrowser } = await import(
  "../build/test/support/browser-find.js"
);

const isRoot = process.getuid?.() === 0;

/** The message that names a missing browser, or undefined. */
function missing(name) {
  try {
    findBrowser(name);
  } catch (error) {
    return error.message;
  }
}

async function ensureBrowsers() {
  const absent = BROWSERS.filter(missing);
  if (absent.length === 0) return;
  if (isRoot && (await run(["sh", "-c", "command -v apt-get"], { stdio: "ignore" })) === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"];
    await must(["apt-get", "update", "-q"], { env });
    await must([...install, ...absent.map(debianPackageOf)], { env });
  }
  const messages = BROWSERS.map(missing).filter((message) => message !== undefined);
  if (messages.length > 0) {
    process.stderr.write(`${messages.join("\n")}\n`);
    process.exit(1);
  }
}

/**
 * The real kernel's System V objects are those of an IPC namespace of its own, new and empty, which
 * ends with the tests: nothing collides, nothing is left behind.
 */
function inNamespace(command) {
  if (process.platform !== "linux") {
    process.stderr.write(
      "Not Linux: the contract tests cannot compare with the real kernel here.\n",
    );
    return command;
  }
  if (isRoot) return ["unshare", "--ipc", ...command];
  process.stderr.write("Not root: rows with several user ids will fail. Run: sudo npm test\n");
  return ["unshare", "--user", "--map-current-user", "--ipc", ...command];
}

await ensureBrowsers();
const args = process.argv.slice(2);
const vitest = [...tool("vitest/vitest.mjs"), "run", ...args];
process.exitCode = await run(inNamespace(vitest));
// A whole run has just left the results that CONFORMANCE.md lists.
if (process.exitCode === 0 && args.length === 0) await checkConformance();
