/** The tarball, installed in an empty folder and used from Node, from TypeScript and from pages. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";
import {
  ESBUILD_OPTIONS,
  ESBUILD_PAGE,
  HTML,
  PLAIN_PROGRAM,
  PROGRAM,
  VITE_CONFIG,
  VITE_PAGE,
} from "./app.ts";
import { Installed, ROOT } from "./installed.ts";

/** Bytes of the tarball, and of what npm makes of it. */
const PACKED_MAX = 768 * 1024;
const UNPACKED_MAX = 2560 * 1024;

let installed: Installed;
beforeAll(async () => {
  installed = await Installed.create();
}, 120_000);
afterAll(() => installed?.[Symbol.dispose]());

describe("the package", () => {
  it("is small, and runs nothing when it is installed", () => {
    const { size, unpackedSize, files } = installed.packed;
    expect(size).toBeLessThan(PACKED_MAX);
    expect(unpackedSize).toBeLessThan(UNPACKED_MAX);
    // npm would compile for a binding.gyp.
    expect(files.map(({ path }) => path)).not.toContain("binding.gyp");
    const manifest = readFileSync(join(installed.folder, "node_modules/wasm-ipc/package.json"));
    const { scripts } = JSON.parse(manifest.toString()) as { scripts: Record<string, string> };
    expect(Object.keys(scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/install|prepare|prepublish/)]),
    );
  });

  it("brings its two dependencies and nothing else", () => {
    const names = readdirSync(join(installed.folder, "node_modules")).filter((n) => n[0] !== ".");
    expect(names.sort()).toEqual(["comlink", "commander", "wasm-ipc"]);
  });
});

describe("on Node", () => {
  it("boots and spawns from an ES module", async () => {
    installed.write("program.js", PROGRAM);
    installed.write(
      "node.js",
      `import { boot, IPC_CREAT, Semaphore, SharedMemory, SystemError } from "wasm-ipc";
       import { ENOENT } from "wasm-ipc/abi";
       const machine = await boot();
       const { sys } = machine;
       const memory = SharedMemory.create(sys, { size: 4096 });
       const mutex = Semaphore.create(sys);
       const args = [String(memory.id), String(mutex.id)];
       const children = await Promise.all([1, 2].map(() => machine.spawn("program.js", args)));
       for (const child of children) console.log((await child.wait()).code);
       console.log(memory.view(Int32Array)[0], IPC_CREAT);
       try {
         sys.semget(1, 0, 0);
       } catch (error) {
         console.log(error instanceof SystemError, error.errno === ENOENT, error.code);
       }
       await machine.shutdown();`,
    );
    const { status, stdout, stderr } = await installed.node("node.js");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe("0\n0\n1000 512\ntrue true ENOENT\n");
  });

  it("runs the README's examples", async () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const blocks = [...readme.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```$/gms)];
    const names = ["enter.js", "main.js", "lines.js", "pipe.js", "sort.js"];
    expect(blocks.map(([, name]) => name)).toEqual(names);
    for (const [, name, code] of blocks) installed.write(name!, code!);
    const runs = [...readme.matchAll(/^`node (\S+)` prints\n\n((?: {4}.*\n)+)/gm)];
    expect(runs.map(([, name]) => name)).toEqual(["main.js", "pipe.js", "sort.js"]);
    for (const [, name, shown] of runs) {
      const stdout = shown!.replace(/^ {4}/gm, "");
      expect(await installed.node(name!), name).toEqual({ status: 0, stdout, stderr: "" });
    }
    // Every block of JavaScript is one of these.
    expect(readme.match(/^```[a-z]+$/gm)).toHaveLength(blocks.length);
  });

  it("has the command wasm-ipc", async () => {
    const bin = join(installed.folder, "node_modules/.bin/wasm-ipc");
    installed.write(
      "seven.js",
      "export function main(sys, argv) { console.log(argv.slice(1)); return 7; }",
    );
    expect(await installed.run(bin, "run", "seven.js", "a", "-b")).toEqual({
      status: 7,
      stdout: "[ 'a', '-b' ]\n",
      stderr: "",
    });
    const version = await installed.run(bin, "--version");
    const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(version).toMatchObject({ status: 0, stdout: `wasm-ipc ${manifest.version}\n` });
  });

  it("says what wasm-ipc/linux needs when koffi is missing", async () => {
    installed.write(
      "linux.js",
      `import { linux } from "wasm-ipc/linux";
       await linux().catch((error) => console.log(error.message));`,
    );
    const { stdout } = await installed.node("linux.js");
    if (process.platform === "linux") expect(stdout).toContain("npm install koffi");
    else expect(stdout).toContain("wasm-ipc/linux makes the system calls of Linux");
  });
});

