/** One file of grep(1): its lines that match, with names, numbers and context. */

import { SystemError } from "../../host/errno.ts";
import type { Matcher } from "./grep-matcher.ts";
import { byteText, lines, textBytes, utf8Text, withoutDelimiter } from "./input.ts";
import type { Tool } from "./tool.ts";

export interface GrepStyle {
  /** Letters of the options. */
  readonly has: ReadonlySet<string>;
  /** Lines begin with the file's name. */
  readonly isNamed: boolean;
  readonly before: number;
  readonly after: number;
  /** One of -A, -B and -C was given, be it with 0. */
  readonly hasContext: boolean;
  /** -m: lines after which a file is done. */
  readonly most: number;
  readonly delimiter: number;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** What is known of the file that is read. */
interface Progress {
  selected: number;
  number: number;
  /** Lines before, that may become context. */
  held: Line[];
  /** Lines after a match that are still to be shown. */
  trailing: number;
  /** The last line shown, to tell where a gap is. */
  shown: number;
  isBinary: boolean;
}

export class GrepFile {
  readonly #tool: Tool;
  readonly #matcher: Matcher;
  readonly #style: GrepStyle;
  readonly #end: string;
  /** Something was shown before, so that a gap needs its mark. */
  #hasShown = false;

  constructor(tool: Tool, matcher: Matcher, style: GrepStyle) {
    this.#tool = tool;
    this.#matcher = matcher;
    this.#style = style;
    this.#end = style.delimiter === 0 ? "\0" : "\n";
  }

  /**
   * @param failed is told why the rest of the file cannot be read
   * @returns whether the file counts as found: it has a match, or with -L none
   */
  search(fd: number, name: string, failed: (error: unknown) => void): boolean {
    const progress: Progress = {
      selected: 0,
      number: 0,
      held: [],
      trailing: 0,
      shown: -1,
      isBinary: false,
    };
    try {
      this.#lines(fd, name, progress);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      failed(error);
    }
    this.#finish(progress, name);
    const { has } = this.#style;
    return has.has("L") && !has.has("q") ? progress.selected === 0 : progress.selected > 0;
  }

  #lines(fd: number, name: string, progress: Progress): void {
    const { delimiter } = this.#style;
    const look = (part: Uint8Array) => {
      if (delimiter !== 0 && part.includes(0)) progress.isBinary = true;
    };
    for (const line of lines(this.#tool.sys, fd, delimiter, look)) {
      const text = byteText(withoutDelimiter(line, delimiter));
      // What is no text has lines that end with NUL as well.
      for (const each of progress.isBinary ? text.split("\0") : [text]) {
        if (!this.#line(each, name, progress)) return;
      }
    }
  }

  /** @returns false when the file is done */
  #line(text: string, name: string, progress: Progress): boolean {
    const { has, most } = this.#style;
    const isOver = progress.selected >= most;
    if (isOver && progress.trailing === 0) return false;
    progress.number++;
    const isSelected = !isOver && this.#matcher.test(text) !== has.has("v");
    if (isSelected) progress.selected++;
    if (has.has("l") || has.has("L") || has.has("q")) return !isSelected;
    if (has.has("c")) return true;
    return this.#show(progress, { number: progress.number, text }, isSelected, name);
  }

  #finish({ selected }: Progress, name: string): void {
    const { has, isNamed } = this.#style;
    if (has.has("q")) return;
    if (has.has("c") && !has.has("l") && !has.has("L")) {
      this.#tool.out.text(`${isNamed ? `${name}:` : ""}${selected}\n`);
    }
    if ((has.has("l") && selected > 0) || (has.has("L") && selected === 0)) {
      this.#tool.out.text(`${name}\n`);
    }
  }

  /** @returns false when the file is done, because it is no text */
  #show(progress: Progress, line: Line, isSelected: boolean, name: string): boolean {
    if (isSelected && progress.isBinary) {
      this.#tool.say(`${name}: binary file matches`);
      return false;
    }
    const { before, after } = this.#style;
    if (isSelected) {
      for (const each of progress.held) this.#print(progress, each, "-", name);
      progress.held = [];
      this.#print(progress, line, ":", name);
      progress.trailing = after;
    } else if (progress.trailing > 0) {
      progress.trailing--;
      this.#print(progress, line, "-", name);
    } else if (before > 0) {
      progress.held.push(line);
      if (progress.held.length > before) progress.held.shift();
    }
    return true;
  }

  #print(progress: Progress, line: Line, mark: ":" | "-", name: string): void {
    const { has, isNamed, hasContext } = this.#style;
    const isGap = this.#hasShown && progress.shown !== line.number - 1;
    if (hasContext && isGap) {
      this.#tool.out.text("--\n");
    }
    this.#hasShown = true;
    progress.shown = line.number;
    const named = isNamed ? `${utf8Text(name)}${mark}` : "";
    const prefix = `${named}${has.has("n") ? `${line.number}${mark}` : ""}`;
    if (!has.has("o")) {
      this.#write(prefix + line.text);
      return;
    }
    if (mark === "-" || has.has("v")) return;
    for (const { from, to } of this.#matcher.spans(line.text)) {
      this.#write(prefix + line.text.slice(from, to));
    }
  }

  #write(text: string): void {
    this.#tool.out.bytes(textBytes(text + this.#end));
  }
}
