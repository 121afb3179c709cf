/** boot() under a policy that forbids workers made from a Blob; run by machine.test.ts. */
import { boot } from "../../runtime/index.ts";

export async function run() {
  const embedded = await boot({ pool: 1 }).then(
    () => "booted",
    (error: Error) => error.message,
  );
  const { origin } = location;
  await using machine = await boot({
    pool: 1,
    kernelUrl: "/kernel.wasm",
    workerUrl: `${origin}/worker.js`,
  });
  const child = await machine.spawn("/machine-program.js", ["nothing"]);
  return { embedded, child: await child.wait() };
}
