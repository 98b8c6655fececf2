// Chromium on the page of fixtures/har-page through a recording, with the browser's own recordHar of the same run.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../support/chromium.js";
import { httpsOrigin, type Origin, type OriginAuthority } from "../support/origin.js";
import { type TestRecording, testRecording } from "../support/recording.js";
import { type Site, startSite } from "./site.js";

export interface Driven {
  readonly recording: TestRecording;
  readonly site: Site;
  /** What recordHar wrote. */
  readonly browserHar: string;
  /** What the page made of the answers. */
  readonly results: unknown;
}

/** The recording has ended; its folder is still there. The site's origins are closed. */
export async function drive(
  authority: OriginAuthority,
  version: "1.1" | "2.0",
  folder: string,
): Promise<Driven> {
  const cross = await startSite(authority, { version });
  const refused = await closedPort(authority);
  const site = await startSite(authority, { version, others: { cross: cross.url, refused } });
  const recording = await testRecording({ tls: { upstreamCa: authority.caPath } });
  const browser = await launchChromium(recording.url, recording.ca.spkiFingerprint);
  const browserHar = join(folder, `browser-${version}.har`);
  try {
    const results = await visit(browser, site.url, browserHar);
    return { recording, site, browserHar: await readFile(browserHar, "utf8"), results };
  } finally {
    await browser.close();
    await recording.stop();
    await site.close();
    await cross.close();
  }
}

async function visit(browser: Browser, url: string, har: string): Promise<unknown> {
  const context = await browser.newContext({ recordHar: { path: har, content: "embed" } });
  const page = await context.newPage();
  await page.goto(`${url}/`);
  const results = await resultsOf(page);
  await context.close();
  return results;
}

/** Waits until the page has done all. */
export async function resultsOf(page: Page): Promise<unknown> {
  await page.waitForFunction("document.title === 'Done'", undefined, { timeout: 60_000 });
  return await page.evaluate("window.results");
}

async function closedPort(authority: OriginAuthority): Promise<string> {
  const origin: Origin = await httpsOrigin(authority, () => {});
  await origin.close();
  return `https://localhost:${origin.port}`;
}
