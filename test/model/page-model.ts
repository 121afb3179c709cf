/**
 * The page allocator in plain TypeScript: free extents, oldest first; the first that fits is cut at
 * its front, else frames that were never used are taken; a freed extent merges with its neighbours
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
    if (found === undefined) {
      if (this.fresh + count > this.frames) return null;
      this.fresh += count;
      return this.fresh - count;
    }
    const rest = { start: found.start + count, count: found.count - count };
    this.free.splice(index, 1, ...(rest.count === 0 ? [] : [rest]));
    return found.start;
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
    return Math.max(this.frames - this.fresh, ...this.free.map(({ count }) => count));
  }
}
