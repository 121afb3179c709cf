/** A page that shows the demo's own page in a frame, and waits until it has counted. */
import type { Page } from "../support/browser-page.ts";

export async function run(page: Page) {
  const frame = document.createElement("iframe");
  frame.style.cssText = "width: 100%; height: 100%; border: 0; position: fixed; inset: 0";
  frame.src = "/demo/index.html";
  document.body.append(frame);
  await new Promise((loaded) => frame.addEventListener("load", loaded, { once: true }));
  const shown = frame.contentDocument!;
  await page.progress("loaded");

  await settled(shown);
  const counted = textsOf(shown);

  // As if the user had chosen a file.
  const choose = async (file: File) => {
    const input = shown.querySelector<HTMLInputElement>("#file")!;
    await until(shown, () => !input.disabled);
    const chosen = new DataTransfer();
    chosen.items.add(file);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change"));
    await settled(shown);
    return textsOf(shown);
  };
  const latin1 = new File([new Uint8Array([0x63, 0x61, 0x66, 0xe9])], "latin1.txt");
  const refused = await choose(latin1);
  const chosen = await choose(new File(["Straße, straße! 𠀀𠀁 naïve\n".repeat(2000)], "own.txt"));
  return { counted, refused, chosen };
}

function textsOf(shown: Document) {
  const text = (selector: string) => shown.querySelector(selector)?.textContent ?? "";
  return {
    result: shown.body.dataset.state,
    state: text("#state"),
    words: [...shown.querySelectorAll("#words tr")].map((row) => row.textContent),
    whileRunning: text("#while-running"),
    afterwards: text("#afterwards"),
  };
}

async function settled(shown: Document): Promise<void> {
  await until(shown, () => ["done", "failed"].includes(shown.body.dataset.state ?? ""));
}

async function until(shown: Document, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((done) => {
    const observer = new MutationObserver(() => {
      if (!holds()) return;
      observer.disconnect();
      done();
    });
    observer.observe(shown.body, { attributes: true, subtree: true, childList: true });
  });
}
