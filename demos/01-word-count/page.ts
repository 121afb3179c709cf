/** The demo in a page: the same processes, with a table for what they counted. */
import { boot } from "wasm-ipc";
import { type WordCount, wordCount } from "./word-count.ts";
import { countWords, disagreements, mostFrequent, totalOf } from "./words.ts";

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element #${id}`);
  return found as T;
}

/** A row of the table: the word, a bar as long as its share of the most frequent one, the count. */
function row(word: string, times: number, most: number): HTMLTableRowElement {
  const line = document.createElement("tr");
  const bar = document.createElement("span");
  bar.className = "bar";
  bar.style.width = `${(100 * times) / most}%`;
  const cells = [word, bar, times.toLocaleString("en")].map((content) => {
    const cell = document.createElement("td");
    cell.append(content);
    return cell;
  });
  line.append(...cells);
  return line;
}

async function show(result: WordCount, address: string, elapsedMs: number): Promise<void> {
  const plain = countWords(await (await fetch(address)).text(), new Map());
  const wrong = disagreements(result.counts, plain);
  const words = mostFrequent(result.counts, 10);
  const most = words[0]?.[1] ?? 1;
  element("words").replaceChildren(...words.map(([word, times]) => row(word, times, most)));
  element("while-running").textContent = result.objectsWhileRunning.trim();
  element("afterwards").textContent = result.objectsAfterwards.trim();
  const numbers = [totalOf(result.counts), result.counts.size, Math.round(elapsedMs)];
  const [total, different, ms] = numbers.map((number) => number.toLocaleString("en"));
  setState(
    wrong.length === 0 ? "done" : "failed",
    `${total} words, ${different} different, in ${ms} ms. A plain count of the same text ` +
      (wrong.length === 0 ? "agrees." : `disagrees about: ${wrong.slice(0, 10).join(" ")}`),
  );
}

function setState(state: "running" | "done" | "failed", text: string): void {
  element("state").textContent = text;
  document.body.dataset.state = state;
}

async function count(name: string, address: string): Promise<void> {
  const input = element<HTMLInputElement>("file");
  input.disabled = true;
  element("name").textContent = name;
  for (const id of ["words", "while-running", "afterwards"]) element(id).replaceChildren();
  setState("running", "Counting …");
  try {
    await using machine = await boot();
    const start = performance.now();
    const result = await wordCount(machine, address);
    await show(result, address, performance.now() - start);
  } catch (error) {
    setState("failed", `${name}: ${(error as Error).message}`);
  } finally {
    input.disabled = false;
  }
}

element("file").addEventListener("change", async (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (file === undefined) return;
  const address = URL.createObjectURL(file);
  await count(file.name, address);
  URL.revokeObjectURL(address);
});

await count("the longest text of this repository", new URL("text.md", document.baseURI).href);
