/**
 * The page allocator in plain TypeScript: free extents, oldest first; the first that fits is cut at
 * its front, else frames that were never used are taken, with those free before them; a freed extent merges with its neighbours
 * and goes to the end. What it cannot place is ENOMEM, even if as many frames are free in pieces.
 */
export interface Extent {
  readonly start: number;
  readonly count: number;
}

export class PageModel {
  readonly frames: number;
  free: Extent[] = [];
  /** Frames from here on were never used. */
  fresh = 0;

  constructor(frames: number) {
    this.frames = frames;
  }

  /** The first frame of `count` together, or null. */
  take(count: number): number | null {
    const index = this.free.findIndex((extent) => extent.count >= count);
    const found = this.free[index];
    if (found === undefined) return this.#takeFresh(count);
    const rest = { start: found.start + count, count: found.count - count };
    this.free.splice(index, 1, ...(rest.count === 0 ? [] : [rest]));
    return found.start;
  }

  #takeFresh(count: number): number | null {
    const last = this.#last;
    const start = last?.start ?? this.fresh;
    if (start + count > this.frames) return null;
    this.free = this.free.filter((extent) => extent !== last);
    this.fresh = start + count;
    return start;
  }

  /** The free extent that ends where the frames begin that were never used. */
  get #last(): Extent | undefined {
    return this.free.find(({ start, count }) => start + count === this.fresh);
  }

  give(start: number, count: number): void {
    const before = this.free.find((extent) => extent.start + extent.count === start);
    const after = this.free.find((extent) => extent.start === start + count);
    this.free = this.free.filter((extent) => extent !== before && extent !== after);
    this.free.push({
      start: before?.start ?? start,
      count: count + (before?.count ?? 0) + (after?.count ?? 0),
    });
  }

  /** Frames that nobody has. */
  get unused(): number {
    return this.frames - this.fresh + this.free.reduce((sum, { count }) => sum + count, 0);
  }

  /** The longest extent that could be had. */
  get longest(): number {
    const end = this.frames - (this.#last?.start ?? this.fresh);
    return Math.max(end, ...this.free.map(({ count }) => count));
  }
}
