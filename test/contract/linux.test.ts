import { LinuxWorld } from "./linux-world.ts";
import { contractSuite } from "./suite.ts";

contractSuite("linux", () => LinuxWorld.start());
