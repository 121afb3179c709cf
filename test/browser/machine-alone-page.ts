/** boot() in a page without the isolation headers; run by machine.test.ts. */
import { boot } from "../../runtime/index.ts";

export async function run() {
  return boot().then(
    () => "booted",
    (error: Error) => error.message,
  );
}
