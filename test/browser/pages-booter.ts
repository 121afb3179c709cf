/** A worker of pages-page.ts that boots a machine. */
import { boot } from "../../runtime/index.ts";

postMessage((await boot({ pool: 1 })).handle);
