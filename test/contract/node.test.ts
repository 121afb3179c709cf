import { KernelWorld } from "./kernel-world.ts";
import { contractSuite } from "./suite.ts";

const program = new URL("./kernel-agent.js", import.meta.url).href;

contractSuite("node", () => KernelWorld.start("node", program));
