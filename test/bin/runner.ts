/**
 * Runs every case three times and writes what came of it to the file that it is given: by the
 * computer's own program, by ours over the real kernel, and by ours over a machine. It is started in an
 * IPC namespace of its own, and exchanges its own descriptors 0 to 2 while a program of ours runs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { F_DUPFD_CLOEXEC, O_CREAT, O_WRONLY } from "../../assembly/abi/fcntl.ts";
import { SIG_IGN, SIGPIPE } from "../../assembly/abi/signal.ts";
import type { Syscalls } from "../../host/contract.ts";
import { linux } from "../../host/linux/index.ts";
import { builtin } from "../../runtime/bin/index.ts";
import { boot } from "../../runtime/index.ts";
import type { BinCase, Outcome, Outcomes } from "./case.ts";
import {
  build,
  closeStandard,
  openStandard,
  readFile,
  remove,
  type Standard,
  walk,
} from "./stage.ts";
import { TABLES } from "./tables.ts";

/** As a shell would start it, but that SIGPIPE is ignored, as it is in Node. */
const SHELL = `trap '' PIPE; exec "$@"`;
const SHELL_CLOSED = `${SHELL} >&-`;

process.env.TZ = "UTC";
const temporary = mkdtempSync(join(tmpdir(), "wasm-ipc-bin-"));
let count = 0;

/** Makes the stage for one run, and tells afterwards what is there. */
async function staged(
  sys: Syscalls,
  root: string,
  row: BinCase,
  run: (standard: Standard, cwd: string, argv: string[]) => Promise<Outcome["status"]>,
): Promise<Outcome> {
  const base = `${root}/${count++}`;
  const cwd = `${base}/cwd`;
  sys.mkdir(base, 0o755);
  sys.mkdir(cwd, 0o755);
  build(sys, cwd, row.files ?? {});
  const standard = openStandard(sys, base, row);
  const pid = String(sys.getpid());
  const argv = row.argv.map((word) => word.replaceAll("@PID@", pid));
  const status = await run(standard, cwd, argv);
  closeStandard(sys, standard);
  const written = row.stdout !== undefined;
  const stdout = written ? "" : readFile(sys, `${base}/out`);
  const outcome = { status, stdout, stderr: readFile(sys, `${base}/err`), tree: walk(sys, cwd) };
  remove(sys, base);
  return outcome;
}

function real(sys: Syscalls, row: BinCase): Promise<Outcome> {
  return staged(sys, temporary, row, async ({ stdin, stdout, stderr }, cwd, argv) => {
    const script = stdout < 0 ? SHELL_CLOSED : SHELL;
    const result = spawnSync("sh", ["-c", script, "sh", ...argv], {
      cwd,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: [stdin, stdout < 0 ? "ignore" : stdout, stderr],
      timeout: 10_000,
    });
    if (result.error !== undefined) throw result.error;
    return result.status ?? `signal ${result.signal}`;
  });
}

function ours(sys: Syscalls, root: string, row: BinCase): Promise<Outcome> {
  return staged(sys, root, row, async (standard, cwd, argv) => {
    const saved = [0, 1, 2].map((fd) => sys.fcntl(fd, F_DUPFD_CLOEXEC, 10));
    const back = sys.getcwd();
    sys.chdir(cwd);
    for (const [fd, given] of [standard.stdin, standard.stdout, standard.stderr].entries()) {
      if (given < 0) sys.close(fd);
      else sys.dup2(given, fd);
    }
    try {
      const program = await builtin(argv[0]!)!();
      return await program.main(sys, argv, machine);
    } catch (error) {
      return `threw ${error instanceof Error ? error.stack : String(error)}`;
    } finally {
      for (const [fd, old] of saved.entries()) {
        sys.dup2(old, fd);
        sys.close(old);
      }
      sys.chdir(back);
    }
  });
}

/** Names of users and groups are the computer's there too. */
function copyAccounts(sys: Syscalls): void {
  for (const path of ["/etc/passwd", "/etc/group"]) {
    const fd = sys.open(path, O_WRONLY | O_CREAT, 0o644);
    sys.write(fd, readFileSync(path));
    sys.close(fd);
  }
}

const [output = "", filter = ""] = process.argv.slice(2);
process.umask(0o022);
const kernel = await linux();
const machine = await boot({ pool: 0 });
machine.sys.umask(0o022);
machine.sys.sigaction(SIGPIPE, SIG_IGN);
copyAccounts(machine.sys);
try {
  const results: Record<string, Outcomes[]> = {};
  for (const [name, rows] of Object.entries(TABLES)) {
    if (!name.includes(filter)) continue;
    results[name] = [];
    for (const row of rows) {
      results[name].push({
        real: await real(kernel, row),
        linux: await ours(kernel, temporary, row),
        machine: row.onlyLinux === undefined ? await ours(machine.sys, "/tmp", row) : null,
      });
    }
  }
  writeFileSync(output, JSON.stringify(results));
} finally {
  rmSync(temporary, { recursive: true, force: true });
  await machine.shutdown();
}
