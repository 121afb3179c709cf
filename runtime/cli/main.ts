#!/usr/bin/env node
/** The entry of the command `wasm-ipc`. */
import { constants } from "node:os";
import { runCommandLine } from "./program.ts";

/** A reader that went away (`wasm-ipc ipcs | head -1`) ends a C program by SIGPIPE, quietly. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(128 + constants.signals.SIGPIPE);
});

process.exitCode = await runCommandLine(process.argv.slice(2));
