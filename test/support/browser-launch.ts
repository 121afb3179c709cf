/**
 * One page open in one headless browser with a fresh profile. Chromium is driven by playwright-core.
 * Debian's Firefox lacks what playwright needs, so it is only given the address, and what it
 * prints is read. A launched browser lives until it is disposed of.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BrowserName, findBrowser } from "./browser-find.ts";

export interface PageEvents {
  /** Gets each error that the page and its workers print. */
  onError(line: string): void;
  /** Gets the reason when the browser or its page ends, by itself or disposed of. */
  onEnd(reason: string): void;
}

export interface OpenPage extends AsyncDisposable {
  /** A picture of the page as PNG; Chromium only. */
  screenshot(path: string): Promise<void>;
}

export function openPage(name: BrowserName, url: string, events: PageEvents): Promise<OpenPage> {
  return name === "chromium" ? openChromium(url, events) : openFirefox(url, events);
}

const CHROMIUM_FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

async function openChromium(url: string, events: PageEvents): Promise<OpenPage> {
  const { chromium } = await import("playwright-core");
  // Root, as which CI runs, may not use the sandbox.
  const browser = await chromium.launch({
    executablePath: findBrowser("chromium"),
    chromiumSandbox: false,
    args: CHROMIUM_FLAGS,
  });
  browser.once("disconnected", () => events.onEnd("chromium ended"));
  try {
    const page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") events.onError(message.text());
    });
    page.on("pageerror", (error) => events.onError(error.stack ?? String(error)));
    page.once("crash", () => events.onEnd("the page crashed"));
    await page.goto(url, { waitUntil: "commit" });
    return {
      async screenshot(path) {
        await page.screenshot({ path });
      },
      [Symbol.asyncDispose]: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Nothing that asks, updates, reports home or starts slowly; and the console on standard output. */
const FIREFOX_PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.dom.window.dump.enabled": true,
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "devtools.console.stdout.content": true,
  "dom.disable_open_during_load": false,
  "extensions.getAddons.cache.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
};

/** An error of the page or a worker; Firefox's own end with the name of a part of it and ": ". */
const PAGE_ERROR = /^JavaScript error: (https?|blob):|^console\.error: (?![\w.]+: $)/;

async function openFirefox(url: string, events: PageEvents): Promise<OpenPage> {
  const executable = findBrowser("firefox");
  const profile = await mkdtemp(join(tmpdir(), "firefox-"));
  const preferences = Object.entries(FIREFOX_PREFERENCES).map(
    ([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`,
  );
  await writeFile(join(profile, "user.js"), preferences.join(""));
  // A group of its own, because Firefox is several processes; its home is the profile, so that
  // nothing stays behind.
  const child = spawn(executable, ["--headless", "--no-remote", "--profile", profile, url], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, HOME: profile, MOZ_REMOTE_SETTINGS_DEVTOOLS: "1" },
  });
  await once(child, "spawn");
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      if (PAGE_ERROR.test(line)) events.onError(line);
    });
  }
  const exited = once(child, "exit").then(() => events.onEnd("firefox ended"));
  const watch = removeWhenKilled(child, profile);
  return {
    async screenshot() {
      throw new Error("screenshot: only Chromium takes one, got firefox");
    },
    async [Symbol.asyncDispose]() {
      // SIGKILL at once: the profile is thrown away, so there is nothing to save.
      killGroup(child);
      await exited;
      watch[Symbol.dispose]();
      await rm(profile, REMOVE);
    },
  };
}

/** The other processes of the group may still write while they are being killed. */
const REMOVE = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 };
const DEADLY = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A test run that is interrupted leaves no browser and no profile behind. */
function removeWhenKilled(child: ChildProcess, profile: string): Disposable {
  const onExit = () => {
    killGroup(child);
    rmSync(profile, REMOVE);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    stop();
    onExit();
    // Having listened took the signal's default action away.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const stop = () => {
    process.off("exit", onExit);
    for (const signal of DEADLY) process.off(signal, onSignal);
  };
  process.on("exit", onExit);
  for (const signal of DEADLY) process.on(signal, onSignal);
  return { [Symbol.dispose]: stop };
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
