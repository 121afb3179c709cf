/**
 * A process of the Linux rows: a child process that takes steps from a Unix socket and makes real
 * system calls on its main thread. Started as root; takes its credentials when all is loaded.
 */
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import koffi from "koffi";
import { SIG_DFL, SIGPIPE } from "../../assembly/abi/signal.ts";
import { linux } from "../../host/linux/index.ts";
import { Agent } from "./steps.ts";
import type { Command } from "./wire.ts";

/** argv[2], as JSON. */
export interface AgentOptions {
  socket: string;
  /** How the driver knows whose connection this is. */
  name: string;
  uid: number;
  gid: number;
  groups: readonly number[];
  /** OPEN_MAX, when the row sets it. */
  openMax?: number;
  /** native/signal-script.c, compiled. */
  signalProgram?: string;
}

const json = process.argv[2]!;
const {
  socket: path,
  name,
  uid,
  gid,
  groups,
  openMax,
  signalProgram,
} = JSON.parse(json) as AgentOptions;
const sys = await linux();

/**
 * posix_spawn(3) itself: what child_process starts is reaped by Node, and waitpid() would find
 * nothing left.
 */
const library = koffi.load(null);
const spawn = library.func(
  "int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attr, const char **argv, const char **envp)",
);
const RLIMIT_NOFILE = 7;
const setrlimit = library.func("int setrlimit(int resource, void *limit)");

const agent = new Agent(sys, {
  exit: (code) => process.exit(code),
  spawnAgent(options) {
    const pid = [0];
    const argv = [process.execPath, process.argv[1]!, JSON.stringify(options), null];
    const envp = [`PATH=${process.env.PATH}`, null];
    const errno = spawn(pid, process.execPath, null, null, argv, envp) as number;
    if (errno !== 0) throw new Error(`posix_spawn: errno ${errno}`);
    return pid[0]!;
  },
  async signalScript(script) {
    const { status, signal, stdout } = spawnSync(signalProgram!, script, { encoding: "utf8" });
    const word = signal === null ? status! << 8 : constants.signals[signal];
    return { lines: stdout.split("\n").slice(0, -1), status: word };
  },
});

const connection = connect(path);
connection.on("error", () => process.exit(1));
connection.on("close", () => process.exit(0));
await new Promise<void>((resolve) => connection.once("connect", () => resolve()));
if (openMax !== undefined) {
  const limit = BigUint64Array.of(BigInt(openMax), BigInt(openMax));
  if (setrlimit(RLIMIT_NOFILE, limit) !== 0) throw new Error(`setrlimit: errno ${koffi.errno()}`);
}
// Node ignores it, and the process of a row is to begin as one of C does. So with the umask.
sys.sigaction(SIGPIPE, SIG_DFL);
sys.umask(0o022);
process.setgroups!([...groups]);
process.setgid!(gid);
process.setuid!(uid);
connection.write(`${JSON.stringify({ name, pid: process.pid })}\n`);
createInterface({ input: connection }).on("line", async (line) => {
  const reply = await agent.answer(JSON.parse(line) as Command);
  connection.write(`${JSON.stringify(reply)}\n`);
});
