/** A shell with somebody in front of it: prompts, and news of what has ended in the background. */
import { collect } from "./await.ts";
import { expandWord } from "./expand.ts";
import { runLines, standardInput } from "./session.ts";
import type { Shell } from "./shell.ts";

/** PS1 and PS2 are expanded like a text in double quotes. */
async function prompt(shell: Shell, name: "PS1" | "PS2"): Promise<void> {
  const { promptWord } = await import("./parse.ts");
  const { status } = shell;
  const text = await expandWord(shell, promptWord(shell.variables.get(name) ?? ""));
  shell.complain(text.replace(/\n$/, ""));
  shell.status = status;
}

/** Jobs that have ended since the last prompt, a line each. */
function tellJobs(shell: Shell): void {
  collect(shell);
  for (const job of shell.jobs.fromCurrent) {
    if (!job.isDone) continue;
    if (!job.wasAwaited) shell.complain(`${shell.jobs.line(job)}\n`);
    shell.jobs.remove(job);
  }
}

/** Commands of standard input, each after a prompt. @returns the exit status */
export async function runInteractive(shell: Shell): Promise<number> {
  shell.isInteractive = true;
  shell.traps.beInteractive();
  shell.warn("can't access tty; job control turned off", 0);
  const readLine = standardInput(shell);
  return await runLines(shell, async (isContinued) => {
    if (!isContinued) tellJobs(shell);
    await prompt(shell, isContinued ? "PS2" : "PS1");
    const line = await readLine(isContinued);
    if (line === undefined) shell.complain("\n");
    return line;
  });
}
