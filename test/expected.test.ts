/**
 * What users depend on, compared with test/expected/: it changes on purpose only. A new fixture is
 * written by `npx vitest run --project tidy --update`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { pack, ROOT } from "./package/installed.ts";
import { declarationsOf } from "./support/declarations.ts";

const KERNEL_MAX = 128 * 1024;
/** Sizes differ a little with the versions of zlib and npm; this much is a change. */
const TOLERANCE = 0.02;

const fixture = (name: string) => join(ROOT, "test/expected", name);
const kernel = () => readFileSync(join(ROOT, "build/kernel.wasm"));

async function expectFixture(name: string, text: string): Promise<void> {
  const advice = `${name} has changed. If that is meant: npx vitest run --project tidy --update`;
  await expect(text, advice).toMatchFileSnapshot(fixture(name));
}

it("the kernel's imports and exports", async () => {
  const module = new WebAssembly.Module(kernel());
  const imports = WebAssembly.Module.imports(module).map(
    ({ module, name, kind }) => `import ${kind} ${module}.${name}`,
  );
  const exports = WebAssembly.Module.exports(module).map(
    ({ name, kind }) => `export ${kind} ${name}`,
  );
  await expectFixture("kernel.txt", `${[...imports, ...exports.sort()].join("\n")}\n`);
});

it("the files of the package", async () => {
  const { files } = await pack(["--dry-run"]);
  const paths = files.map(({ path }) => path).sort();
  await expectFixture("package-files.txt", `${paths.join("\n")}\n`);
});

it.each([
  ["wasm-ipc", "build/runtime/index.d.ts", "types.txt"],
  ["wasm-ipc/node", "build/runtime/api/node-streams.d.ts", "types-node.txt"],
  ["wasm-ipc/linux", "build/host/linux/index.d.ts", "types-linux.txt"],
  ["wasm-ipc/abi", "build/assembly/abi/index.d.ts", "types-abi.txt"],
])("the types of %s", async (_, entry, name) => {
  await expectFixture(name, declarationsOf(join(ROOT, entry)));
});

it("the sizes in bytes, the kernel's below its limit", async () => {
  const bytes = kernel();
  expect(bytes.length).toBeLessThanOrEqual(KERNEL_MAX);
  const { size, unpackedSize } = await pack(["--dry-run"]);
  const sizes: Record<string, number> = {
    kernel: bytes.length,
    kernelGzip: gzipSync(bytes, { level: 9 }).length,
    package: size,
    packageUnpacked: unpackedSize,
  };
  const path = fixture("sizes.json");
  const recorded = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  for (const [name, now] of Object.entries(sizes)) {
    const then = recorded[name];
    if (Math.abs(now - then) <= TOLERANCE * then) sizes[name] = then;
  }
  await expectFixture("sizes.json", `${JSON.stringify(sizes, null, 2)}\n`);
});
