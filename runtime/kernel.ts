/**
 * The compiled kernel and the memory that a machine lives in. Only the thread that boots comes
 * here; it hands the compiled module to every other, which then use instance.ts.
 */
import { host } from "#host";
import { WASM_PAGE_SIZE } from "../assembly/abi/limits.ts";
import { KERNEL_BASE64 } from "./generated/kernel.ts";

/**
 * Compiles the kernel: the embedded one, or the file at `kernelUrl` for a page whose policy or
 * whose bundle wants it apart.
 * @throws {Error} when the file cannot be loaded or is no WebAssembly module.
 */
export async function compileKernel(kernelUrl?: string | URL): Promise<WebAssembly.Module> {
  const bytes = kernelUrl === undefined ? embeddedKernel() : await host.load(kernelUrl);
  return WebAssembly.compile(bytes);
}

function embeddedKernel(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(KERNEL_BASE64), (char) => char.charCodeAt(0));
}

/**
 * A shared memory of a fixed size: views of it stay valid for ever.
 * @throws {Error} when the platform has no room for it.
 */
export function createMemory(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Error(
      `boot: the platform cannot provide ${pages * WASM_PAGE_SIZE} bytes of shared memory; ` +
        "ask for less with the option `memory`",
      { cause },
    );
  }
}
