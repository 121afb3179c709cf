/** ipcs and ipcrm without --linux: a machine of their own, which is new and empty. */
import { expect, test } from "vitest";
import { wasmIpc } from "./command.ts";

const EMPTY = `
------ Message Queues --------
key        msqid      owner      perms      used-bytes   messages    

------ Shared Memory Segments --------
key        shmid      owner      perms      bytes      nattch     status      

------ Semaphore Arrays --------
key        semid      owner      perms      nsems     

`;

test("ipcs prints empty tables, and says on stderr that the machine is new", () => {
  const { stdout, stderr, status } = wasmIpc("ipcs", "-a");
  expect({ stdout, status }).toEqual({ stdout: EMPTY, status: 0 });
  expect(stderr).toMatch(/^wasm-ipc ipcs: this machine is new .*--linux/);
});

test("ipcs -l prints the limits of a machine, and nothing on stderr", () => {
  const { stdout, stderr, status } = wasmIpc("ipcs", "-l");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout).toContain("\nmax size of message (bytes) = 8192\n");
  expect(stdout).toContain("\nmax total shared memory (kbytes) = 65536\n");
});

test("ipcrm finds nothing, with util-linux's message and a hint", () => {
  const { stdout, stderr, status } = wasmIpc("ipcrm", "-m", "0", "-S", "0x11");
  expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
  const [first, second, third] = stderr.split("\n");
  expect(first).toBe("ipcrm: invalid id (0)");
  expect(second).toBe("ipcrm: invalid key (0x11)");
  expect(third).toMatch(/^wasm-ipc ipcrm: this machine is new .*--linux/);
});
