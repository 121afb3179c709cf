/**
 * The package as a user has it: packed, and installed in an empty folder. Its two dependencies are
 * taken from the repository's node_modules, so no registry is asked.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** What `npm pack --json` tells. */
export interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string; size: number }[];
}

/** An empty folder in which the package was installed; disposing removes it. */
export class Installed implements Disposable {
  readonly folder: string;
  readonly packed: Packed;

  private constructor(folder: string, packed: Packed) {
    this.folder = folder;
    this.packed = packed;
  }

  static async create(): Promise<Installed> {
    const folder = mkdtempSync(join(tmpdir(), "wasm-ipc-package-"));
    const packed = await pack(["--pack-destination", folder]);
    const installed = new Installed(folder, packed);
    installed.write("package.json", JSON.stringify({ private: true, type: "module" }));
    const sources = [
      join(folder, packed.filename),
      ...["comlink", "commander"].map((name) => join(ROOT, "node_modules", name)),
    ];
    const flags = ["--offline", "--install-links", "--no-audit", "--no-fund"];
    const { status, stderr } = await installed.run("npm", "install", ...flags, ...sources);
    if (status !== 0) throw new Error(`npm install: ${stderr}`);
    return installed;
  }

  /** Runs a command in the folder. */
  run(command: string, ...args: string[]): Promise<Outcome> {
    return new Promise((done) => {
      execFile(command, args, { cwd: this.folder, env: userEnv() }, (error, stdout, stderr) => {
        done({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  node(...args: string[]): Promise<Outcome> {
    return this.run(process.execPath, ...args);
  }

  /** Runs a tool of the repository, which a user would have installed. */
  tool(path: string, ...args: string[]): Promise<Outcome> {
    return this.node(join(ROOT, "node_modules", path), ...args);
  }

  write(path: string, content: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Without what `npm test` hands to everything below it. */
function userEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_)/i.test(name));
  return Object.fromEntries(entries);
}

/** Packs the repository as it was built. */
export async function pack(options: readonly string[]): Promise<Packed> {
  const args = ["pack", "--json", "--ignore-scripts", ...options];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: ROOT });
  const answer = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  // An array; an object by name from npm 12 on.
  const [packed] = Object.values(answer);
  if (packed === undefined) throw new Error(`npm pack: ${stdout}`);
  return packed;
}
