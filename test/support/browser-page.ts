/** The page's half of runInBrowser(): runs the entry and reports over the server. No imports. */

/** What an entry's run() is given. */
export interface Page {
  /** Hands a JSON value to runInBrowser()'s `onProgress`. */
  progress(value: unknown): Promise<void>;
}

export type Report =
  | { kind: "loaded" }
  | { kind: "progress"; value: unknown }
  | { kind: "result"; value: unknown }
  | { kind: "error"; message: string };

async function report(body: Report): Promise<void> {
  const response = await fetch("/report", { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`report: ${response.status} ${await response.text()}`);
}

/** Runs an entry; its result, or what it threw, is the last report. */
export async function runEntry(run: (page: Page) => unknown): Promise<void> {
  await report({ kind: "loaded" });
  try {
    const value = await run({ progress: (value) => report({ kind: "progress", value }) });
    await report({ kind: "result", value: value ?? null });
  } catch (error) {
    const message = error instanceof Error ? `${error}\n${error.stack}` : String(error);
    await report({ kind: "error", message });
  }
}
