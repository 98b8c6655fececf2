// Playwright's routeFromHAR answers a page from our HAR, with the origin and the proxy gone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportHar } from "../../src/operations/export-har.js";
import { launchChromium } from "../support/chromium.js";
import { originAuthority } from "../support/origin.js";
import { drive, resultsOf } from "./drive.js";

test.each(["1.1", "2.0"] as const)("HTTP/%s: the page works", { timeout: 120_000 }, async (version) => {
  const authority = await originAuthority();
  const folder = await mkdtemp(join(tmpdir(), "trafficctl-har-"));
  const { recording, site, results } = await drive(authority, version, folder);
  const path = join(folder, "ours.har");
  const flags = { hostnames: ["localhost"] };
  await exportHar({ home: recording.home, words: ["last"], flags, output: path, redact: "off" });
  const browser = await launchChromium(recording.url, recording.ca.spkiFingerprint);
  try {
    const page = await browser.newPage();
    await page.routeFromHAR(path, { notFound: "abort" });
    await page.addInitScript("window.withoutWebSocket = true");
    await page.goto(`${site.url}/`);
    const { websocket: _none, ...expected } = Object(results);
    expect(await resultsOf(page)).toEqual({
      ...expected,
      // What failed has status 0, as Chrome writes it, and what was cut is as long as it came: Playwright answers so.
      "aborted early": "",
      broken: "only this",
      refused: "",
    });
  } finally {
    await browser.close();
    await recording.remove();
    await authority.remove();
    await rm(folder, { recursive: true });
  }
});