describe("in TypeScript", () => {
  const SOURCE = `
    import { boot, type Machine, MessageQueue, Pipe, POLLIN, Semaphore, SharedMemory, type Syscalls, SystemError, textCodec } from "wasm-ipc";
    import { EAGAIN } from "wasm-ipc/abi";
    import { linux } from "wasm-ipc/linux";
    export function main(sys: Syscalls, argv: string[], machine: Machine): number {
      using memory = SharedMemory.create(sys, { size: 4096 });
      const cell: Int32Array<SharedArrayBuffer> = memory.view(Int32Array);
      using queue = MessageQueue.create(sys, { codec: textCodec });
      queue.send(argv[0] ?? "");
      const text: string = queue.receive().value;
      using pipe = Pipe.create(sys, { capacity: 4096 });
      const stream: ReadableStream<Uint8Array> = pipe.reader.readable();
      const ready: number = sys.poll([{ fd: pipe.writer.fd, events: POLLIN }], 0);
      try {
        sys.semop(sys.semget(1, 1, 0o600), [{ sem_num: 0, sem_op: -1 }]);
      } catch (error) {
        if (error instanceof SystemError && error.errno === EAGAIN) return machine.pid;
      }
      return text.length + cell[0]! + ready + Number(stream.locked);
    }
    export const systems: Promise<Syscalls>[] = [linux(), boot().then((machine) => machine.sys)];
    // @ts-expect-error no such option
    await boot({ memery: 1 });
    // @ts-expect-error a list is wanted
    (await linux()).semop(1, { sem_num: 0, sem_op: 1 });
  `;

  it.each([
    ["NodeNext", "NodeNext"],
    ["ESNext", "Bundler"],
  ])("compiles strictly with module %s and resolution %s", async (module, moduleResolution) => {
    installed.write("types.ts", SOURCE);
    const compilerOptions = {
      ...{ module, moduleResolution, target: "ES2022", noEmit: true, types: [] },
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
      lib: ["ES2022", "DOM", "ESNext.Disposable", "ES2024.SharedMemory"],
    };
    installed.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["types.ts"] }));
    const { status, stdout } = await installed.tool("typescript/bin/tsc");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});

describe("in a page", () => {
  beforeAll(async () => {
    for (const folder of ["src", "vite"]) {
      installed.write(`${folder}/program.js`, PROGRAM);
      installed.write(`${folder}/plain.js`, PLAIN_PROGRAM);
    }
    installed.write("src/page.js", ESBUILD_PAGE);
    installed.write("site/esbuild/index.html", HTML("page.js"));
    await build({ ...ESBUILD_OPTIONS, absWorkingDir: installed.folder });
    installed.write("vite.config.js", VITE_CONFIG);
    installed.write("vite/page.js", VITE_PAGE);
    installed.write("vite/index.html", HTML("./page.js"));
    const vite = await installed.tool("vite/bin/vite.js", "build", "--config", "vite.config.js");
    expect(vite, vite.stderr).toMatchObject({ status: 0, stderr: "" });
  });

  it.each(BROWSERS)("boots and spawns in %s, bundled by esbuild and by Vite", async (browser) => {
    const results = (await runInBrowser(browser, {
      entry: new URL("./app-frames.js", import.meta.url),
      folder: join(installed.folder, "site"),
    })) as Record<string, unknown>;
    const wanted = {
      codes: [0, 0],
      total: 1000,
      left: expect.stringContaining("segments allocated 0"),
    };
    expect(results).toEqual({ esbuild: wanted, vite: wanted });
  });
});
