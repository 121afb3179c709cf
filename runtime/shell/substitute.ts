/** $(command): what it prints, without the newlines at the end. */

import { STDOUT_FILENO } from "../../assembly/abi/unistd.ts";
import { CHUNK_BYTES, joined, readOnce } from "../api/descriptor.ts";
import { awaitProcess } from "./await.ts";
import { moveDescriptor, privatePipe, Saved } from "./descriptors.ts";
import { exitStatus } from "./jobs.ts";
import { launchShell } from "./launch.ts";
import type { Shell } from "./shell.ts";
import type { Sequence } from "./tree.ts";

export async function substitute(shell: Shell, body: Sequence): Promise<string> {
  if (body.items.length === 0) {
    shell.substituted = 0;
    return "";
  }
  const output =
    (await shell.interpreter.captured(shell, body)) ?? (await outputOfChild(shell, body));
  return output.replaceAll("\0", "").replace(/\n+$/, "");
}

async function outputOfChild(shell: Shell, body: Sequence): Promise<string> {
  const { sys } = shell;
  const [reader, writer] = privatePipe(sys);
  const saved = new Saved(sys);
  let pid: number;
  try {
    saved.keep(STDOUT_FILENO);
    moveDescriptor(sys, writer, STDOUT_FILENO);
    pid = await launchShell(shell, body);
  } catch (error) {
    sys.close(reader);
    throw error;
  } finally {
    saved.restore();
  }
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (
    let count = readOnce(sys, reader, buffer);
    count > 0;
    count = readOnce(sys, reader, buffer)
  ) {
    parts.push(buffer.slice(0, count));
  }
  sys.close(reader);
  shell.substituted = exitStatus(awaitProcess(shell, pid));
  return new TextDecoder().decode(joined(parts));
}
