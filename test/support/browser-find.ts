/** Where the browsers of this machine are. A missing one is an error that says how to install it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export const BROWSERS = ["chromium", "firefox"] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** The Debian package, the variable that names another executable, and where to look. */
const KNOWN: Record<BrowserName, { debian: string; variable: string; candidates: string[] }> = {
  chromium: {
    debian: "chromium",
    variable: "CHROMIUM",
    candidates: [
      "chromium",
      "chromium-browser",
      "google-chrome-stable",
      "google-chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
  },
  firefox: {
    debian: "firefox-esr",
    variable: "FIREFOX",
    candidates: ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
  },
};

export const debianPackageOf = (name: BrowserName): string => KNOWN[name].debian;

/** @throws {Error} with the commands that install the browser. */
export function findBrowser(name: BrowserName): string {
  const { debian, variable, candidates } = KNOWN[name];
  const chosen = process.env[variable];
  for (const candidate of chosen ? [chosen] : candidates) {
    const path = executable(candidate);
    if (path !== undefined) return path;
  }
  throw new Error(
    `${name} is ${chosen ? `not at ${variable}=${chosen}` : "not installed"}. On Debian: ` +
      `sudo apt-get update && sudo apt-get install -y ${debian}; ` +
      `elsewhere install it and, if it is not found, set ${variable} to its executable.`,
  );
}

function executable(candidate: string): string | undefined {
  const folders = candidate.includes("/") ? [""] : (process.env.PATH ?? "").split(delimiter);
  for (const folder of folders) {
    const path = join(folder, candidate);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch (error) {
      if (!["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) {
        throw error;
      }
    }
  }
  return undefined;
}
