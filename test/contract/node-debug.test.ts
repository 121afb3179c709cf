/** The debug build asserts, and the whole machine is checked after each row. */
import { KernelWorld } from "./kernel-world.ts";
import { contractSuite } from "./suite.ts";

const program = new URL("./kernel-agent.js", import.meta.url).href;
const kernelUrl = new URL("../../kernel.debug.wasm", import.meta.url);

contractSuite("node", () => KernelWorld.start("node", program, { kernelUrl }), "node-debug");
