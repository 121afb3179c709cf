import { describe, expect, it } from "vitest";
import { runInBrowser } from "../support/browser.ts";
import { BROWSERS } from "../support/browser-find.ts";

describe.each(BROWSERS)("volumes in %s", (browser) => {
  it("are objects and file systems of the page, and no directories", async () => {
    const entry = new URL("./volume-page.js", import.meta.url);
    const synced = { "/a/text": "seed", "/a/new": "new" };
    expect(await runInBrowser(browser, { entry })).toEqual({
      seeded: ["seed", "small"],
      synced,
      ended: { ...synced, "/a/last": "last" },
      small: ["/", "/moved", "/moved/file"],
      moved: "SMALL",
      refused: expect.stringMatching(
        /the volume at \/v cannot be mounted: a page has no directory/,
      ),
    });
  });
});
